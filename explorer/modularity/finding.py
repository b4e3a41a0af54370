"""Find the modules of a network, and how many there are."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.leiden import leiden
from explorer.modularity.null_models import shuffled_graphs
from explorer.modularity.partition import Partition, make_partition
from explorer.modularity.reweighted_cut_tree import reweighted_cut_tree
from explorer.modularity.side_by_side import Progress, side_by_side
from explorer.modularity.spectral_n_cut import spectral_n_cut
from explorer.network.graph import Ints, NetworkGraph, part_of

CANDIDATE_COUNTS = (2, 3, 4, 5, 6, 7, 8, 10, 12)
FEW_COUNTS = (2, 3, 4, 6, 8, 12)  # of a large graph
MAX_COUNT = 64
_NULLS, _FEW_NULLS = 8, 2


# Of (graph, k, seed, progress), to labels: -1 at unattached nodes.
Search = Callable[[NetworkGraph, int, int, Progress | None], Ints]


@dataclass(frozen=True)
class _Method:
    """A search for labels, and one of ``(graph, seed)`` if it can choose k."""

    search: Search
    automatic: Callable[[NetworkGraph, int], Ints] | None = None


_METHODS = {
    "layered": _Method(
        lambda graph, k, seed, progress: maximise_layered_modularity(graph, k, None, seed, progress)
    ),
    "leiden": _Method(leiden, lambda graph, seed: leiden(graph, None, seed)),
    "spectral_n_cut": _Method(spectral_n_cut),
    "cut_tree": _Method(reweighted_cut_tree),
}
METHODS = tuple(_METHODS)


def find_modules(
    graph: NetworkGraph,
    k: int | None = None,
    method: str = "layered",
    seed: int = 0,
    progress: Progress | None = None,
) -> Partition:
    """Partition a network's neurons into modules.

    Parameters
    ----------
    graph : NetworkGraph
    k : int, optional
        Number of modules, at most: one that would not raise Q_B stays empty and is left out. By
        default the number in {2, 3, 4, 5, 6, 7, 8, 10, 12} for which Q_B exceeds most what the
        same search finds in networks with shuffled weights (of a large graph, the number in {2, 3,
        4, 6, 8, 12}); Leiden takes its own number at the resolution 1.
    method : {"layered", "leiden", "spectral_n_cut", "cut_tree"}
        What is searched for: the largest layered modularity Q_B; the largest Newman modularity of
        the graph without its layers, at the resolution that gives a number of modules near k; the
        smallest n-cut, relaxed to eigenvectors; or the cuts of smallest n-cut in the exact cut
        tree of the graph, its edges re-weighted by how alike their ends are. Leiden and the n-cut
        do not know layers, and may split a network by depth. ``explorer bench modules`` compares
        them.
    seed : int
        Of the search and the shuffles.
    progress : callable, optional
        Called with the share that is done, several times a second also of a large network (but for
        Leiden, which is not ours to look into); what it raises stops the search.

    Returns
    -------
    Partition
        Modules are called A, B, ... by falling volume.

    Raises
    ------
    PartitionError
        If ``k`` is no whole number from 1 to 64, or the method is unknown.

    Examples
    --------
    >>> from explorer import load, network_graph
    >>> graph = network_graph(load("pair-modular"))
    >>> partition = find_modules(graph, k=2)
    >>> [module.name for module in partition.modules]
    ['A', 'B']
    >>> find_modules(graph, k=2, method="cut_tree").count
    2
    """
    chosen = _method(method)
    if k is None and chosen.automatic is not None:
        return make_partition(graph, chosen.automatic(graph, seed))
    if k is None:
        return make_partition(graph, _choose(graph, seed, method, progress)[1])
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= MAX_COUNT:
        raise PartitionError(f"found k = {k!r:.40}; expected a whole number from 1 to {MAX_COUNT}")
    found = make_partition(graph, chosen.search(graph, int(k), seed, progress))
    if progress is not None:
        progress(1.0)
    return found


def choose_count(
    graph: NetworkGraph,
    seed: int = 0,
    method: str = "layered",
    progress: Progress | None = None,
) -> int:
    """Choose the number of modules by which a network differs most from shuffled ones.

    For each candidate, the mean of Q_B over shuffled networks, each with its own best partition,
    is taken from the Q_B of the network. Neither this excess in units of its spread (z) nor as a
    share of the largest Q_B that a number allows, 1 - 1/k, finds planted numbers as well: the
    first is ruled by the noise of the spread, the second prefers two large modules.

    A large graph (more than 10,000 nodes or 500,000 edges) is compared with 2 shuffled networks and
    not with 8, for fewer numbers: over so many weights chance hardly varies from one shuffled
    network to the next (of Gemma 3 270M, by .001 in Q_B), but numbers whose excess differs by less
    than that are not told apart.

    Parameters
    ----------
    graph : NetworkGraph
    seed : int
    method : str
        As in ``find_modules``.
    progress : callable, optional
        As in ``find_modules``.

    Returns
    -------
    int
        One of ``CANDIDATE_COUNTS`` (of a large graph, ``FEW_COUNTS``); the smallest of those that
        are equally good.

    Raises
    ------
    PartitionError
        If the method is unknown.
    """
    return _choose(graph, seed, method, progress)[0]


def _choose(
    graph: NetworkGraph, seed: int, method: str, progress: Progress | None
) -> tuple[int, Ints]:
    """Choose the number of modules, and return the labels that were found for it too."""
    search = search_of(method)
    counts, null_count = (FEW_COUNTS, _FEW_NULLS) if graph.is_large else (CANDIDATE_COUNTS, _NULLS)
    # A large graph is worth a second thread; what is found does not depend on it.
    threads = 2 if graph.is_large else 1

    nulls: list[NetworkGraph] = []
    found: list[Ints] = []

    def shuffle(told: Progress) -> None:
        for null in shuffled_graphs(
            graph, null_count, "all", seed, lambda share: told((len(nulls) + share) / null_count)
        ):
            nulls.append(null)

    def search_graph(told: Progress) -> None:
        for place, count in enumerate(counts):
            part = part_of(told, place / len(counts), (place + 1) / len(counts))
            found.append(search(graph, count, seed, part))

    def best_value(null: NetworkGraph, count: int, told: Progress) -> float:
        return layered_modularity(null, search(null, count, seed, told))

    side_by_side([shuffle, search_graph], part_of(progress, 0.0, 0.5), threads)
    best, best_excess, chance = 0, -np.inf, -np.inf
    for place, (count, labels) in enumerate(zip(counts, found, strict=True)):
        value = layered_modularity(graph, labels)
        # Chance grows with the number of modules; what cannot win against the chance of fewer
        # modules is not searched for in the shuffled networks, which takes most of the time.
        if value - chance <= best_excess + 1e-9:
            continue
        told = part_of(progress, *(0.5 + 0.5 * at / len(counts) for at in (place, place + 1)))
        searches = [partial(best_value, null, count) for null in nulls]
        of_nulls = side_by_side(searches, told, threads)
        chance = max(chance, float(np.mean(of_nulls)))
        if value - chance > best_excess + 1e-9:  # a difference in rounding is none
            best, best_excess = place, value - chance
    if progress is not None:
        progress(1.0)
    return counts[best], found[best]


def search_of(method: str) -> Search:
    """Return the search of a method.

    Raises
    ------
    PartitionError
        If the method is unknown.
    """
    return _method(method).search


def _method(name: str) -> _Method:
    if name not in METHODS:
        raise PartitionError(f"found method {name!r:.40}; expected one of {', '.join(METHODS)}")
    return _METHODS[name]
