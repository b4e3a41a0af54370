"""What is lost when neurons are ablated or an interface is cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from explorer.errors import GraphError, PartitionError
from explorer.modularity.partition import Interface, Partition
from explorer.network.architectures import MLP, Edit, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Bools, Ints
from explorer.network.tasks import Examples, Task, accuracy
from explorer.observation.activations import SPLIT, task_of

_NOTHING_TO_LOSE = 0.01


@dataclass(frozen=True)
class AccuracyChange:
    """Accuracy before and after an intervention, on one head or one of its classes.

    Attributes
    ----------
    head : str
    label : str or None
        A class of the head, or None for the whole head.
    before, after : float
        Share of right answers; NaN where there is no example.
    count : int
        Number of examples.
    """

    head: str
    label: str | None
    before: float
    after: float
    count: int

    @property
    def lost(self) -> float:
        """Accuracy lost: positive where the intervention harms."""
        return self.before - self.after


@dataclass(frozen=True)
class Effect:
    """What an intervention does to a network's accuracy.

    Attributes
    ----------
    heads : tuple of AccuracyChange
        One a head.
    classes : tuple of AccuracyChange
        One for every class of every head.
    split : str
    checkpoint_id : str
    """

    heads: tuple[AccuracyChange, ...]
    classes: tuple[AccuracyChange, ...]
    split: str
    checkpoint_id: str


def ablate(
    checkpoint: Checkpoint, nodes: Sequence[int], kind: str = "mean", split: str = SPLIT
) -> Effect:
    """Hold neurons at a constant and measure the accuracy that is lost.

    Parameters
    ----------
    checkpoint : Checkpoint
    nodes : sequence of int
        Nodes of the network's graph.
    kind : {"mean", "zero"}
        Hold them at their mean over the training split, or at 0.
    split : str
        Data to measure on.

    Returns
    -------
    Effect

    Raises
    ------
    GraphError
        If ``kind`` is unknown or a node is none of the network's.
    """
    network, task = checkpoint.network, task_of(checkpoint)
    if kind not in ("mean", "zero"):
        raise GraphError(f"found ablation {kind!r:.40}; expected 'mean' or 'zero'")
    chosen = np.asarray(nodes, dtype=np.int64)
    if len(chosen) and not (chosen.min() >= 0 and chosen.max() < sum(network.widths)):
        raise GraphError(
            f"found nodes {chosen.min()} to {chosen.max()}; expected 0 to {sum(network.widths) - 1}"
        )
    return _effect(checkpoint, network, task, split, _hold(network, task, chosen, kind))


def cut_interface(checkpoint: Checkpoint, interface: Interface, split: str = SPLIT) -> Effect:
    """Set every weight between two modules to zero and measure the accuracy that is lost.

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

    return _cut(interface.partition, crosses, split)


def cut_all_interfaces(partition: Partition, split: str = SPLIT) -> Effect:
    """Set every weight between any two modules to zero and measure the accuracy that is lost."""
    return _cut(partition, lambda source, target: target[:, None] != source[None, :], split)


def functional_modularity(
    partition: Partition, split: str = "test", groups: Ints | None = None
) -> float | None:
    """How much ablating a module harms one head more than the others, averaged over modules.

    For each module with hidden neurons, these are held at their mean. The accuracy that a head
    loses is divided by the most that it can lose (accuracy minus one over the number of classes,
    that of guessing) and kept between 0 and 1; the figure is the largest loss minus the mean of the
    other heads' losses, averaged over modules. 1 means that each module carries all of one head
    and nothing of the others.

    Parameters
    ----------
    partition : Partition
    split : str
    groups : array of int, shape (nodes,), optional
        Other labels to take in the place of the partition's, as for a null.

    Returns
    -------
    float or None
        None for a network with fewer than two heads, or of fewer than two modules.
    """
    checkpoint = partition.graph.checkpoint
    if checkpoint is None or checkpoint.task is None or len(checkpoint.task.heads) < 2:
        return None
    if partition.count < 2:
        return None
    labels = partition.labels if groups is None else groups
    hidden = np.array([layer.role == "hidden" for layer in partition.graph.layers])
    is_hidden = hidden[partition.graph.layer_of]
    chance = [1 / len(head.classes) for head in checkpoint.task.heads]
    found = []
    for module in range(partition.count):
        nodes = np.flatnonzero((labels == module) & is_hidden)
        if len(nodes):
            effect = ablate(checkpoint, nodes.tolist(), split=split)
            lost = sorted(
                # Who only guessed has nothing to lose.
                float(np.clip(change.lost / (change.before - floor), 0.0, 1.0))
                if change.before - floor > _NOTHING_TO_LOSE
                else 0.0
                for change, floor in zip(effect.heads, chance, strict=True)
            )
            found.append(lost[-1] - float(np.mean(lost[:-1])))
    return float(np.mean(found)) if found else None


def functional_null(
    partition: Partition, count: int = 10, seed: int = 0, split: str = "test"
) -> float | None:
    """Functional modularity of random groups: labels change places within each layer.

    Returns
    -------
    float or None
        The mean over ``count`` shuffles; None as for ``functional_modularity``.
    """
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(count):
        groups = partition.labels.copy()
        for start, end in pairwise(partition.graph.offsets.tolist()):
            groups[start:end] = rng.permutation(groups[start:end])
        values.append(functional_modularity(partition, split, groups))
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _cut(partition: Partition, crosses: Callable[[Ints, Ints], Bools], split: str) -> Effect:
    """Zero the weights for which ``crosses(source labels, target labels)`` says so."""
    checkpoint = partition.graph.checkpoint
    assert checkpoint is not None
    offsets, labels = partition.graph.offsets, partition.labels
    weights = []
    for block, weight in zip(partition.graph.blocks, checkpoint.network.weights, strict=True):
        source = labels[offsets[block.source] : offsets[block.source + 1]]
        target = labels[offsets[block.target] : offsets[block.target + 1]]
        weights.append(weight.masked_fill(torch.from_numpy(crosses(source, target)), 0.0))
    cut = with_weights(checkpoint.network, weights)
    return _effect(checkpoint, cut, task_of(checkpoint), split, None)


def _hold(network: MLP, task: Task, nodes: np.ndarray, kind: str) -> Edit:
    with torch.no_grad():
        means = [a.mean(dim=0) for a in network.activations(task.split("train").inputs)]
    offsets = np.concatenate([[0], np.cumsum(network.widths)])
    within = [
        torch.from_numpy(nodes[(nodes >= a) & (nodes < b)] - a)
        for a, b in pairwise(offsets.tolist())
    ]

    def edit(layer: int, activations: Tensor) -> Tensor:
        held = within[layer]
        if not len(held):
            return activations
        changed = activations.clone()
        changed[:, held] = means[layer][held] if kind == "mean" else 0.0
        return changed

    return edit


def _effect(
    checkpoint: Checkpoint, changed: MLP, task: Task, split: str, edit: Edit | None
) -> Effect:
    examples: Examples = task.split(split)
    with torch.no_grad():
        before = checkpoint.network(examples.inputs)
        after = changed(examples.inputs, edit)
    heads, classes = [], []
    shares = zip(
        accuracy(task, before, examples.targets),
        accuracy(task, after, examples.targets),
        strict=True,
    )
    for index, (head, (old, new)) in enumerate(zip(task.heads, shares, strict=True)):
        heads.append(AccuracyChange(head.name, None, old, new, len(examples)))
        outputs = task.head_slices[index]
        right_before = before[:, outputs].argmax(dim=1) == examples.targets[:, index]
        right_after = after[:, outputs].argmax(dim=1) == examples.targets[:, index]
        for label, name in enumerate(head.classes):
            of_class = examples.targets[:, index] == label
            classes.append(
                AccuracyChange(
                    head.name,
                    name,
                    float(right_before[of_class].double().mean()),
                    float(right_after[of_class].double().mean()),
                    int(of_class.sum()),
                )
            )
    return Effect(tuple(heads), tuple(classes), split, checkpoint.id)
