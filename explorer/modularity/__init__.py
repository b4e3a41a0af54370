"""Cut trees, partitions into modules, figures and their null models."""

from explorer.modularity.kernel_cache import drop_stale_kernels

drop_stale_kernels()
