"""Whether a cut tree certifies that a network falls into modules, and by how much it fails.

A set of nodes S can be a side of a minimum cut between two nodes only if its whole boundary weighs
no more than the weighted degree of some node in S and of some node outside: otherwise cutting off
one of the two alone is cheaper. In a dense network every balanced set has a boundary many times as
heavy as any node, and the tree is a star. A balanced cut in the tree is therefore strong evidence:
the two sides hang together by less weight than a single neuron holds.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import GraphError
from explorer.modularity.cut_tree.graph_arrays import graph_arrays
from explorer.network.graph import Floats, NetworkGraph

if TYPE_CHECKING:
    import networkx as nx

    from explorer.modularity.cut_tree.tree import CutTree

LEAST_BALANCE = 0.1


@dataclass(frozen=True)
class BalancedCut:
    """A minimum cut that parts off a real group.

    Attributes
    ----------
    node : Hashable
        The cut is the tree edge above this node; see ``CutTree.cut_side``.
    size : int
        Number of nodes on the side below.
    value : float
        Weight that is cut.
    balance : float
        Volume of the lighter side (sum of weighted degrees) as a share of half of the graph's: 1
        where both sides weigh the same.
    cut_per_volume : float
        Value over the volume of the lighter side, its conductance: 0 where nothing passes.
    """

    node: Hashable
    size: int
    value: float
    balance: float
    cut_per_volume: float


def balanced_cuts(
    tree: "CutTree", graph: "NetworkGraph | nx.Graph", least_balance: float = LEAST_BALANCE
) -> tuple[BalancedCut, ...]:
    """List the tree's cuts that part off a group of some weight.

    Parameters
    ----------
    tree : CutTree
        Of the graph.
    graph : NetworkGraph or networkx.Graph
    least_balance : float
        From 0 to 1; cuts below this balance, and cuts that isolate one node, are left out.

    Returns
    -------
    tuple of BalancedCut
        The most balanced first.

    Raises
    ------
    GraphError
        If the tree is not one of this graph, or ``least_balance`` is out of range.

    Examples
    --------
    >>> import networkx as nx
    >>> from explorer import gomory_hu_tree
    >>> graph = nx.barbell_graph(5, 0)  # two cliques of five nodes, one edge between them
    >>> (cut,) = gomory_hu_tree(graph).balanced_cuts(graph)
    >>> cut.size, cut.value, cut.balance, round(cut.cut_per_volume, 3)
    (5, 1.0, 1.0, 0.048)
    """
    if not 0.0 <= least_balance <= 1.0:
        raise GraphError(f"found least_balance = {least_balance}; expected 0 to 1")
    arrays = graph_arrays(graph)
    if arrays.nodes != tree.nodes:
        raise GraphError("found a graph with other nodes than the tree's; expected its own")
    below = volumes_below(tree, arrays.degrees)
    total = float(arrays.degrees.sum())
    found = []
    group = (tree.parent >= 0) & ~tree.isolates_one
    for place in np.flatnonzero(group).tolist():
        lighter = min(below[place], total - below[place])
        if lighter <= 0 or 2 * lighter / total < least_balance:
            continue
        value = float(tree.capacity[place])
        found.append(
            BalancedCut(
                node=tree.nodes[place],
                size=int(tree.subtree_size[place]),
                value=value,
                balance=float(2 * lighter / total),
                cut_per_volume=value / float(lighter),
            )
        )
    return tuple(sorted(found, key=lambda cut: (-cut.balance, cut.cut_per_volume)))


def volumes_below(tree: "CutTree", degrees: Floats) -> Floats:
    """Sum of the weighted degrees at and below every node of a tree."""
    volume = degrees.copy()
    for node in tree.order[:0:-1]:
        volume[tree.parent[node]] += volume[node]
    return volume


def boundary_ratio(graph: NetworkGraph, inside: "np.ndarray") -> float:
    """How many times as heavy a set's boundary is as it may be for the set to be a minimum cut.

    The boundary over the lesser of the largest weighted degrees inside and outside: at most 1 for
    every side of a minimum cut, and so a measure of how far a module is from being certified.

    Parameters
    ----------
    graph : NetworkGraph
    inside : array of bool, shape (nodes,)

    Returns
    -------
    float
        NaN where a side is empty or has no edges.
    """
    u, v, mass, _ = graph.edges
    boundary = float(mass[inside[u] != inside[v]].sum())
    degrees = graph.degrees
    heaviest = min(degrees[inside].max(initial=0.0), degrees[~inside].max(initial=0.0))
    return boundary / float(heaviest) if heaviest > 0 else float("nan")
