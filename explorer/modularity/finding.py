"""Find the modules of a network, and how many there are."""

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.null_models import shuffled_graphs
from explorer.modularity.partition import Partition, make_partition
from explorer.network.graph import NetworkGraph

CANDIDATE_COUNTS = (2, 3, 4, 6, 8)
MAX_COUNT = 64
_NULLS = 8


def find_modules(graph: NetworkGraph, k: int | None = None, seed: int = 0) -> Partition:
    """Partition a network's neurons into modules by layered modularity.

    Parameters
    ----------
    graph : NetworkGraph
    k : int, optional
        Number of modules, at most: one that would not raise Q_B stays empty and is left out. By
        default the number in {2, 3, 4, 6, 8} for which Q_B exceeds most what the same search finds
        in networks with shuffled weights.
    seed : int
        Of the search and the shuffles.

    Returns
    -------
    Partition
        Modules are called A, B, ... by falling volume.

    Raises
    ------
    PartitionError
        If ``k`` is no whole number from 1 to 64.

    Examples
    --------
    >>> from explorer import load, network_graph
    >>> partition = find_modules(network_graph(load("pair-modular")), k=2)
    >>> [module.name for module in partition.modules]
    ['A', 'B']
    """
    if k is None:
        k = choose_count(graph, seed)
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= MAX_COUNT:
        raise PartitionError(f"found k = {k!r:.40}; expected a whole number from 1 to {MAX_COUNT}")
    return make_partition(graph, maximise_layered_modularity(graph, int(k), seed=seed))


def choose_count(graph: NetworkGraph, seed: int = 0) -> int:
    """Choose the number of modules by which a network differs most from shuffled ones.

    For each candidate, the mean of Q_B over shuffled networks, each with its own best partition,
    is taken from the Q_B of the network.

    Parameters
    ----------
    graph : NetworkGraph
    seed : int

    Returns
    -------
    int
        One of ``CANDIDATE_COUNTS``.
    """
    nulls = list(shuffled_graphs(graph, _NULLS, "all", seed))

    def excess(count: int) -> float:
        chance = np.mean([_best_value(null, count, seed) for null in nulls])
        return _best_value(graph, count, seed) - float(chance)

    return max(CANDIDATE_COUNTS, key=excess)


def _best_value(graph: NetworkGraph, count: int, seed: int) -> float:
    return layered_modularity(graph, maximise_layered_modularity(graph, count, seed=seed))
