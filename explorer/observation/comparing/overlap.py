"""Modules by the nodes that they have in common."""

import numpy as np

from explorer.modularity.partition import Partition
from explorer.network.graph import Floats, Ints
from explorer.observation.comparing.matching import Describe

_ENDS = ("input", "output")


def same_layers(first: Partition, second: Partition) -> bool:
    """Whether two networks have the same layers, node by node."""
    layers = [[(layer.role, layer.size) for layer in p.graph.layers] for p in (first, second)]
    return layers[0] == layers[1]


def shared_ends(first: Partition, second: Partition) -> tuple[Ints, Ints]:
    """Inputs and outputs of both networks that mean the same: of one task, and as many."""
    found: list[tuple[Ints, Ints]] = []
    tasks = [p.graph.checkpoint.task_name if p.graph.checkpoint else None for p in (first, second)]
    if tasks[0] == tasks[1]:
        for role in _ENDS:
            a, b = _nodes(first, role), _nodes(second, role)
            if len(a) == len(b):
                found.append((a, b))
    empty: Ints = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([empty, *(a for a, _ in found)]),
        np.concatenate([empty, *(b for _, b in found)]),
    )


def members(nodes: Ints, count: int) -> Describe:
    """From labels to one row for every module: 1 for each of these nodes that is in it."""

    def describe(labels: Ints) -> Floats:
        return np.asarray(labels[nodes][None, :] == np.arange(count)[:, None], dtype=np.float64)

    return describe


def jaccard(first: Floats, second: Floats) -> Floats:
    """Share of the members of either of two groups that are in both.

    Examples
    --------
    >>> jaccard(np.array([[1.0, 1.0, 0.0]]), np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0]])).round(2)
    array([[0.33, 0.  ]])
    """
    both = first @ second.T
    either = first.sum(axis=1)[:, None] + second.sum(axis=1)[None, :] - both
    return np.asarray(both / np.maximum(either, 1.0))


def _nodes(partition: Partition, role: str) -> Ints:
    graph = partition.graph
    is_role = np.array([layer.role == role for layer in graph.layers], dtype=bool)
    return np.flatnonzero(is_role[graph.layer_of])
