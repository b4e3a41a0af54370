"""The gradient of a loss of a cut tree's values with respect to the weights of the graph.

The value of a tree edge is the sum of the weights that cross it. As long as the tree stays the
same, it is linear in the weights: an edge (u, v) of the graph crosses exactly the tree edges on
the path from u to v, so that ::

    dL/dw(u, v) = sum of dL/dc over the tree path from u to v = R[u] + R[v] - 2 R[meet],

with R the sums from the root and `meet` the lowest common ancestor. Where a small change of the
weights changes the tree, the value is a minimum of several cuts, and this is one of its
supergradients.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GraphError
from explorer.modularity.cut_tree.engine import checked_graph
from explorer.modularity.cut_tree.tree_path_kernels import heavy_chains, path_gradient
from explorer.modularity.cut_tree.verification import checked_tree


def cut_value_gradient(
    n: int, u: ArrayLike, v: ArrayLike, parent: ArrayLike, value_gradient: ArrayLike
) -> NDArray[np.float64]:
    """Carry the gradient of a loss from the values of the tree edges to the weights of the graph.

    Takes O(1) for each edge in a tree like those of networks, O(log n) in the worst one.

    Parameters
    ----------
    n, u, v
        The graph, as for :func:`explorer.modularity.cut_tree.engine.gomory_hu_arrays`.
    parent : array_like of int, shape (n,)
        Its cut tree.
    value_gradient : array_like of float, shape (n,)
        dL / d value[x]. What stands at the root is not looked at.

    Returns
    -------
    array of float64, shape (edges,)
        dL / d capacity[e]; 0 for self-loops.

    Raises
    ------
    GraphError
        If the arrays do not fit together or `parent` is no tree.

    Examples
    --------
    The sum of both values counts an edge once for every tree edge on its path:

    >>> cut_value_gradient(3, [0, 1, 0], [1, 2, 2], [1, -1, 1], [1.0, 0.0, 1.0])
    array([1., 1., 2.])
    """
    n, u, v = checked_graph(n, u, v)
    tree = checked_tree(n, parent)
    gradient = np.ascontiguousarray(value_gradient, dtype=np.float64)
    if gradient.shape != (n,):
        raise GraphError(
            f"The gradient has shape {gradient.shape}; expected ({n},), one entry per node."
        )
    if n == 0:
        return np.empty(0)
    return path_gradient(u, v, gradient, heavy_chains(tree))
