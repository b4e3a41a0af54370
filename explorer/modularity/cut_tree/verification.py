"""Re-checking a cut tree against its graph.

Two statements make up a cut tree. *Values*: each tree edge has the weight of the cut that its
removal makes. *Minimality*: no cut between its two ends is lighter. The first is checked by
adding up, for every tree edge, the weights of the edges whose tree path runs through it. The
second takes one maximum flow for each tree edge, and these run on a plain Dinic algorithm over
the whole graph, which shares nothing with the engine.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GraphError
from explorer.modularity.cut_tree.dinic_kernels import maximum_flows
from explorer.modularity.cut_tree.engine import (
    checked_capacity,
    checked_graph,
    checked_indices,
    fixed_point,
)
from explorer.modularity.cut_tree.tree_path_kernels import heavy_chains, parents_first, path_sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def check_cut_values(
    n: int,
    u: ArrayLike,
    v: ArrayLike,
    capacity: ArrayLike,
    parent: ArrayLike,
    value: ArrayLike,
    *,
    full: bool = False,
) -> float:
    """Compare the values of a tree's edges with the cuts that they make.

    Parameters
    ----------
    n, u, v, capacity
        The graph, as for :func:`explorer.modularity.cut_tree.engine.gomory_hu_arrays`.
    parent, value : array_like, shape (n,)
        The tree, in the form which that function gives.
    full : bool
        Compare with a maximum flow for every tree edge too. This is slow: n - 1 flows.

    Returns
    -------
    float
        The largest difference found, relative to the larger of the two numbers; 0 for a tree of
        less than two nodes.

    Raises
    ------
    GraphError
        If the arrays do not fit together or `parent` is no tree.

    Examples
    --------
    >>> graph = 3, [0, 1, 0], [1, 2, 2], [3.0, 2.0, 1.0]
    >>> check_cut_values(*graph, [1, -1, 1], [4.0, np.inf, 3.0], full=True)
    0.0

    The values of this tree belong to its cuts, and yet one of them, 5, is not a minimum, 3:

    >>> tree = [2, 2, -1], [4.0, 5.0, np.inf]
    >>> check_cut_values(*graph, *tree)
    0.0
    >>> check_cut_values(*graph, *tree, full=True)
    0.4
    """
    n, u, v = checked_graph(n, u, v)
    weight = checked_capacity(capacity, len(u))
    tree = checked_tree(n, parent)
    claimed = np.asarray(value, dtype=np.float64)
    if claimed.shape != (n,):
        raise GraphError(f"value has shape {claimed.shape}; expected ({n},), one per node.")
    nodes = np.flatnonzero(tree >= 0)
    if len(nodes) == 0:
        return 0.0
    made = path_sums(u, v, weight, heavy_chains(tree))[nodes]
    worst = worst_difference(claimed[nodes], made)
    if full:
        # Both in fixed point, which the flows need: its quantum then cancels out.
        fixed = fixed_point(weight)
        sides = path_sums(u, v, fixed.astype(np.float64), heavy_chains(tree))[nodes]
        flows = maximum_flows(n, u, v, fixed, nodes, tree[nodes])
        worst = max(worst, worst_difference(sides, flows.astype(np.float64)))
    return worst


def cut_values(
    n: int, u: ArrayLike, v: ArrayLike, capacity: ArrayLike, parent: ArrayLike
) -> Floats:
    """Weight of the cut that the removal of each tree edge makes, shape (n,); 0 at the root."""
    n, u, v = checked_graph(n, u, v)
    weight = checked_capacity(capacity, len(u))
    tree = checked_tree(n, parent)
    if n == 0:
        return np.empty(0)
    made = path_sums(u, v, weight, heavy_chains(tree))
    made[tree < 0] = 0.0
    return made


def worst_difference(a: Floats, b: Floats) -> float:
    """Give the largest difference relative to the larger number; inf where one is not finite."""
    larger = np.maximum(np.abs(a), np.abs(b))
    with np.errstate(invalid="ignore"):
        difference = np.where(larger > 0, np.abs(a - b) / np.where(larger > 0, larger, 1.0), 0.0)
    return float(np.where(np.isfinite(difference), difference, np.inf).max())


def checked_tree(n: int, parent: ArrayLike) -> Ints:
    """Give a rooted tree as an int64 array, or raise GraphError."""
    array = np.asarray(parent)
    if array.shape != (n,):
        raise GraphError(f"parent has shape {array.shape}; expected ({n},), one per node.")
    if n == 0:
        return np.empty(0, np.int64)
    if array.dtype.kind not in "iu":
        raise GraphError(f"parent holds {array.dtype} values; expected integer node indices.")
    roots = int((array == -1).sum())
    if roots != 1:
        raise GraphError(f"parent has {roots} roots, marked by -1; expected 1.")
    tree = np.ascontiguousarray(array, dtype=np.int64)
    checked_indices("parent", tree[tree != -1], n)
    seen = len(parents_first(tree))
    if seen != n:
        raise GraphError(f"parent leads from {seen} nodes to the root; expected all {n}.")
    return tree
