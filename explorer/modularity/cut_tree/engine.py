r"""Exact cut trees of undirected weighted graphs (Gomory and Hu), array in, array out.

A cut tree has the nodes of the graph. The lightest edge on the tree path between two nodes has
the value of a minimum cut between them, and removing it leaves the two sides of such a cut.

The idea
--------
Almost every minimum cut of a network isolates one neuron, and this can be seen without a flow.
Nodes are visited by falling weighted degree d, and gathered in a *sink* H, one contracted node
that starts as the first of them, the *root* r. For the next node v,

1. *quick certificate*: if every neighbour u outside H has cap(u, H) >= cap(u, v), then d(v) can
   flow from v into H along paths of at most two edges, and {v} is a minimum cut;
2. otherwise all arcs of v are saturated, and what its neighbours cannot pass on is sent along
   three edges, then along layers as Dinic does, in a search that stops when it has found enough
   open capacity into H; none of this leaves the neighbourhood of v in a typical case;
3. if the flow is d(v), the tree edge (v, r) has the value d(v), and v joins H;
4. if it is less, the items S that v can still reach are a minimum cut between v and r. S becomes
   a problem of its own with root v and everything else contracted into one item, outside S is
   contracted into one item, and a tree edge joins whatever takes the places of the two items.

An item c that a contraction made stands for the tree edge behind it. It is visited by degree as
well, but needs no flow: it joins H when its turn comes. If a later cut side contains it before
that, its tree edge moves along: Gusfield's rule for cuts that cross. When a problem is done, its
root takes the remaining ends of tree edges. Nodes of one edge are taken away first, again and
again, since each is a minimum cut between itself and its neighbour.

Why it is right
---------------
Write f(a, b) for the value of a minimum cut between a and b, in the graph of a problem.

*Lemma 1* (Gomory and Hu). If S is a minimum cut between some two nodes, then contracting its
outside changes no minimum cut value between two nodes of S: if X is a minimum cut between a and b
in S, one of X and its complement, met with S, is no larger, by submodularity. Contraction never
lowers a value.

*Invariant A*: every item c that is contracted or in H has f(c, r) = d(c), the degree in the graph
of the problem. *Invariant B*: if a tree edge of value x stands between two problems, whose roots
are r and r', then a minimum cut between r and r' has the value x in the whole graph, and the tree
edge separates its two sides.

*A step is exact.* A cut that splits H separates a member h from r, so it weighs at least
f(h, r) = d(h) >= d(v) by A, since members are visited by falling degree. A cut that does not
split H weighs at least the maximum flow from v into the contracted H, which is at most d(v).
Hence that flow is f(v, r): no cut below d(v) is lost by the contraction. If it is d(v), {v} is a
minimum cut, and A holds for v in H. For a contracted item in its turn, f(c, r) = d(c) is A itself,
so that it may join H. Else S, which v reaches in the residual graph, is a minimum cut.

*A is kept.* Let x = f(v, r) be the value of S. Outside, the new item has degree x and
f(item, r) >= f(v, r) = x, since it contains v. Inside, likewise with the root v. A contracted
item c outside S keeps its root, and f(c, r) does not fall. For c inside, the root becomes v: S
separates c from r, hence d(c) = f(c, r) <= x, and f(c, v) >= min(f(c, r), f(r, v)) = d(c). The
singleton {c} weighs as much, so f(c, v) = d(c). The same argument in the whole graph, with the
root of c's problem in the place of c, gives B.

*The end.* Each problem comes down to its root, hence B says that every tree edge separates a
minimum cut between its own two ends, and that is a cut tree: for any a, b the lightest edge on
the path is an upper bound by its sides and a lower bound by f(a, b) >= min over the path.

Merging parallel edges is part of step 1: the certificate looks at one arc at a time.

Fixed point, and its quantum
----------------------------
Flows run in int64, on capacities times a power of two such that their sum is at most 2**60, so
that the steps above are exact with no tolerance. Capacities are thereby rounded to their sum over
2**60: integers below 2**53 in all are kept as they are, and weights that span up to some 9
decades lose nothing that the eye can see. *Where the weights span more than about 12 decades, cuts
smaller than the quantum times the number of their edges are not told apart*: the tree is then
exact for the rounded weights. Its values are always sums of the weights as given, added up along
tree paths without any subtraction; a value is the weight of the cut that its tree edge makes.

References
----------
.. [1] R. E. Gomory and T. C. Hu, "Multi-terminal network flows", J. SIAM 9 (1961) 551-570.
.. [2] D. Gusfield, "Very simple methods for all pairs network flow analysis", SIAM J. Comput. 19
   (1990) 143-155.
.. [3] A. V. Goldberg and K. Tsioutsiouliklis, "Cut tree algorithms: an experimental study",
   J. Algorithms 38 (2001) 51-83.
.. [4] V. Kolmogorov, "OrderedCuts: A new approach for computing Gomory-Hu tree",
   arXiv:2208.02000 (2022). The visits by falling degree are such an ordered sequence of cuts.
.. [5] T. Akiba et al., "Cut tree construction from massive graphs", ICDM 2016, arXiv:1609.08723.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from explorer.errors import GraphError
from explorer.modularity.cut_tree.row_kernels import (
    add_up,
    empty_rows,
    fill_rows,
    layout,
    merge_parallel,
    peel_leaves,
)
from explorer.modularity.cut_tree.sweep_kernels import grow_tree
from explorer.modularity.cut_tree.tree_path_kernels import heavy_chains, oriented, path_sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FIXED_POINT_BITS = 60
LARGEST = 2**28  # nodes or edges, so that arcs and items have 32-bit numbers


def gomory_hu_arrays(
    n: int, u: ArrayLike, v: ArrayLike, capacity: ArrayLike
) -> tuple[Ints, Floats]:
    """Find a cut tree of an undirected weighted graph.

    Parameters
    ----------
    n : int
        Number of nodes, 0 or more.
    u, v : array_like of int, shape (edges,)
        The two ends of each edge, 0 .. n - 1. Parallel edges add up, self-loops count for nothing.
    capacity : array_like of float, shape (edges,)
        Weights of the edges, finite and >= 0, in any unit.

    Returns
    -------
    parent : array of int64, shape (n,)
        The tree, rooted; -1 at the root.
    value : array of float64, shape (n,)
        The value of the minimum cut between x and parent[x], whose sides are what removing this
        tree edge leaves; inf at the root, 0 between components. In the unit of `capacity`.

    Raises
    ------
    GraphError
        For indices out of range, arrays that do not fit together or are of a wrong type, and
        weights that are NaN, infinite, negative, or too large to add up.

    Examples
    --------
    A triangle with weights 3, 2 and 1, and a node apart:

    >>> parent, value = gomory_hu_arrays(4, [0, 1, 0], [1, 2, 2], [3.0, 2.0, 1.0])
    >>> parent
    array([ 1, -1,  1,  1])
    >>> value
    array([ 4., inf,  3.,  0.])
    """
    return CutTreeEngine(n, u, v).solve(capacity)


class CutTreeEngine:
    """Cut trees of one graph under changing weights, as in a training loop.

    Checks the graph, lays out its rows and holds the arrays to work in, once. Not to be shared
    between threads.

    Parameters
    ----------
    n, u, v
        As for :func:`gomory_hu_arrays`.

    Raises
    ------
    GraphError
        As :func:`gomory_hu_arrays` does.

    Examples
    --------
    >>> engine = CutTreeEngine(3, [0, 1, 0], [1, 2, 2])
    >>> engine.solve([3.0, 2.0, 1.0])[1]
    array([ 4., inf,  3.])
    >>> engine.solve([3.0, 2.0, 2.0])[1]
    array([inf,  5.,  4.])
    """

    def __init__(self, n: int, u: ArrayLike, v: ArrayLike) -> None:
        self.n, self.u, self.v = checked_graph(n, u, v)
        self._layout = layout(self.n, self.u, self.v)
        pair, pair_u, pair_v = merge_parallel(self.n, len(self.u), self._layout)
        self._pair: NDArray[np.int32] | None = None
        self._pair_u, self._pair_v = self.u, self.v
        if 2 * len(pair_u) < len(self._layout.head):
            self._pair, self._pair_u, self._pair_v = pair, pair_u, pair_v
            self._layout = layout(self.n, pair_u, pair_v)
        self._rows = empty_rows(self.n, len(self._layout.head))
        self._edited = True

    def solve(self, capacity: ArrayLike) -> tuple[Ints, Floats]:
        """Find a cut tree for these weights; parameters, returns and raises as the function."""
        weight = checked_capacity(capacity, len(self.u))
        n = self.n
        if n == 0:
            return np.empty(0, np.int64), np.empty(0)
        fixed = fixed_point(weight)
        if self._pair is not None:
            fixed = add_up(self._pair, fixed, len(self._pair_u))
        degree, leaf, support, leaves = peel_leaves(n, self._pair_u, self._pair_v, fixed)
        node = np.argsort(-degree, kind="stable")[: n - leaves]
        fill_rows(self._layout, fixed, self._edited, self._rows)
        core, cuts = grow_tree(node, degree, self._rows, len(self._layout.head))
        self._edited = cuts > 0
        ends = np.empty(2 * (n - 1), np.int32)
        ends[: len(core)] = core
        ends[len(core) :: 2] = leaf[:leaves]
        ends[len(core) + 1 :: 2] = support[:leaves]
        parent = oriented(n, ends, node[0])
        return parent, path_sums(self.u, self.v, weight, heavy_chains(parent))


def warm_up() -> None:
    """Compile the kernels, or load them from numba's cache, so that the first tree is fast.

    Compiling takes about 20 s, once per installation; loading about 0.4 s, once per process. The
    cache does not see that a kernel which another file calls has changed: whoever edits one of the
    kernel files has to remove the `__pycache__` beside them.
    """
    gomory_hu_arrays(3, [0, 1, 0], [1, 2, 2], [3.0, 2.0, 1.0])


def checked_graph(n: int, u: ArrayLike, v: ArrayLike) -> tuple[int, Ints, Ints]:
    """Give the graph as the kernels take it, or raise GraphError."""
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
        raise GraphError(f"The number of nodes is {n!r}; expected an integer from 0 upwards.")
    ends = [checked_indices("u", u, int(n)), checked_indices("v", v, int(n))]
    if max(int(n), len(ends[0])) > LARGEST:
        raise GraphError(
            f"The graph has {n} nodes and {len(ends[0])} edges; expected at most {LARGEST}."
        )
    if len(ends[0]) != len(ends[1]):
        raise GraphError(
            f"u has {len(ends[0])} entries and v has {len(ends[1])}; expected one per edge in both."
        )
    return int(n), ends[0], ends[1]


def checked_indices(name: str, values: ArrayLike, n: int) -> Ints:
    """Give node indices as a contiguous int64 array, or raise GraphError."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise GraphError(f"{name} has {array.ndim} dimensions; expected 1.")
    if array.size == 0:
        return np.empty(0, np.int64)
    if array.dtype.kind not in "iu":
        raise GraphError(f"{name} holds {array.dtype} values; expected integer node indices.")
    low, high = int(array.min()), int(array.max())
    if low < 0 or high >= n:
        raise GraphError(
            f"{name} holds indices from {low} to {high}; expected 0 to n - 1 with n = {n}."
        )
    return np.ascontiguousarray(array, dtype=np.int64)


def checked_capacity(capacity: ArrayLike, edges: int) -> Floats:
    """Give weights as a contiguous float64 array, or raise GraphError."""
    array = np.asarray(capacity)
    if array.shape != (edges,):
        raise GraphError(f"capacity has shape {array.shape}; expected ({edges},), one per edge.")
    if array.size == 0:
        return np.empty(0)
    if array.dtype.kind not in "iuf":
        raise GraphError(f"capacity holds {array.dtype} values; expected real numbers.")
    weight = np.ascontiguousarray(array, dtype=np.float64)
    # NaN makes both comparisons false.
    if not (weight.min() >= 0.0 and weight.max() < math.inf):
        at = int(np.flatnonzero(~((weight >= 0.0) & (weight < math.inf)))[0])
        raise GraphError(f"capacity[{at}] is {weight[at]}; expected finite numbers from 0 upwards.")
    if weight.max() > np.finfo(np.float64).max / edges:
        raise GraphError(
            f"capacity goes up to {weight.max()}; expected {edges} weights whose sum is finite."
        )
    return weight


def fixed_point(weight: Floats) -> Ints:
    """Scale weights by a power of two, so that they add up to at most 2**60, and round them."""
    total = float(weight.sum())
    if total == 0.0:
        return np.zeros(len(weight), np.int64)
    shift = FIXED_POINT_BITS - math.frexp(total)[1]
    return np.rint(np.ldexp(weight, shift)).astype(np.int64)
