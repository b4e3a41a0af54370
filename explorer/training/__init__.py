"""Training small networks, with the losses that make them modular."""

from pathlib import Path

from explorer.modularity.kernel_cache import drop_stale_kernels

drop_stale_kernels(Path(__file__).parent / "losses")
