"""Modules from the exact cut tree of a re-weighted graph.

The cut tree of a dense network is a star: every minimum cut isolates one neuron. Where edges count
the more the more alike their two ends are, cuts between modules become cheap enough to appear in
the tree. Neurons are alike if they stand in the same direction in the space of the leading
eigenvectors of the layered modularity matrix; the mass of an edge is multiplied by a power of the
cosine between its ends. (Eigenvectors of the plain Laplacian will not do: the first ones of a deep
network tell its layers apart.)

References
----------
Gomory and Hu (1961), Multi-terminal network flows, J. SIAM 9, 551-570. Flake, Tarjan and
Tsioutsiouliklis (2004), Graph clustering and minimum cut trees, Internet Mathematics 1, 385-408.
Shi and Malik (2000), Normalized cuts and image segmentation, IEEE PAMI 22, 888-905.
"""

from collections.abc import Callable

import numpy as np

from explorer.modularity.cut_tree import CutTree, gomory_hu_arrays
from explorer.modularity.layered import layered_profiles
from explorer.modularity.tree_partition_kernels import greedy_n_cut, lowest_common_ancestors
from explorer.network.graph import Floats, Ints, NetworkGraph, part_of

_POWER = 4


def reweighted_cut_tree(
    graph: NetworkGraph,
    k: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Find labels by cutting the cut tree of the re-weighted graph into k parts.

    Edges of the tree are removed one by one, each time the one after which the n-cut of the graph
    (with its own masses) is least. So the modules for k and k + 1 are nested for a fixed profile.

    Parameters
    ----------
    graph : NetworkGraph
    k : int
        Number of modules, at most.
    seed : int
    progress : callable, optional
        Called with the share that is done; what it raises stops the search.

    Returns
    -------
    array of int, shape (nodes,)
        -1 for nodes without an edge.

    Examples
    --------
    >>> from explorer.modularity.planted import planted_flat
    >>> labels = reweighted_cut_tree(planted_flat(count=3).graph, 3)
    >>> int(labels.max()) + 1
    3
    """
    labels = np.full(graph.node_count, -1, dtype=np.int64)
    attached = np.flatnonzero(graph.degrees > 0)
    if k < 2 or len(attached) < 2:
        labels[attached] = 0
        return labels
    u, v, mass, _ = graph.edges
    profiles = layered_profiles(graph, k, seed, part_of(progress, 0.0, 0.7))
    place = np.full(graph.node_count, -1)
    place[attached] = np.arange(len(attached))
    alike = mass * _cosines(profiles, u, v) ** _POWER
    parent, value = gomory_hu_arrays(len(attached), place[u], place[v], alike)
    if progress is not None:
        progress(0.9)
    tree = CutTree(tuple(range(len(attached))), parent, value)
    labels[attached] = cut_into_parts(tree, place[u], place[v], mass, k)
    return labels


def cut_into_parts(tree: CutTree, u: Ints, v: Ints, mass: Floats, count: int) -> Ints:
    """Remove edges of a tree, each time the one after which the n-cut of a graph is least.

    Parameters
    ----------
    tree : CutTree
    u, v : array of int, shape (edges,)
        Ends of the edges of the graph on the tree's nodes, counted from 0.
    mass : array of float, shape (edges,)
    count : int
        Parts wanted.

    Returns
    -------
    array of int, shape (nodes,)
        Part of every node, from 0.

    Examples
    --------
    >>> import networkx as nx
    >>> from explorer import gomory_hu_tree
    >>> tree = gomory_hu_tree(nx.barbell_graph(4, 0))
    >>> u, v = np.array(nx.barbell_graph(4, 0).edges).T
    >>> labels = cut_into_parts(tree, u, v, np.ones(len(u)), 2)
    >>> bool((labels[:4] == labels[0]).all() and (labels[4:] != labels[0]).all())
    True
    """
    meeting = lowest_common_ancestors(tree.parent, tree.depth, u, v)
    return np.asarray(greedy_n_cut(tree.parent, tree.order, meeting, u, v, mass, count))


def _cosines(profiles: Floats, u: Ints, v: Ints) -> Floats:
    length = np.linalg.norm(profiles, axis=1, keepdims=True)
    directions = profiles / np.where(length > 0, length, 1.0)
    return np.asarray(np.clip((directions[u] * directions[v]).sum(axis=1), 0.0, 1.0))
