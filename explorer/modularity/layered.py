"""Layered modularity Q_B: its value, its matrix, and partitions that make it large.

Let A_l be the edge masses of block l (its sum 1), s_out and s_in its row and column sums, and c
the module of each neuron. Then, over L blocks,

    Q_B = (1/L) sum_l [ sum_ij A_l[j, i] 1(c_i = c_j) - sum_c s_out[l, c] s_in[l, c] ]

which is Barber's modularity of a bipartite graph, averaged over the layers. What is subtracted is
what a random graph with the same degrees would have inside, taken *within each layer*: so a split
by depth (first layers against last ones) and one giant module both score 0, which they do not
under Newman's modularity of the whole graph. With k modules it is at most 1 - 1/k.

References
----------
Barber (2007), Modularity and community detection in bipartite networks, Phys. Rev. E 76, 066102.
Newman (2006), Finding community structure in networks using the eigenvectors of matrices, Phys.
Rev. E 74, 036104: the spectral method and the node moves after it. Blondel et al. (2008), Fast
unfolding of communities in large networks: local moving.
"""

from weakref import WeakKeyDictionary

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from explorer.modularity.adjacency import Adjacency, adjacency_of
from explorer.modularity.k_means import k_means
from explorer.modularity.local_moving_kernels import move_nodes
from explorer.modularity.side_by_side import Progress
from explorer.network.graph import Floats, Ints, NetworkGraph, part_of
from explorer.network.threads import single_threaded

_DENSE_LIMIT = 400
_SWEEPS = 60
_STARTS, _FEW_STARTS = 6, 2
# Of a large graph, eigenvectors are computed once, for as many modules as are tried by default.
_PLACES_KEPT = 12
_PRODUCTS = 80  # with the matrix, that its eigenvectors take: half of the search, as told


def layered_modularity(graph: NetworkGraph, labels: Ints) -> float:
    """Q_B of a partition.

    Parameters
    ----------
    graph : NetworkGraph
    labels : array of int, shape (nodes,)
        Module of every node; -1 for none.

    Returns
    -------
    float
        Between -1 and 1 - 1/k for k modules.
    """
    u, v, mass, block_of = graph.edges
    count, blocks = int(labels.max(initial=-1)) + 1, len(graph.blocks)
    # The last row and column of every block hold what is unattached.
    module = np.where(labels < 0, count, labels)
    at = (block_of * (count + 1) + module[v]) * (count + 1) + module[u]
    tables = np.bincount(at, mass, blocks * (count + 1) ** 2)
    total = 0.0
    for table in tables.reshape(blocks, count + 1, count + 1):
        within = table[:count, :count]
        total += np.trace(within) - within.sum(axis=0) @ within.sum(axis=1)
    return float(total / max(blocks, 1))


def maximise_layered_modularity(
    graph: NetworkGraph,
    count: int,
    start: Ints | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Ints:
    """Find labels of at most ``count`` modules with a large Q_B.

    The leading eigenvectors of the layered modularity matrix place every node in space; k-means
    there, from several seeds, gives partitions to start from, and greedy moves of single nodes
    improve each. The best is returned. A large graph (see ``NetworkGraph.is_large``) is searched
    from two starts and not from six.

    Parameters
    ----------
    graph : NetworkGraph
    count : int
        Number of modules, at most; a module may end up empty.
    start : array of int, optional
        An earlier partition to improve, tried besides the others.
    seed : int
    progress : callable, optional
        Called with the share that is done, often; what it raises stops the search.

    Returns
    -------
    array of int, shape (nodes,)
        -1 for nodes without an edge.
    """
    with single_threaded():
        return _maximise(graph, count, start, seed, progress)


def improve_partition(graph: NetworkGraph, labels: Ints, count: int, seed: int = 0) -> Ints:
    """Move single nodes from where they are to where they raise Q_B most, until none does.

    Much faster than ``maximise_layered_modularity``, and enough where a graph has changed a little
    since its partition was found.

    Returns
    -------
    array of int, shape (nodes,)
        -1 for nodes without an edge.
    """
    found = np.where(graph.degrees > 0, np.where(labels >= 0, labels % count, 0), -1)
    found = found.astype(np.int64)
    _improve(graph, adjacency_of(graph), found, count, np.random.default_rng(seed))
    return found


def layered_profiles(
    graph: NetworkGraph, count: int, seed: int = 0, progress: Progress | None = None
) -> Floats:
    """Place every node by the leading eigenvectors of the layered modularity matrix.

    Parameters
    ----------
    graph : NetworkGraph
        With two nodes or more.
    count : int
        Number of modules to tell apart: one more than there are eigenvectors.
    seed : int
    progress : callable, optional
        Called with the share that is done, often; what it raises stops the work.

    Returns
    -------
    array of float, shape (nodes, eigenvectors)
        Nodes of one module point in similar directions.
    """
    with single_threaded():
        rng = np.random.default_rng(seed)
        return _spectral_places(graph, adjacency_of(graph), count, rng, progress)


def _maximise(
    graph: NetworkGraph, count: int, start: Ints | None, seed: int, progress: Progress | None
) -> Ints:
    adjacency = adjacency_of(graph)
    attached = graph.degrees > 0
    labels = np.where(attached, 0, -1).astype(np.int64)
    if count < 2 or not attached.any():
        return labels
    rng = np.random.default_rng(seed)
    starts = [] if start is None else [np.where(start >= 0, start % count, 0)]
    starts += _spectral_starts(graph, adjacency, count, rng, part_of(progress, 0.0, 0.5))
    best, best_value = labels, 0.0
    for place, candidate in enumerate(starts):
        if progress is not None:
            progress(0.5 + 0.5 * place / len(starts))
        found = np.where(attached, candidate, -1).astype(np.int64)
        _improve(graph, adjacency, found, count, rng)
        value = layered_modularity(graph, found)
        if value > best_value + 1e-12:
            best, best_value = found, value
    return best


def _improve(
    graph: NetworkGraph, adjacency: Adjacency, labels: Ints, count: int, rng: np.random.Generator
) -> None:
    matrix = adjacency.matrix
    move_nodes(
        adjacency.starts,
        adjacency.neighbours,
        matrix.data,
        adjacency.slot_starts,
        adjacency.slots,
        adjacency.slot_degrees,
        2 * len(graph.blocks),
        labels,
        count,
        rng.permutation(graph.node_count),
        _SWEEPS,
    )


def _spectral_starts(
    graph: NetworkGraph,
    adjacency: Adjacency,
    count: int,
    rng: np.random.Generator,
    progress: Progress | None,
) -> list[Ints]:
    if graph.is_large:
        places = _kept_places(graph, adjacency, count, progress)
    else:
        places = _spectral_places(graph, adjacency, count, rng, progress)
    scale = np.linalg.norm(places, axis=1, keepdims=True)
    directions = places / np.where(scale > 0, scale, 1.0)
    # Directions are the better start, and the only one where there is time for few.
    points = [directions] * _FEW_STARTS if graph.is_large else [directions, places] * (_STARTS // 2)
    seeds = rng.integers(2**31, size=len(points))
    return [
        k_means(of, count, np.random.default_rng(s)) for of, s in zip(points, seeds, strict=True)
    ]


_KEPT: WeakKeyDictionary[NetworkGraph, Floats] = WeakKeyDictionary()


def _kept_places(
    graph: NetworkGraph, adjacency: Adjacency, count: int, progress: Progress | None
) -> Floats:
    """Places by the first of the eigenvectors that are computed once for a large graph."""
    if count > _PLACES_KEPT:
        return _spectral_places(graph, adjacency, count, np.random.default_rng(0), progress)
    if graph not in _KEPT:
        rng = np.random.default_rng(0)
        _KEPT[graph] = _spectral_places(graph, adjacency, _PLACES_KEPT, rng, progress)
    return _KEPT[graph][:, -(count - 1) :]


def _spectral_places(
    graph: NetworkGraph,
    adjacency: Adjacency,
    count: int,
    rng: np.random.Generator,
    progress: Progress | None = None,
) -> Floats:
    """Nodes in the space of the leading eigenvectors, degrees divided out."""
    n = graph.node_count
    root = np.sqrt(np.where(graph.degrees > 0, graph.degrees, 1.0))
    # The chance term of a block is not zero only in the rows of its two layers.
    pairs = [
        (_rows(graph, b.source), b.sums(axis=0), _rows(graph, b.target), b.sums(axis=1))
        for b in graph.blocks
    ]

    products = 0

    def apply(x: Floats) -> Floats:
        nonlocal products
        products += 1
        if progress is not None:  # nobody knows how many it takes
            progress(products / (products + _PRODUCTS))
        x = x.reshape(n) / root
        y = np.asarray(adjacency.matrix @ x)
        for source, out, target, into in pairs:
            to_source, to_target = into @ x[target], out @ x[source]
            y[source] -= out * to_source
            y[target] -= into * to_target
        return np.asarray(y / root)

    wanted = min(count - 1, n - 2)
    if n <= _DENSE_LIMIT:
        matrix = adjacency.matrix.toarray()
        for source, out, target, into in pairs:
            matrix[source, target] -= np.outer(out, into)
            matrix[target, source] -= np.outer(into, out)
        values, vectors = np.linalg.eigh(matrix / np.outer(root, root))
        values, vectors = values[-wanted:], vectors[:, -wanted:]
    else:
        operator = LinearOperator((n, n), matvec=apply, dtype=np.float64)
        values, vectors = eigsh(operator, k=wanted, which="LA", v0=rng.random(n), tol=1e-4)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)) / root[:, None])


def _rows(graph: NetworkGraph, layer: int) -> slice:
    return slice(int(graph.offsets[layer]), int(graph.offsets[layer + 1]))
