"""How few weights between modules a network can do with."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.errors import PartitionError
from explorer.modularity.partition import Partition
from explorer.network.architectures import Network
from explorer.network.graph import LARGE, Bools, Ints
from explorer.network.pruning import MAX_EDGES
from explorer.network.tasks import Task, abilities
from explorer.observation.activations import task_of
from explorer.observation.streaming import at_once

_TOLERANCE = 0.01


@dataclass(frozen=True)
class InterfaceSize:
    """How many weights between modules must stay.

    Attributes
    ----------
    kept : int
        Weights between modules that must stay. An edge may stand for several weights: all behind
        it count.
    between : int
        Weights between modules that there are; those that are exactly 0 count for nothing.
    total : int
        Weights behind all edges.
    before, after : float
        Accuracy with all of them, and with those that must stay: the mean over heads or skills.
    split : str
    """

    kept: int
    between: int
    total: int
    before: float
    after: float
    split: str


def interface_size(
    partition: Partition, split: str = "validation", tolerance: float = _TOLERANCE
) -> InterfaceSize:
    """Count the weights between modules that must stay for at most a point of accuracy lost.

    Edges between modules are ordered by mass, and the smallest are cut together, as many as can
    be. How many is found by bisection, which takes accuracy to fall steadily with the number that
    is cut; where it does not, a somewhat smaller interface may be missed, never a larger one: the
    network with the weights counted was run.

    Parameters
    ----------
    partition : Partition
        Of the graph of a network with a task.
    split : str
        Data to measure accuracy on.
    tolerance : float
        Accuracy that may be lost.

    Returns
    -------
    InterfaceSize

    Raises
    ------
    PartitionError
        If the graph was made by hand, so that there is no network to run, or the network is large.
    TaskError
        If the network has no task.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> found = interface_size(find_modules(network_graph(load("xor4-modular")), k=4))
    >>> found.kept, found.total
    (0, 1536)
    """
    checkpoint = partition.graph.checkpoint
    if checkpoint is None:
        raise PartitionError("found a graph without its network; expected one of network_graph")
    network, task = checkpoint.network, task_of(checkpoint)
    check_small(task, network, split)
    crossing = _crossing(partition)
    masses = np.concatenate([block.dense().reshape(-1) for block in partition.graph.blocks])
    order = np.flatnonzero(crossing)
    order = order[np.argsort(masses[order], kind="stable")]

    def without_smallest(count: int) -> Network:
        cut = np.zeros(len(crossing), dtype=bool)
        cut[order[:count]] = True
        return network.without_edges(_masks(partition, cut))

    def accuracy(of: Network) -> float:
        able = abilities(task, of, split)
        return sum(ability.share for ability in able) / len(able)

    before = accuracy(network)
    low, high = 0, len(order)  # so many may be cut; more than this may not
    after = before
    # All at once first: it is what a modular network allows, and saves the search.
    middle = high
    while low < high:
        found = accuracy(without_smallest(middle))
        # A share is a quotient of counts: 1e-9 keeps a loss of just the tolerance within it.
        if found >= before - tolerance - 1e-9:
            low, after = middle, found
        else:
            high = middle - 1
        middle = (low + high + 1) // 2
    bare = _count(without_smallest(len(order)))
    return InterfaceSize(
        kept=_count(without_smallest(low)) - bare,
        between=_count(network) - bare,
        total=sum(weight.numel() for weight in network.matrices),
        before=before,
        after=after,
        split=split,
    )


def check_small(task: Task, network: Network, split: str) -> None:
    """Refuse a network of which dozens of runs take long.

    Raises
    ------
    PartitionError
    """
    sizes = [layer.size for layer in network.neuron_layers]
    edges = sum(sizes[source] * sizes[target] for source, target in network.links)
    inputs = task.split(split).inputs
    parts = task.opened and at_once(network, inputs) < len(inputs)
    if parts or sum(sizes) > LARGE or edges > MAX_EDGES:
        raise PartitionError(
            f"found a network of {sum(sizes):,} nodes and {edges:,} edges; expected one of at most "
            f"{LARGE:,} and {MAX_EDGES:,} that runs on all examples at once: the search takes "
            f"dozens of runs"
        )


def _crossing(partition: Partition) -> Bools:
    """Tell of every edge, block after block, whether it leads to another module."""
    offsets, labels = partition.graph.offsets, partition.labels

    def of_layer(layer: int) -> Ints:
        return labels[offsets[layer] : offsets[layer + 1]]

    return np.concatenate(
        [
            (of_layer(block.target)[:, None] != of_layer(block.source)[None, :]).reshape(-1)
            for block in partition.graph.blocks
        ]
    )


def _masks(partition: Partition, cut: Bools) -> list[Tensor]:
    """Shape one flat array of edges into a mask a block."""
    blocks = partition.graph.blocks
    ends = np.cumsum([block.shape[0] * block.shape[1] for block in blocks])
    parts = np.split(cut, ends[:-1])
    return [
        torch.from_numpy(part.reshape(block.shape))
        for part, block in zip(parts, blocks, strict=True)
    ]


def _count(network: Network) -> int:
    return sum(int(torch.count_nonzero(weight)) for weight in network.matrices)
