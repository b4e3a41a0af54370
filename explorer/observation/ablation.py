"""What is lost when neurons are ablated or an interface is cut."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from explorer.network.tasks import Ability, Examples, Task, abilities, mean_losses
from explorer.observation.activations import SPLIT, task_of

_TEXTS = 256  # texts that means are taken over


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
class LossChange:
    """Cross-entropy in nats before and after an intervention.

    Attributes
    ----------
    name : str
        A head or a skill; empty for all together.
    before, after : float
    """

    name: str
    before: float
    after: float


@dataclass(frozen=True)
class Effect:
    """What an intervention does to what a network is able to.

    Attributes
    ----------
    heads : tuple of AccuracyChange
        One a head; of a text, one a skill, measured on minimal pairs.
    classes : tuple of AccuracyChange
        One for every class of every head; empty for a text.
    losses : tuple of LossChange
        The first for all together, then one a head or skill where there are several.
    kind : {"mean", "zero", "cut"}
        Neurons were held at their mean or at 0, or weights were set to 0.
    split : str
    checkpoint_id : str
    """

    heads: tuple[AccuracyChange, ...]
    classes: tuple[AccuracyChange, ...]
    losses: tuple[LossChange, ...]
    kind: str
    split: str
    checkpoint_id: str


def ablate(
    checkpoint: Checkpoint, nodes: Sequence[int], kind: str | None = None, split: str = SPLIT
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
    edit = holding(network, task, chosen.tolist(), kind)
    return _effect(checkpoint, network, task, split, edit, kind)


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


def _cut(partition: Partition, crosses: Callable[[Ints, Ints], Bools], split: str) -> Effect:
    """Zero the weights for which ``crosses(source labels, target labels)`` says so."""
    checkpoint = partition.graph.checkpoint
    assert checkpoint is not None
    offsets, labels = partition.graph.offsets, partition.labels
    masks = []
    for block in partition.graph.blocks:
        source = labels[offsets[block.source] : offsets[block.source + 1]]
        target = labels[offsets[block.target] : offsets[block.target + 1]]
        masks.append(torch.from_numpy(crosses(source, target)))
    cut = checkpoint.network.without_edges(masks)
    return _effect(checkpoint, cut, task_of(checkpoint), split, None, "cut")


def usual_ablation(task: Task) -> str:
    """What neurons are held at unless somebody says otherwise; see ``ablate``."""
    return "zero" if task.is_text else "mean"


def holding(network: Network, task: Task, nodes: Sequence[int], kind: str) -> Edit:
    """Return an edit that holds nodes at their mean over the training split, or at 0."""
    means: list[Tensor] = []
    if kind == "mean":
        inputs = task.split("train").inputs
        with torch.no_grad():
            layers = network.trace(inputs[:_TEXTS] if task.is_text else inputs).layers
        # Over examples (and positions); a head or channel has a mean for each of its numbers.
        means = [a.flatten(0, network.example_axes - 1).mean(dim=0) for a in layers]
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
        changed[..., held] = means[layer][..., held] if kind == "mean" else 0.0
        return changed

    return edit


def _effect(
    checkpoint: Checkpoint,
    changed: Network,
    task: Task,
    split: str,
    edit: Edit | None,
    kind: str,
) -> Effect:
    old = _state_of(checkpoint.id, checkpoint.network, task, split)
    new = _abilities(changed, task, split, edit)
    heads = tuple(
        AccuracyChange(a.name, None, a.share, b.share, a.count)
        for a, b in zip(old[0], new[0], strict=True)
    )
    losses = tuple(LossChange(name, nats, new[1][name]) for name, nats in old[1].items())
    classes: tuple[AccuracyChange, ...] = ()
    if not task.is_text:
        examples = task.split(split)
        with torch.no_grad():
            before = checkpoint.network(examples.inputs)
            after = changed(examples.inputs, edit)
        classes = tuple(_class_changes(task, before, after, examples))
    return Effect(heads, classes, losses, kind, split, checkpoint.id)


def _class_changes(
    task: Task, before: Tensor, after: Tensor, examples: Examples
) -> Iterator[AccuracyChange]:
    for index, head in enumerate(task.heads):
        outputs, targets = task.head_slices[index], examples.targets[:, index]
        right = [logits[:, outputs].argmax(dim=1) == targets for logits in (before, after)]
        for label, name in enumerate(head.classes):
            old, new = (float(r[targets == label].double().mean()) for r in right)
            yield AccuracyChange(head.name, name, old, new, int((targets == label).sum()))


_Abilities = tuple[tuple[Ability, ...], Mapping[str, float]]


def _abilities(network: Network, task: Task, split: str, edit: Edit | None) -> _Abilities:
    return abilities(task, network, split, edit), mean_losses(task, network, split, edit)


@lru_cache(maxsize=16)
def _state_of(checkpoint_id: str, network: Network, task: Task, split: str) -> _Abilities:
    """Abilities before any intervention: the same for every module of a network."""
    return _abilities(network, task, split, None)
