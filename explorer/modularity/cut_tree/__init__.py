"""Exact Gomory-Hu cut trees: engine, tree, verification, gradient, certificate and files.

The names that the rest of the package uses; each file's docstring says what it is for.
"""

from explorer.modularity.cut_tree.engine import CutTreeEngine, gomory_hu_arrays, warm_up
from explorer.modularity.cut_tree.tree import CutTree, gomory_hu_tree

__all__ = ["CutTree", "CutTreeEngine", "gomory_hu_arrays", "gomory_hu_tree", "warm_up"]
