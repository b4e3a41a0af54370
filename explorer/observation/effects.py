"""What an intervention does to what a network is able to: accuracy and cross-entropy, in parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.network.architectures import Edit, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Ability, Examples, Task, abilities
from explorer.network.tasks.measures import token_nats

_AT_ONCE = 512


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
        A head or a skill; empty for all together; ``token`` where the label is one.
    before, after : float
        Means over the examples; NaN where there is none.
    label : str or None
        A class of the head, or a token that was to be named; None for the whole head or skill.
    """

    name: str
    before: float
    after: float
    label: str | None = None

    @property
    def rise(self) -> float:
        """Nats more than before: positive where the intervention harms."""
        return self.after - self.before


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
    class_losses : tuple of LossChange
        One for every class of every head, in the order of ``classes``; of a text, one for every
        token that was to be named at least once.
    """

    heads: tuple[AccuracyChange, ...]
    classes: tuple[AccuracyChange, ...]
    losses: tuple[LossChange, ...]
    kind: str
    split: str
    checkpoint_id: str
    class_losses: tuple[LossChange, ...] = ()


@dataclass(frozen=True, eq=False)
class _State:
    """A network on a split: its abilities, and whether and how it was right row by row.

    ``right`` and ``nats`` have shape (examples, heads); of a text, ``right`` is empty and ``nats``
    has shape (examples, positions).
    """

    able: tuple[Ability, ...]
    right: Floats
    nats: Floats


def measure_effect(
    checkpoint: Checkpoint,
    changed: Network,
    task: Task,
    split: str,
    edit: Edit | None,
    kind: str,
) -> Effect:
    """Compare a network with what an intervention made of it.

    Parameters
    ----------
    checkpoint : Checkpoint
    changed : Network
        The network of the checkpoint, or a copy with other weights.
    task : Task
    split : str
    edit : callable or None
        What is done to activations of ``changed``.
    kind : {"mean", "zero", "cut"}
    """
    old = _state_before(checkpoint.id, checkpoint.network, task, split)
    new = _state(changed, task, split, edit)
    heads = tuple(
        AccuracyChange(a.name, None, a.share, b.share, a.count)
        for a, b in zip(old.able, new.able, strict=True)
    )
    examples = task.split(split)
    parts = _text_losses if task.is_text else _class_losses
    losses, class_losses = parts(task, examples, old.nats, new.nats)
    classes = () if task.is_text else _classes(task, examples, old.right, new.right)
    return Effect(heads, classes, losses, kind, split, checkpoint.id, class_losses)


def _classes(
    task: Task, examples: Examples, before: Floats, after: Floats
) -> tuple[AccuracyChange, ...]:
    targets = examples.targets.numpy()
    return tuple(
        AccuracyChange(
            head.name, name, _mean(before[chosen, at]), _mean(after[chosen, at]), int(chosen.sum())
        )
        for at, head in enumerate(task.heads)
        for name, chosen in _members(head.classes, targets[:, at])
    )


_Losses = tuple[tuple[LossChange, ...], tuple[LossChange, ...]]


def _class_losses(task: Task, examples: Examples, before: Floats, after: Floats) -> _Losses:
    """Losses of all, of every head, and of every class."""
    targets = examples.targets.numpy()
    heads = [
        LossChange(head.name, _mean(before[:, at]), _mean(after[:, at]))
        for at, head in enumerate(task.heads)
    ]
    classes = [
        LossChange(head.name, _mean(before[chosen, at]), _mean(after[chosen, at]), name)
        for at, head in enumerate(task.heads)
        for name, chosen in _members(head.classes, targets[:, at])
    ]
    whole = LossChange("", _mean(before), _mean(after))
    return (whole, *(heads if len(heads) > 1 else ())), tuple(classes)


def _text_losses(task: Task, examples: Examples, before: Floats, after: Floats) -> _Losses:
    """Losses of all, of every skill that occurs, and of every token that occurs."""
    losses = [LossChange("", _mean(before), _mean(after))]
    if examples.skills is not None:
        for name, chosen in _members(task.skills, examples.skills.numpy()):
            if chosen.any():
                losses.append(LossChange(name, _mean(before[chosen]), _mean(after[chosen])))
    targets = examples.targets.numpy().reshape(-1)
    count = len(task.tokens)
    occurrences = np.bincount(targets, minlength=count)
    sums = [np.bincount(targets, side.reshape(-1), count) for side in (before, after)]
    tokens = tuple(
        LossChange(
            "token",
            float(sums[0][token] / occurrences[token]),
            float(sums[1][token] / occurrences[token]),
            name,
        )
        for token, name in enumerate(task.tokens)
        if occurrences[token]
    )
    return tuple(losses), tokens


def _members(names: Sequence[str], values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [(name, values == number) for number, name in enumerate(names)]


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


@lru_cache(maxsize=16)
def _state_before(checkpoint_id: str, network: Network, task: Task, split: str) -> _State:
    """State before any intervention: the same for every part of a network."""
    return _state(network, task, split, None)


@torch.no_grad()
def _state(network: Network, task: Task, split: str, edit: Edit | None) -> _State:
    examples = task.split(split)
    if task.is_text:
        return _state_of_text(network, task, split, edit)
    logits = network(examples.inputs, edit)
    right, nats, able_heads = [], [], []
    for at, outputs in enumerate(task.head_slices):
        target, head = examples.targets[:, at], task.heads[at]
        right.append(logits[:, outputs].argmax(dim=1) == target)
        nats.append(F.cross_entropy(logits[:, outputs], target, reduction="none"))
        share = float(right[-1].double().mean())
        able_heads.append(Ability(head.name, share, 1 / len(head.classes), len(examples)))
    return _State(
        tuple(able_heads), _double(torch.stack(right, dim=1)), _double(torch.stack(nats, dim=1))
    )


def _state_of_text(network: Network, task: Task, split: str, edit: Edit | None) -> _State:
    examples = task.split(split)
    batches = [torch.split(part, _AT_ONCE) for part in (examples.inputs, examples.targets)]
    nats, right = [], []
    for inputs, targets in zip(*batches, strict=True):
        logits = network(inputs, edit)
        nats.append(token_nats(logits, targets))
        right.append(logits.argmax(dim=-1) == targets)
    if task.pairs is not None:
        able = abilities(task, network, split, edit)
    else:  # as ``abilities`` has it, without another run
        share = float(torch.cat(right).double().mean())
        able = (Ability("next token", share, 1 / len(task.tokens), examples.targets.numel()),)
    return _State(able, np.empty(0), _double(torch.cat(nats)))


def _double(values: Tensor) -> Floats:
    return np.asarray(values.double().numpy())
