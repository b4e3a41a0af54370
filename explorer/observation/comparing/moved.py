"""Which weights moved, module by module, between two networks whose neurons are the same."""

from collections.abc import Iterator

import numpy as np

from explorer.modularity.partition import Partition, module_name
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.observation.comparing.values import Moved


def moved_weights(first: Partition, second: Partition) -> tuple[Moved, ...]:
    """Measure how far the weights moved, in all, inside each module and in each interface.

    Modules are those of the first network. Link by link, so that a large network is never held as
    one matrix; where an edge stands for several weights, its size is taken.

    Parameters
    ----------
    first, second : Partition
        Of networks with the same layers.

    Returns
    -------
    tuple of Moved
        All weights first, then modules, then interfaces by falling change.
    """
    one, two = first.graph.checkpoint, second.graph.checkpoint
    assert one is not None and two is not None
    count = first.count
    differences, sizes = np.zeros((2, count, count))
    weights = np.zeros((count, count), dtype=np.int64)
    all_difference = all_size = all_weights = 0.0
    offsets, labels = first.graph.offsets, first.labels
    for (source, target), before, after in _links(one, two):
        change, size = (after - before) ** 2, before**2
        all_difference += float(change.sum())
        all_size += float(size.sum())
        all_weights += float(before.size)
        columns = _members(labels[offsets[source] : offsets[source + 1]], count)
        rows = _members(labels[offsets[target] : offsets[target + 1]], count)
        differences += rows @ change @ columns.T
        sizes += rows @ size @ columns.T
        weights += np.outer(rows.sum(axis=1), columns.sum(axis=1)).astype(np.int64)
    found = [Moved("all", _share(all_difference, all_size), int(all_weights))]
    found += [
        Moved(module_name(a), _share(differences[a, a], sizes[a, a]), int(weights[a, a]))
        for a in range(count)
    ]
    interfaces = [
        Moved(
            interface.name,
            _share(differences[a, b] + differences[b, a], sizes[a, b] + sizes[b, a]),
            int(weights[a, b] + weights[b, a]),
        )
        for interface in first.interfaces
        for a, b in [(interface.first, interface.second)]
    ]
    return (*found, *sorted(interfaces, key=lambda one: -np.nan_to_num(one.change)))


def _links(one: Checkpoint, two: Checkpoint) -> Iterator[tuple[tuple[int, int], Floats, Floats]]:
    """Every link with its weights before and after."""
    streams = one.network.streams
    known = None if streams else (one.network.edge_weights, two.network.edge_weights)
    for place, link in enumerate(one.network.links):
        if known is None:
            pair = (one.network.link_magnitude(place), two.network.link_magnitude(place))
        else:
            pair = (known[0][place], known[1][place])
        before, after = (np.asarray(w.detach().float().numpy(), np.float64) for w in pair)
        yield link, before, after


def _members(labels: Ints, count: int) -> Floats:
    return np.asarray(labels[None, :] == np.arange(count)[:, None], dtype=np.float64)


def _share(difference: float, size: float) -> float:
    return float(np.sqrt(difference / size)) if size > 0 else float("nan")
