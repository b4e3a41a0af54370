"""Nested partitions: modules of modules.

A single search for many modules passes over the fine structure inside coarse modules: what it
compares with is the whole network, in which small modules hardly count (the resolution limit). So
the coarse modules are found first, and each is then searched on its own, as a network whose layers
are the module's own neurons.

References
----------
Fortunato and Barthelemy (2007), Resolution limit in community detection, PNAS 104, 36-41.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.finding import MAX_COUNT, Search, search_of
from explorer.modularity.layered import layered_modularity
from explorer.modularity.partition import Partition, make_partition
from explorer.network.architectures import Layer
from explorer.network.graph import Ints, NetworkGraph


@dataclass(frozen=True)
class NestedPartition:
    """Partitions of one graph, each a coarsening of the one before.

    Attributes
    ----------
    levels : tuple of Partition
        From fine to coarse.
    """

    levels: tuple[Partition, ...]

    def __post_init__(self) -> None:
        for level in range(len(self.levels) - 1):
            self.parents(level)

    def parents(self, level: int) -> Ints:
        """Label, one level up, of the module that holds each module of a level.

        Parameters
        ----------
        level : int
            0 for the finest; the coarsest has nothing above it.

        Returns
        -------
        array of int, shape (modules of the level,)

        Raises
        ------
        PartitionError
            If there is no level above, or a module does not lie inside one of it.
        """
        if not 0 <= level < len(self.levels) - 1:
            raise PartitionError(
                f"found level {level!r:.40}; expected one from 0 to {len(self.levels) - 2}"
            )
        fine, coarse = self.levels[level], self.levels[level + 1]
        result = np.full(fine.count, -1, dtype=np.int64)
        attached = fine.labels >= 0
        result[fine.labels[attached]] = coarse.labels[attached]
        if (
            fine.graph.id != coarse.graph.id
            or (result[fine.labels[attached]] != coarse.labels[attached]).any()
        ):
            raise PartitionError(
                f"found a module of level {level} in several of the next; expected each in one"
            )
        return result


def nested_modules(
    graph: NetworkGraph, counts: Sequence[int] = (4, 2), method: str = "layered", seed: int = 0
) -> NestedPartition:
    """Find modules of modules.

    The coarsest level is found in the whole graph. To refine a level, each of its modules is
    searched as a graph of its own for 1, 2, ... modules, and the numbers, which add up to that of
    the finer level, are those for which the sum of the modules' own Q_B, each times the mass
    inside the module, is largest.

    Parameters
    ----------
    graph : NetworkGraph
    counts : sequence of int
        Number of modules of each level, from fine to coarse, each less than the one before; at
        most so many are found.
    method : str
        As in ``find_modules``.
    seed : int

    Returns
    -------
    NestedPartition

    Raises
    ------
    PartitionError
        If the counts do not fall or are out of range, or the method is unknown.

    Examples
    --------
    >>> from explorer.modularity.planted import planted_nested
    >>> nested = nested_modules(planted_nested(coarse=2, fine=2).graph, counts=(4, 2))
    >>> [partition.count for partition in nested.levels]
    [4, 2]
    >>> sorted(nested.parents(0).tolist())
    [0, 0, 1, 1]
    """
    search = search_of(method)
    _check(counts)
    partition = make_partition(graph, search(graph, counts[-1], seed, None))
    levels = [partition]
    for count in reversed(counts[:-1]):
        partition = make_partition(graph, _refine(partition, count, search, seed))
        levels.append(partition)
    return NestedPartition(tuple(reversed(levels)))


def _check(counts: Sequence[int]) -> None:
    whole = all(isinstance(c, (int, np.integer)) and not isinstance(c, bool) for c in counts)
    falling = all(a > b for a, b in pairwise(counts))
    if not (len(counts) and whole and falling and counts[-1] >= 1 and counts[0] <= MAX_COUNT):
        raise PartitionError(
            f"found counts {tuple(counts)!r:.60}; expected falling whole numbers from 1 to "
            f"{MAX_COUNT}, fine to coarse"
        )


def _refine(partition: Partition, count: int, search: Search, seed: int) -> Ints:
    """Split the modules of a partition into ``count`` in all."""
    most = count - partition.count + 1
    found: list[list[Ints]] = []
    gains: list[list[float]] = []
    for module in partition.modules:
        own = _subgraph(partition.graph, np.asarray(module.nodes))
        mass = partition.crossing[module.index, module.index]
        splits = [search(own, k, seed, None) for k in range(1, min(most, len(module.nodes)) + 1)]
        found.append(splits)
        gains.append([mass * layered_modularity(own, labels) for labels in splits])
    labels = np.full(partition.graph.node_count, -1, dtype=np.int64)
    used = 0
    for module, splits, share in zip(partition.modules, found, _shares(gains, count), strict=True):
        # A neuron all of whose weights leave its module stays with the module's first part.
        part = np.maximum(splits[share - 1], 0)
        labels[list(module.nodes)] = used + part
        used += int(part.max()) + 1
    return labels


def _shares(gains: Sequence[Sequence[float]], count: int) -> list[int]:
    """Numbers of parts, one a module, at most ``count`` in all, of the largest sum of gains."""
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for own in gains:
        longer: dict[int, tuple[float, list[int]]] = {}
        for total, (value, shares) in best.items():
            for parts, gain in enumerate(own, start=1):
                key, sum_ = total + parts, value + gain
                if key <= count and (key not in longer or sum_ > longer[key][0] + 1e-12):
                    longer[key] = (sum_, [*shares, parts])
        best = longer
    return best[max(best)][1]


def _subgraph(graph: NetworkGraph, nodes: Ints) -> NetworkGraph:
    """Restrict a graph to some of its nodes; each block's masses are scaled to add up to 1."""
    chosen = [
        nodes[(nodes >= start) & (nodes < end)] - start for start, end in pairwise(graph.offsets)
    ]
    layers = tuple(
        Layer(layer.name, layer.role, len(own))
        for layer, own in zip(graph.layers, chosen, strict=True)
    )
    blocks = tuple(
        block.within(chosen[block.target], chosen[block.source]) for block in graph.blocks
    )
    names = tuple(graph.names[node] for node in nodes)
    return NetworkGraph(layers, blocks, names, graph.weighting)
