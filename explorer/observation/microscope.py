"""A microscope for words: where in a text a part is at work, and what it does there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from explorer.errors import TaskError
from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.network.tasks import Task
from explorer.observation.ablation import holding, without_interface
from explorer.observation.activations import SPLIT, task_of
from explorer.observation.facts import Share
from explorer.observation.part_examples import part_activity
from explorer.observation.parts import Part, ablated_nodes, checked_part, name_of
from explorer.observation.promotes import promotes_of
from explorer.observation.streaming import FEW, Progress, batches, observed, takes_long

_SHOWN = 8
_BEFORE, _AFTER = 12, 4  # tokens around the one in question; of characters, three times as many
_SAME = 3  # times that a token may be shown
CHANGED = 0.1  # of probability: a smaller change of the right token is not counted
_RANDOM = 5


@dataclass(frozen=True)
class Snippet:
    """A piece of text around one token.

    Attributes
    ----------
    tokens : tuple of str
    at : int
        Place of the token in question, the last that the network has read.
    activity : tuple of float
        The part's, at every token; 1 is the average over all tokens.
    right : str
        The token that follows, which the network is to name.
    skill : str
        What naming it takes; empty where there is none.
    before, after : float
        Probability of the right token in the whole network, and without the part.
    row : int
        The token in question, counted through the texts of the split.
    """

    tokens: tuple[str, ...]
    at: int
    activity: tuple[float, ...]
    right: str
    skill: str
    before: float
    after: float
    row: int

    @property
    def lost(self) -> float:
        """Probability of the right token that is lost without the part."""
        return self.before - self.after


@dataclass(frozen=True)
class Microscope:
    """What a part does in texts.

    Attributes
    ----------
    part : str
    most : tuple of Snippet
        Where it is most active, at most three times at the same token.
    needed : tuple of Snippet
        Where the right token loses most probability without it.
    promoted : tuple of Share
        Tokens that it makes more (or, if negative, less) likely; see ``promotes_of``.
    changed : float
        Share of all tokens whose right token's probability moves by more than a tenth without it.
    changed_by_chance : float or None
        The same for random groups of as many neurons of each layer, on average; None for an
        interface.
    joint : str
        What stands between tokens: nothing between characters.
    split : str
    checkpoint_id : str
    partition_id : str
        Empty for a neuron.
    """

    part: str
    most: tuple[Snippet, ...]
    needed: tuple[Snippet, ...]
    promoted: tuple[Share, ...]
    changed: float
    changed_by_chance: float | None
    joint: str
    split: str
    checkpoint_id: str
    partition_id: str


def microscope(
    checkpoint: Checkpoint,
    part: Part,
    split: str = SPLIT,
    seed: int = 0,
    progress: Progress | None = None,
) -> Microscope | None:
    """Look for the tokens at which a part is active, or without which the network fails.

    Where a run takes long (see ``takes_long``), in the first 32 texts.

    Parameters
    ----------
    checkpoint : Checkpoint
        Of a network that reads text.
    part : Module, Interface or int
        Ablated at 0 (an interface: cut).
    split : str
    seed : int
        Of the random groups.
    progress : callable, optional
        Called with the share that is done; what it raises stops the work.

    Returns
    -------
    Microscope or None
        None for a part that is never active.

    Raises
    ------
    TaskError
        If the network reads no text.
    PartitionError
        If the part is none of the network's.

    Examples
    --------
    >>> from explorer import load
    >>> found = microscope(load("stories-plain"), 64)  # the first head
    >>> found.most[0].activity[found.most[0].at] >= found.most[1].activity[found.most[1].at]
    True
    """
    part, task = checked_part(checkpoint, part), task_of(checkpoint)
    if not task.is_text:
        raise TaskError(f"found the task {task.name} of numbers; expected one of text")
    whole = part_activity(checkpoint, part, split)
    if whole is None:
        return None
    runs = _Runs(checkpoint, split, progress, total=_RANDOM + 3)
    activity = whole[: runs.data.targets.numel()]
    before = runs.right_probability(None)
    after = runs.right_probability(part)
    lost = before - after

    def snippets(ranked: Ints, wanted: Floats) -> tuple[Snippet, ...]:
        chosen = _varied(task, split, ranked[wanted[ranked] > 0])
        return tuple(_snippet(task, split, row, activity, before, after) for row in chosen)

    return Microscope(
        part=name_of(part),
        most=snippets(np.argsort(-activity, kind="stable"), activity),
        needed=snippets(np.argsort(-lost, kind="stable"), lost),
        promoted=promotes_of(checkpoint, part, whole, split),
        changed=float(np.mean(np.abs(lost) > CHANGED)),
        changed_by_chance=_by_chance(checkpoint, part, before, runs, seed),
        joint=task.joint,
        split=split,
        checkpoint_id=checkpoint.id,
        partition_id=part.partition_id if isinstance(part, Module | Interface) else "",
    )


def places_at_work(
    task: Task, activity: Floats, split: str = SPLIT, least: bool = False
) -> tuple[Snippet, ...]:
    """Look for the tokens at which something is most active, without running the network.

    Parameters
    ----------
    task : Task
        Of text.
    activity : array, shape (tokens of the split that are looked at,)
    split : str
    least : bool
        Whether to look for those at which it is least active, marks left out.

    Returns
    -------
    tuple of Snippet
        As ``Microscope.most``, but ``before`` and ``after`` are NaN.
    """
    ranked = np.argsort(activity if least else -activity, kind="stable")
    marks = np.isin(observed(task, split).flatten().numpy(), task.marks)
    chosen = _varied(task, split, ranked[(~marks if least else activity > 0)[ranked]])
    unknown = np.full(len(activity), np.nan)
    return tuple(_snippet(task, split, row, activity, unknown, unknown) for row in chosen)


class _Runs:
    """Runs a network on the same texts again and again, with other parts ablated."""

    def __init__(
        self, checkpoint: Checkpoint, split: str, progress: Progress | None, total: int
    ) -> None:
        task = task_of(checkpoint)
        texts = FEW if takes_long(checkpoint, split) else task.texts
        self.data = task.split(split)[slice(0, texts)]
        self._checkpoint, self._progress, self._total, self._done = checkpoint, progress, total, 0

    @torch.no_grad()
    def right_probability(self, part: Part | Sequence[int] | None) -> Floats:
        """Probability of the right token at every token, without a part."""
        checkpoint, edit = self._checkpoint, None
        task, network = task_of(checkpoint), checkpoint.network
        if isinstance(part, Interface):
            network = without_interface(checkpoint, part)
        elif part is not None:
            nodes = (
                ablated_nodes(checkpoint, part).tolist()
                if isinstance(part, Module | int)
                else list(part)
            )
            edit = holding(network, task, nodes, "zero")
        found = []
        for places, batch in batches(network, self.data.inputs, self._report):
            # Text by text: in double precision a large vocabulary takes room.
            found += [
                logits.double().softmax(dim=-1).gather(-1, right[:, None]).flatten()
                for logits, right in zip(
                    network(batch, edit), self.data.targets[places], strict=True
                )
            ]
        self._done += 1
        return np.asarray(torch.cat(found).numpy())

    def _report(self, share: float) -> None:
        if self._progress is not None:
            self._progress(min((self._done + share) / self._total, 1.0))


def _by_chance(
    checkpoint: Checkpoint, part: Part, before: Floats, runs: "_Runs", seed: int
) -> float | None:
    if isinstance(part, Interface):
        return None
    rng = np.random.default_rng(seed)
    nodes = ablated_nodes(checkpoint, part)
    layers = checkpoint.network.neuron_layers
    layer_of = np.repeat(np.arange(len(layers)), [layer.size for layer in layers])
    found = []
    for _ in range(_RANDOM):
        group: list[int] = []
        for layer in np.unique(layer_of[nodes]):
            count = int((layer_of[nodes] == layer).sum())
            group += rng.choice(np.flatnonzero(layer_of == layer), count, replace=False).tolist()
        lost = before - runs.right_probability(group)
        found.append(float(np.mean(np.abs(lost) > CHANGED)))
    return float(np.mean(found))


def _varied(task: Task, split: str, ranked: Ints) -> list[int]:
    """The first rows, but no token too often and no two next to each other."""
    inputs = observed(task, split)
    tokens, length = inputs.flatten().numpy(), inputs.shape[1]
    chosen: list[int] = []
    seen: dict[int, int] = {}
    for row in ranked.tolist():
        token = int(tokens[row])
        near = any(row // length == r // length and abs(row - r) <= 1 for r in chosen)
        if seen.get(token, 0) < _SAME and not near:
            chosen.append(row)
            seen[token] = seen.get(token, 0) + 1
        if len(chosen) == _SHOWN:
            break
    return chosen


def _snippet(
    task: Task, split: str, row: int, activity: Floats, before: Floats, after: Floats
) -> Snippet:
    data = task.split(split)
    length = data.inputs.shape[1]
    text, place = divmod(row, length)
    wide = 1 if task.opened or task.joint else 3
    first, end = max(0, place - wide * _BEFORE), min(length, place + wide * _AFTER + 1)
    skill = -1 if data.skills is None else int(data.skills[text, place])
    return Snippet(
        tokens=tuple(task.tokens[token] for token in data.inputs[text, first:end].tolist()),
        at=place - first,
        activity=tuple(activity[text * length + first : text * length + end].tolist()),
        right=task.tokens[int(data.targets[text, place])],
        skill=task.skills[skill] if skill >= 0 else "",
        before=float(before[row]),
        after=float(after[row]),
        row=row,
    )
