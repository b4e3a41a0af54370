"""Interventions: neurons are ablated, or an interface is cut, and what is lost is measured."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from explorer.errors import GraphError, PartitionError
from explorer.modularity.partition import Interface, Partition
from explorer.network.architectures import Edit, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Bools, Ints
from explorer.network.tasks import Task
from explorer.observation.activations import SPLIT, task_of
from explorer.observation.effects import AccuracyChange, Effect, LossChange, measure_effect
from explorer.observation.streaming import FEW, Progress, at_once, batches

__all__ = [
    "AccuracyChange",
    "Effect",
    "LossChange",
    "ablate",
    "cut_all_interfaces",
    "cut_interface",
    "holding",
    "usual_ablation",
    "without_interface",
]

_TEXTS = 256  # texts that means are taken over


def ablate(
    checkpoint: Checkpoint,
    nodes: Sequence[int],
    kind: str | None = None,
    split: str = SPLIT,
    progress: Progress | None = None,
) -> Effect:
    """Hold neurons at a constant and measure the accuracy that is lost.

    Parameters
    ----------
    checkpoint : Checkpoint
    nodes : sequence of int
        Nodes of the network's graph.
    kind : {"mean", "zero"}, optional
        Hold them at their mean over the training split, or at 0. By default at their mean; those of
        a network that reads text at 0, since a module that is silent on most tokens would
        otherwise be made to speak on all of them.
    split : str
        Data to measure on.
    progress : callable, optional
        Called with the share that is done; what it raises stops the run.

    Returns
    -------
    Effect

    Raises
    ------
    GraphError
        If ``kind`` is unknown or a node is none of the network's.
    """
    network, task = checkpoint.network, task_of(checkpoint)
    kind = kind or usual_ablation(task)
    if kind not in ("mean", "zero"):
        raise GraphError(f"found ablation {kind!r:.40}; expected 'mean' or 'zero'")
    chosen = np.asarray(nodes, dtype=np.int64)
    count = sum(layer.size for layer in network.neuron_layers)
    if len(chosen) and not (chosen.min() >= 0 and chosen.max() < count):
        raise GraphError(f"found nodes {chosen.min()} to {chosen.max()}; expected 0 to {count - 1}")
    means = _means_of(checkpoint.id, network, task) if kind == "mean" else None
    edit = holding(network, task, chosen.tolist(), kind, means)
    return measure_effect(checkpoint, network, task, split, edit, kind, progress)


def cut_interface(
    checkpoint: Checkpoint,
    interface: Interface,
    split: str = SPLIT,
    progress: Progress | None = None,
) -> Effect:
    """Set every weight between two modules to zero and measure the accuracy that is lost.

    Raises
    ------
    PartitionError
        If the interface belongs to another network.
    """
    cut = without_interface(checkpoint, interface)
    return measure_effect(checkpoint, cut, task_of(checkpoint), split, None, "cut", progress)


def without_interface(checkpoint: Checkpoint, interface: Interface) -> Network:
    """Give a network to run with every weight between two modules set to zero.

    Raises
    ------
    PartitionError
        If the interface belongs to another network.
    """
    if interface.partition.graph.checkpoint_id != checkpoint.id:
        raise PartitionError(
            f"found an interface of the network {interface.partition.graph.checkpoint_id}; "
            f"expected one of {checkpoint.id}"
        )
    pair = [interface.first, interface.second]

    def crosses(source: Ints, target: Ints) -> Bools:
        ends = np.isin(target, pair)[:, None] & np.isin(source, pair)[None, :]
        return np.asarray(ends & (target[:, None] != source[None, :]))

    return _cut(checkpoint, interface.partition, crosses)


def cut_all_interfaces(partition: Partition, split: str = SPLIT) -> Effect:
    """Set every weight between any two modules to zero and measure the accuracy that is lost."""
    checkpoint = partition.graph.checkpoint
    assert checkpoint is not None
    cut = _cut(checkpoint, partition, lambda source, target: target[:, None] != source[None, :])
    return measure_effect(checkpoint, cut, task_of(checkpoint), split, None, "cut")


def _cut(
    checkpoint: Checkpoint, partition: Partition, crosses: Callable[[Ints, Ints], Bools]
) -> Network:
    """Run without the weights for which ``crosses(source labels, target labels)`` says so."""
    offsets, labels = partition.graph.offsets, partition.labels
    masks = []
    for block in partition.graph.blocks:
        source = labels[offsets[block.source] : offsets[block.source + 1]]
        target = labels[offsets[block.target] : offsets[block.target + 1]]
        masks.append(torch.from_numpy(crosses(source, target)))
    return checkpoint.network.running_without(masks)


def usual_ablation(task: Task) -> str:
    """What neurons are held at unless somebody says otherwise; see ``ablate``."""
    return "zero" if task.is_text else "mean"


def holding(
    network: Network,
    task: Task,
    nodes: Sequence[int],
    kind: str,
    means: Sequence[Tensor] | None = None,
) -> Edit:
    """Return an edit that holds nodes at their mean over the training split, or at 0.

    ``means`` are those of every layer where they are known, so that they need not be taken again.
    """
    if kind == "mean" and means is None:
        means = _means(network, task)
    chosen = np.asarray(nodes, dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum([layer.size for layer in network.neuron_layers])])
    within = [
        torch.from_numpy(chosen[(chosen >= a) & (chosen < b)] - a)
        for a, b in pairwise(offsets.tolist())
    ]

    def edit(layer: int, activations: Tensor) -> Tensor:
        held = within[layer]
        if not len(held):
            return activations
        changed = activations.clone()
        value = 0.0 if means is None or kind == "zero" else means[layer][..., held]
        changed[..., held] = value
        return changed

    return edit


@torch.no_grad()
def _means(network: Network, task: Task) -> list[Tensor]:
    """Mean of every layer over examples (and positions) of the training split.

    A head or channel has a mean for each of its numbers. Of somebody's own data and a large
    network, over 32 examples.
    """
    inputs = task.split("train").inputs
    inputs = inputs[:_TEXTS] if task.is_text else inputs
    if task.opened and at_once(network, inputs) < len(inputs):
        inputs = inputs[:FEW]
    total: list[Tensor] = []
    for _, batch in batches(network, inputs):
        layers = network.activations(batch)
        means = [a.flatten(0, network.example_axes - 1).mean(dim=0) for a in layers]
        if len(batch) == len(inputs):
            return means
        parts = [mean * (len(batch) / len(inputs)) for mean in means]
        total = [a + b for a, b in zip(total, parts, strict=True)] if total else parts
    return total


@lru_cache(maxsize=4)
def _means_of(checkpoint_id: str, network: Network, task: Task) -> list[Tensor]:
    """Keep the means of the networks looked at last: they are the same for every part."""
    return _means(network, task)
