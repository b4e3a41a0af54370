"""Modules by the Leiden method, as in igraph, on the graph without its layers.

What it maximises is Newman's modularity of the whole graph, which also rewards a split by depth;
it stands here as a rival to compare with.

References
----------
Traag, Waltman and van Eck (2019), From Louvain to Leiden: guaranteeing well-connected communities,
Scientific Reports 9, 5233. Reichardt and Bornholdt (2006), Statistical mechanics of community
detection, Phys. Rev. E 74, 016110: the resolution.
"""

import random
from collections.abc import Callable

import numpy as np

from explorer.network.graph import Ints, NetworkGraph

_BISECTIONS = 24
_ITERATIONS = 10


def leiden(
    graph: NetworkGraph,
    k: int | None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Ints:
    """Find labels by the Leiden method with the modularity objective.

    More modules are found at a higher resolution, though not strictly so. For a given k, the
    resolution starts at 1 and is bisected, on a logarithmic scale, until there are k modules;
    if none of 24 resolutions gives k, the partition with the number nearest to it is returned.

    Parameters
    ----------
    graph : NetworkGraph
    k : int or None
        Number of modules; None for what the resolution 1 gives.
    seed : int
    progress : callable, optional
        Called with the share that is done, at most, after every resolution; what it raises stops
        the search.

    Returns
    -------
    array of int, shape (nodes,)
        -1 for nodes without an edge.

    Examples
    --------
    >>> from explorer.modularity.planted import planted_flat
    >>> labels = leiden(planted_flat(count=3).graph, 3)
    >>> int(labels.max()) + 1
    3
    """
    import igraph

    u, v, mass, _ = graph.edges
    labels = np.full(graph.node_count, -1, dtype=np.int64)
    attached = np.flatnonzero(graph.degrees > 0)
    if not len(attached):
        return labels
    if k == 1:
        labels[attached] = 0
        return labels
    place = np.full(graph.node_count, -1)
    place[attached] = np.arange(len(attached))
    whole = igraph.Graph(n=len(attached), edges=np.stack([place[u], place[v]], axis=1))

    def search(resolution: float) -> Ints:
        # Each search starts from the same state, so that it depends on nothing before it.
        igraph.set_random_number_generator(random.Random(seed))
        found = whole.community_leiden(
            objective_function="modularity",
            weights=mass,
            resolution=resolution,
            n_iterations=_ITERATIONS,
        )
        return np.asarray(found.membership, dtype=np.int64)

    try:
        labels[attached] = search(1.0) if k is None else _with_count(search, graph, k, progress)
    finally:
        igraph.set_random_number_generator(random)
    return labels


def _with_count(
    search: Callable[[float], Ints],
    graph: NetworkGraph,
    k: int,
    progress: Callable[[float], None] | None,
) -> Ints:
    u, v, mass, _ = graph.edges
    # Above this, no two nodes gain by being together; far below, whatever is connected is.
    high = float((mass * 2 * mass.sum() / (graph.degrees[u] * graph.degrees[v])).max()) * 1.01
    low = 1e-3
    resolution, best, distance = 1.0, np.empty(0, dtype=np.int64), np.inf
    for step in range(_BISECTIONS):
        if progress is not None:
            progress(step / _BISECTIONS)
        found = search(resolution)
        count = int(found.max()) + 1
        if abs(count - k) < distance:
            best, distance = found, abs(count - k)
        if count == k:
            break
        if count < k:
            low = resolution
        else:
            high = resolution
        resolution = float(np.sqrt(low * high))
    return best
