"""Cut trees, partitions into modules, figures and their null models."""
