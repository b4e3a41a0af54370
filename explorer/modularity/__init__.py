"""Cut trees, partitions into modules, figures and their null models."""

from pathlib import Path

from explorer.modularity.kernel_cache import drop_stale_kernels

_HERE = Path(__file__).parent
for _folder in (_HERE, _HERE / "cut_tree"):
    drop_stale_kernels(_folder)
