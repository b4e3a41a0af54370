"""How modular a partition is: five figures, each beside its null."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.cut_tree import gomory_hu_tree
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.null_models import (
    NULL_KINDS,
    Null,
    compare_with_null,
    shuffled_graphs,
)
from explorer.modularity.partition import Partition, make_partition
from explorer.network.graph import NetworkGraph, part_of

NULL_COUNT, FEW_NULLS = 50, 10
_FEW_ZEROS = 0.05
FIGURE_TITLES = {
    "layered_modularity": "layered modularity Q_B",
    "newman_modularity": "Newman modularity Q",
    "n_cut": "n-cut",
    "inside_mass": "weight inside modules",
    "trivial_cut_share": "cuts that isolate one neuron",
}


@dataclass(frozen=True)
class Figure:
    """A figure and its nulls, one for each way of shuffling."""

    value: float
    nulls: tuple[Null, ...]

    def null(self, kind: str) -> Null:
        """Look up the null of one way of shuffling: ``all`` or ``nonzero``."""
        return next(null for null in self.nulls if null.kind == kind)


@dataclass(frozen=True)
class Quality:
    """Figures of a partition.

    Attributes
    ----------
    layered_modularity : Figure
        Q_B, the headline: mass inside modules beyond chance, within each layer; at most 1 - 1/k.
    newman_modularity : Figure
        Q of the whole graph. Beware: a split by depth scores high.
    n_cut : Figure
        Sum over modules of (mass that leaves it) / (its volume), divided by k - 1; lower is more
        modular; NaN for a single module.
    inside_mass : Figure
        Share of the mass that stays inside modules; 1 for a single module.
    trivial_cut_share : Figure
        Share of the cuts in the network's Gomory-Hu tree that isolate a single neuron; 1 means
        that the tree is a star. It does not depend on the partition.
    partition_id : str
    """

    layered_modularity: Figure
    newman_modularity: Figure
    n_cut: Figure
    inside_mass: Figure
    trivial_cut_share: Figure
    partition_id: str


class _StoppedError(Exception):
    """Somebody asked to leave it at the shuffled networks so far."""


def quality(
    graph: NetworkGraph,
    partition: Partition,
    null_count: int | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Quality:
    """Measure a partition, and the same search on shuffled networks.

    Every shuffled network gets a partition of its own, found in the same way with the same number
    of modules, so that a figure is compared with what the search finds by chance.

    Parameters
    ----------
    graph : NetworkGraph
    partition : Partition
        Of this graph.
    null_count : int, optional
        Shuffled networks for each of the two ways of shuffling: by default 50, and of a large graph
        (see ``NetworkGraph.is_large``) 10. ``Null.low`` and ``Null.high`` say between which values
        theirs lie. Where less than 5 % of a large network's weights are zero, keeping zeros in
        their places makes no other shuffle to speak of: both ways then share their networks.
    seed : int
    progress : callable, optional
        Called with the share that is done; what it raises stops the work.
    stop : callable, optional
        Asked again and again whether to leave it at the shuffled networks so far; ``Null.count``
        says how many they are.

    Returns
    -------
    Quality

    Raises
    ------
    PartitionError
        If the partition is that of another graph.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> graph = network_graph(load("xor4-modular"))
    >>> found = quality(graph, find_modules(graph), null_count=5)
    >>> found.layered_modularity.value > found.layered_modularity.null("all").mean
    True
    """
    if partition.graph.id != graph.id:
        raise PartitionError(
            f"found a partition of the graph {partition.graph.id}; expected one of {graph.id}"
        )
    own = figures(graph, partition)
    null_figures: dict[str, list[tuple[float, ...]]] = {kind: [] for kind in NULL_KINDS}
    # In turn, so that both kinds have some wherever it is stopped.
    if null_count is None:
        null_count = FEW_NULLS if graph.is_large else NULL_COUNT
    kinds = NULL_KINDS[:1] if _has_few_zeros(graph) else NULL_KINDS
    turns, done = kinds * null_count, 0

    def tell(share: float) -> None:
        """Take how far the shuffled network under way is."""
        if stop is not None and stop():
            raise _StoppedError
        if progress is not None:
            progress((done + share) / len(turns))

    making, searching = part_of(tell, 0.0, 0.4), part_of(tell, 0.4, 0.9)
    shuffles = {kind: shuffled_graphs(graph, null_count, kind, seed, making) for kind in kinds}
    with suppress(_StoppedError):
        for kind in turns:
            tell(0.0)
            null = next(shuffles[kind])
            labels = maximise_layered_modularity(
                null, max(partition.count, 1), seed=seed, progress=searching
            )
            tell(0.9)
            null_figures[kind].append(figures(null, make_partition(null, labels)))
            done += 1
            if progress is not None:
                progress(done / len(turns))
    for kind in NULL_KINDS[len(kinds) :]:
        null_figures[kind] = null_figures[kinds[0]]
    q_b, newman, cut, inside, trivial = (
        Figure(
            value,
            tuple(
                compare_with_null(value, np.array([f[place] for f in null_figures[kind]]), kind)
                for kind in NULL_KINDS
            ),
        )
        for place, value in enumerate(own)
    )
    return Quality(q_b, newman, cut, inside, trivial, partition.id)


def _has_few_zeros(graph: NetworkGraph) -> bool:
    if not graph.is_large or graph.checkpoint is None:
        return False
    weights = graph.checkpoint.network.matrices
    zeros = sum(weight.numel() - int(weight.count_nonzero()) for weight in weights)
    return zeros < _FEW_ZEROS * sum(weight.numel() for weight in weights)


def figures(graph: NetworkGraph, partition: Partition) -> tuple[float, float, float, float, float]:
    """Return the values of ``Quality``, in its order, without nulls."""
    return (
        layered_modularity(graph, partition.labels),
        newman_modularity(partition),
        n_cut(partition),
        inside_mass(partition),
        gomory_hu_tree(graph).trivial_share,
    )


def newman_modularity(partition: Partition) -> float:
    """Newman's Q of the whole graph, as an undirected one.

    References
    ----------
    Newman and Girvan (2004), Finding and evaluating community structure in networks, Phys. Rev. E
    69, 026113.
    """
    between = partition.crossing
    volume = (between.sum(axis=0) + between.sum(axis=1)) / 2
    return float(np.trace(between) - (volume**2).sum())


def n_cut(partition: Partition) -> float:
    """Normalised cut over k - 1; NaN for a single module.

    References
    ----------
    Shi and Malik (2000), Normalized cuts and image segmentation, IEEE PAMI 22, 888-905.
    """
    if partition.count < 2:
        return float("nan")
    between = partition.crossing
    volume = between.sum(axis=0) + between.sum(axis=1)
    leaving = volume - 2 * np.diag(between)
    return float((leaving / volume).sum() / (partition.count - 1))


def inside_mass(partition: Partition) -> float:
    """Share of the mass of all edges that lies inside modules; NaN for a graph without edges."""
    return float(np.trace(partition.crossing)) if partition.count else float("nan")
