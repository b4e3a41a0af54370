"""What an intervention does to what a network is able to: accuracy and cross-entropy, in parts."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.network.architectures import Edit, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Ability, Examples, Task, abilities
from explorer.network.tasks.measures import token_nats
from explorer.observation.streaming import Progress, batches, few_examples, part_of, takes_long


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
    examples : int or None
        So many examples of the split were run, evenly over it, since all would take long; None for
        all.
    """

    heads: tuple[AccuracyChange, ...]
    classes: tuple[AccuracyChange, ...]
    losses: tuple[LossChange, ...]
    kind: str
    split: str
    checkpoint_id: str
    class_losses: tuple[LossChange, ...] = ()
    examples: int | None = None


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
    progress: Progress | None = None,
) -> Effect:
    """Compare a network with what an intervention made of it.

    On all examples of the split, or on 32 where a run takes long; see ``takes_long``.

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
    progress : callable, optional
        Called with the share that is done; what it raises stops the run.
    """
    few = takes_long(checkpoint, split)
    key = (checkpoint.id, split, task)
    with _lock:
        old = _before.get(key)
    if old is None:
        old = _state(checkpoint, checkpoint.network, task, split, None, part_of(progress, 0.0, 0.5))
        with _lock:
            _before[key] = old
            while len(_before) > _KEPT:
                del _before[next(iter(_before))]
        progress = part_of(progress, 0.5, 1.0)
    new = _state(checkpoint, changed, task, split, edit, progress)
    heads = tuple(
        AccuracyChange(a.name, None, a.share, b.share, a.count)
        for a, b in zip(old.able, new.able, strict=True)
    )
    examples = few_examples(checkpoint, split)
    parts = _text_losses if task.is_text else _class_losses
    losses, class_losses = parts(task, examples, old.nats, new.nats)
    classes = () if task.is_text else _classes(task, examples, old.right, new.right)
    return Effect(
        heads,
        classes,
        losses,
        kind,
        split,
        checkpoint.id,
        class_losses,
        examples=len(examples) if few else None,
    )


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


# States before any intervention: the same for every part of a network.
_before: dict[tuple[str, str, Task], _State] = {}
_lock = threading.Lock()
_KEPT = 16


@torch.no_grad()
def _state(
    checkpoint: Checkpoint,
    network: Network,
    task: Task,
    split: str,
    edit: Edit | None,
    progress: Progress | None,
) -> _State:
    examples = few_examples(checkpoint, split)
    slices = (slice(None),) if task.is_text else task.head_slices
    right: list[Tensor] = []
    nats: list[Tensor] = []
    for places, batch in batches(network, examples.inputs, progress):
        logits, targets = network(batch, edit), examples.targets[places]
        if task.is_text:
            nats.append(token_nats(logits, targets))
            right.append(logits.argmax(dim=-1) == targets)
            continue
        answers = [logits[:, outputs] for outputs in slices]
        right.append(
            torch.stack([a.argmax(1) == targets[:, at] for at, a in enumerate(answers)], 1)
        )
        nats.append(
            torch.stack(
                [
                    F.cross_entropy(a, targets[:, at], reduction="none")
                    for at, a in enumerate(answers)
                ],
                dim=1,
            )
        )
    hits, losses = torch.cat(right), torch.cat(nats)
    if not task.is_text:
        able = tuple(
            Ability(
                head.name, float(hits[:, at].double().mean()), 1 / len(head.classes), len(examples)
            )
            for at, head in enumerate(task.heads)
        )
        return _State(able, _double(hits), _double(losses))
    if task.pairs is not None:
        able = abilities(task, network, split, edit)
    else:  # as ``abilities`` has it, without another run
        share = float(hits.double().mean())
        able = (Ability("next token", share, 1 / len(task.tokens), examples.targets.numel()),)
    return _State(able, np.empty(0), _double(losses))


def _double(values: Tensor) -> Floats:
    return np.asarray(values.double().numpy())
