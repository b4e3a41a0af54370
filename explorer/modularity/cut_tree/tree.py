"""The Gomory-Hu cut tree: all minimum cuts of a weighted graph in one tree.

Between any two nodes of a graph there is a cheapest set of edges to remove so that nothing
connects them any more: a minimum cut. A Gomory-Hu tree has the same nodes and n - 1 edges, and for
every pair of nodes the lightest edge on the tree path between them has the value of their minimum
cut; removing it leaves the two sides of such a cut.

References
----------
Gomory and Hu (1961), Multi-terminal network flows, J. SIAM 9, 551-570. Gusfield (1990), Very
simple methods for all pairs network flow analysis, SIAM J. Comput. 19, 143-155.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import GraphError
from explorer.modularity.cut_tree.certificate import LEAST_BALANCE, BalancedCut, balanced_cuts
from explorer.modularity.cut_tree.engine import gomory_hu_arrays
from explorer.modularity.cut_tree.graph_arrays import graph_arrays
from explorer.network.graph import Bools, Floats, Ints, NetworkGraph

if TYPE_CHECKING:
    import networkx as nx


_NO_ENDS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class CutTree:
    """A Gomory-Hu tree, rooted at one of its nodes.

    Attributes
    ----------
    nodes : tuple
        The nodes, as they are called in the graph; everything else counts them from 0.
    parent : array of int, shape (nodes,)
        Parent of every node in the tree; -1 for the root.
    capacity : array of float, shape (nodes,)
        Value of the minimum cut between a node and its parent; infinite for the root.
    source_id : str or None
        Id of the graph that the tree was made from.
    names : tuple of str
        Name of every node for people.
    edges : pair of arrays of int, shape (edges,)
        The two ends of every edge of the graph, for ``gradient``.

    Examples
    --------
    >>> import networkx as nx
    >>> tree = gomory_hu_tree(nx.path_graph(4))
    >>> tree.minimum_cut_value(0, 3)
    1.0
    """

    nodes: tuple[Hashable, ...] = field(repr=False)
    parent: Ints = field(repr=False)
    capacity: Floats = field(repr=False)
    source_id: str | None = None
    names: tuple[str, ...] = field(default=(), repr=False)
    edges: tuple[Ints, Ints] = field(default=(_NO_ENDS, _NO_ENDS), repr=False)

    def __post_init__(self) -> None:
        self.parent.setflags(write=False)
        self.capacity.setflags(write=False)
        if not self.names:
            object.__setattr__(self, "names", tuple(str(node) for node in self.nodes))

    @cached_property
    def order(self) -> Ints:
        """Nodes from the root outwards: every node after its parent."""
        n = len(self.nodes)
        children = np.argsort(self.parent, kind="stable")
        starts = np.searchsorted(self.parent[children], np.arange(n + 1))
        result = np.flatnonzero(self.parent < 0).tolist()
        for node in result:  # grows while it is walked
            result.extend(children[starts[node] : starts[node + 1]].tolist())
        return np.asarray(result, dtype=np.int64)

    @cached_property
    def depth(self) -> Ints:
        """Tree edges between every node and the root."""
        depth = np.zeros(len(self.nodes), dtype=np.int64)
        for node in self.order[1:]:
            depth[node] = depth[self.parent[node]] + 1
        return depth

    @cached_property
    def subtree_size(self) -> Ints:
        """Nodes at and below every node."""
        size = np.ones(len(self.nodes), dtype=np.int64)
        for node in self.order[:0:-1]:
            size[self.parent[node]] += size[node]
        return size

    @property
    def trivial_share(self) -> float:
        """Share of the tree's cuts that only isolate one node; NaN where there are no cuts.

        Nodes without any edge are left out: there is nothing to cut.
        """
        cuts = self.cut_count
        return float(self.isolates_one.sum() / cuts) if cuts else float("nan")

    @property
    def cut_count(self) -> int:
        """Number of the tree's cuts; nodes without any edge are left out."""
        below, total = self._attached_below
        return int(((self.parent >= 0) & (below > 0) & (below < total)).sum())

    @cached_property
    def isolates_one(self) -> Bools:
        """Whether the cut above a node isolates a single node that has edges, on either side."""
        below, total = self._attached_below
        return np.asarray((self.parent >= 0) & (total > 1) & ((below == 1) | (below == total - 1)))

    @cached_property
    def _attached_below(self) -> tuple[Ints, int]:
        """Nodes with edges at and below every node, and how many there are in all."""
        hanging = np.flatnonzero((self.parent >= 0) & (self.capacity > 0))
        below = np.zeros(len(self.nodes), dtype=np.int64)
        below[hanging] = below[self.parent[hanging]] = 1
        total = int(below.sum())
        for node in self.order[:0:-1]:
            below[self.parent[node]] += below[node]
        return below, total

    @property
    def is_star(self) -> bool:
        """Whether every cut isolates one node, so that the tree tells of no groups."""
        return self.trivial_share == 1.0 and int((self.capacity[self.parent >= 0] > 0).sum()) > 1

    def minimum_cut_value(self, u: Hashable, v: Hashable) -> float:
        """Value of a minimum cut between two nodes: the lightest edge on the path between them.

        Raises
        ------
        GraphError
            If a node is unknown, or both are the same.
        """
        a, b = self._index(u), self._index(v)
        if a == b:
            raise GraphError(f"found the node {u!r:.40} twice; expected two different nodes")
        lightest = np.inf
        while a != b:
            if self.depth[a] < self.depth[b]:
                a, b = b, a
            lightest = min(lightest, float(self.capacity[a]))
            a = int(self.parent[a])
        return lightest

    def cut_side(self, node: Hashable) -> frozenset[Hashable]:
        """The nodes cut off by the tree edge above a node: one side of a minimum cut.

        Raises
        ------
        GraphError
            If the node is unknown or is the root, which has no edge above it.
        """
        top = self._index(node)
        if self.parent[top] < 0:
            raise GraphError(f"found the root {node!r:.40}; expected a node with an edge above it")
        inside = np.zeros(len(self.nodes), dtype=bool)
        inside[top] = True
        for below in self.order:
            if self.parent[below] >= 0 and inside[self.parent[below]]:
                inside[below] = True
        return frozenset(self.nodes[i] for i in np.flatnonzero(inside))

    def verify(self, graph: "NetworkGraph | nx.Graph", full: bool = False) -> float:
        """Re-check the tree against its graph.

        Parameters
        ----------
        graph : NetworkGraph or networkx.Graph
        full : bool
            Compare with a maximum flow for every tree edge too. Slow: one flow a node.

        Returns
        -------
        float
            Largest relative difference found; at the level of rounding for a correct tree.

        Raises
        ------
        GraphError
            If the tree is not one of this graph.
        """
        from explorer.modularity.cut_tree.verification import check_cut_values

        arrays = graph_arrays(graph)
        if arrays.nodes != self.nodes:
            raise GraphError("found a graph with other nodes than the tree's; expected its own")
        edges = arrays.u, arrays.v, arrays.capacity
        return check_cut_values(len(self.nodes), *edges, self.parent, self.capacity, full=full)

    def gradient(self, edge_loss_gradient: Floats) -> Floats:
        """Carry the gradient of a loss from the tree's edges to the graph's, in O(edges).

        Parameters
        ----------
        edge_loss_gradient : array of float, shape (nodes,)
            Derivative of the loss by ``capacity`` of every node; the root's does not count.

        Returns
        -------
        array of float, shape (edges,)
            Derivative by the capacity of every edge of the graph, in the order of its edges; see
            ``explorer.modularity.cut_tree.gradient``.
        """
        from explorer.modularity.cut_tree.gradient import cut_value_gradient

        u, v = self.edges
        return cut_value_gradient(len(self.nodes), u, v, self.parent, edge_loss_gradient)

    def balanced_cuts(
        self, graph: "NetworkGraph | nx.Graph", least_balance: float = LEAST_BALANCE
    ) -> tuple[BalancedCut, ...]:
        """List the cuts that part off a real group: see ``certificate.balanced_cuts``."""
        return balanced_cuts(self, graph, least_balance)

    def to_networkx(self) -> "nx.Graph":
        """The tree as an undirected networkx graph; edges carry ``weight``, nodes ``name``."""
        import networkx as nx

        tree: nx.Graph = nx.Graph()
        for node, name in zip(self.nodes, self.names, strict=True):
            tree.add_node(node, name=name)
        for child in np.flatnonzero(self.parent >= 0).tolist():
            tree.add_edge(
                self.nodes[child],
                self.nodes[self.parent[child]],
                weight=float(self.capacity[child]),
            )
        return tree

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {node: place for place, node in enumerate(self.nodes)}

    def _index(self, node: Hashable) -> int:
        if node not in self._places:
            raise GraphError(f"found node {node!r:.40}, which is not in the tree")
        return self._places[node]


def gomory_hu_tree(graph: "NetworkGraph | nx.Graph") -> CutTree:
    """Compute the exact Gomory-Hu tree of a graph.

    Parameters
    ----------
    graph : NetworkGraph or networkx.Graph
        Of a networkx graph, undirected, the attribute ``capacity`` of an edge counts, else
        ``weight``, else 1; parallel edges are added up and self-loops left out.

    Returns
    -------
    CutTree
        Rooted at a node of the largest weighted degree. Parts that are not connected hang
        together by edges of value 0.

    Raises
    ------
    GraphError
        If the graph is directed, or an edge is negative or not finite.

    Examples
    --------
    >>> import networkx as nx
    >>> tree = gomory_hu_tree(nx.karate_club_graph())
    >>> tree.minimum_cut_value(0, 33)
    22.0
    """
    arrays = graph_arrays(graph)
    parent, value = gomory_hu_arrays(len(arrays.nodes), arrays.u, arrays.v, arrays.capacity)
    parent, value = _heaviest_on_top(parent, value, arrays.degrees)
    return CutTree(
        arrays.nodes, parent, value, arrays.source_id, arrays.names, (arrays.u, arrays.v)
    )


def _heaviest_on_top(parent: Ints, value: Floats, degrees: Floats) -> tuple[Ints, Floats]:
    """Hang a tree from the node of the largest weighted degree, where it hangs from another."""
    if len(parent) == 0 or degrees[parent < 0][0] >= degrees.max():
        return parent, value
    parent, value = parent.copy(), value.copy()
    node, above, cut = int(degrees.argmax()), -1, np.inf
    while node >= 0:  # turn the path to the old root round
        upwards, edge = int(parent[node]), float(value[node])
        parent[node], value[node] = above, cut
        node, above, cut = upwards, node, edge
    return parent, value
