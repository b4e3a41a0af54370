"""Match the modules of two networks so that matched ones are as similar as can be."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from explorer.modularity.null_models import compare_with_null
from explorer.modularity.partition import Partition
from explorer.network.graph import Floats, Ints
from explorer.observation.comparing.values import ModuleMatch

# From labels to one row for every group, and from the rows of both networks to similarities.
Describe = Callable[[Ints], Floats]
Table = Callable[[Floats, Floats], Floats]

NULL_COUNT = 40


def match_groups(
    first: Partition,
    second: Partition,
    describe: tuple[Describe, Describe],
    table: Table,
    null_count: int = NULL_COUNT,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> tuple[ModuleMatch, ...]:
    """Match modules, and put beside every similarity those of random groups of the same sizes.

    Parameters
    ----------
    first, second : Partition
    describe : tuple of two callables
        From labels of the nodes of one network to one row for every module.
    table : callable
        From the rows of both to their similarities.
    null_count : int
        Random groupings, half of them of each network.
    seed : int
    progress : callable, optional
        Called with the share that is done.

    Returns
    -------
    tuple of ModuleMatch
        Without pairs that have nothing in common.

    References
    ----------
    Kuhn (1955), The Hungarian method for the assignment problem, Naval Research Logistics 2.
    """
    if not first.count or not second.count:
        return ()
    own = describe[0](first.labels), describe[1](second.labels)
    similarity = table(*own)
    pairs = best_pairs(similarity)
    rng = np.random.default_rng(seed)
    nulls = np.empty((null_count, len(pairs)))
    for shuffle in range(null_count):
        if shuffle % 2:
            null = table(describe[0](shuffled_labels(first, rng)), own[1])
        else:
            null = table(own[0], describe[1](shuffled_labels(second, rng)))
        partners = dict(best_pairs(null))
        backwards = {b: a for a, b in partners.items()}
        for at, (a, b) in enumerate(pairs):
            if shuffle % 2:  # a real module of the second, and what it is matched with by chance
                nulls[shuffle, at] = null[backwards[b], b] if b in backwards else null[:, b].max()
            else:
                nulls[shuffle, at] = null[a, partners[a]] if a in partners else null[a].max()
        if progress is not None:
            progress((shuffle + 1) / null_count)
    return tuple(
        ModuleMatch(
            a, b, float(similarity[a, b]), compare_with_null(similarity[a, b], nulls[:, at], "all")
        )
        for at, (a, b) in enumerate(pairs)
        if similarity[a, b] > 0
    )


def best_pairs(similarity: Floats) -> list[tuple[int, int]]:
    """Pairs of rows and columns, each in at most one, of the largest sum."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(similarity, maximize=True)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def shuffled_labels(partition: Partition, rng: np.random.Generator) -> Ints:
    """Labels that change places within each layer; nodes without an edge stay what they are."""
    labels = partition.labels.copy()
    for start, end in pairwise(partition.graph.offsets.tolist()):
        attached = start + np.flatnonzero(labels[start:end] >= 0)
        labels[attached] = rng.permutation(labels[attached])
    return labels
