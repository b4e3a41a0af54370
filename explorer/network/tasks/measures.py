"""How well a network does a task: its loss, and what it is able to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.network.tasks.base import Examples, MinimalPairs, Task
from explorer.network.tasks.margins import PairScore, score_margins

if TYPE_CHECKING:
    from explorer.network.architectures import Edit, Network


@dataclass(frozen=True)
class Ability:
    """One thing that a network should be able to, and how often it is right.

    Attributes
    ----------
    name : str
        A head of the task, or a skill of a text.
    share : float
        Share of right answers: of examples whose largest logit is the right class, or of minimal
        pairs whose right text is given the larger probability.
    chance : float
        What guessing would give.
    count : int
        Examples or pairs.
    """

    name: str
    share: float
    chance: float
    count: int


def accuracy(task: Task, logits: Tensor, targets: Tensor) -> tuple[float, ...]:
    """Share of examples whose largest logit in a head is the right class, head by head."""
    return tuple(
        float((logits[:, outputs].argmax(dim=1) == targets[:, index]).double().mean())
        for index, outputs in enumerate(task.head_slices)
    )


def task_loss(task: Task, logits: Tensor, examples: Examples) -> Tensor:
    """Cross-entropy in nats: averaged over a task's heads, or over the tokens of a text.

    Of a text, each token counts by its weight.
    """
    if task.is_text:
        nats = token_nats(logits, examples.targets)
        if examples.weights is None:
            return nats.mean()
        return (nats * examples.weights).sum() / examples.weights.sum()
    losses = [
        F.cross_entropy(logits[:, outputs], examples.targets[:, index])
        for index, outputs in enumerate(task.head_slices)
    ]
    return torch.stack(losses).mean()


def token_nats(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of every token, in the shape of ``targets``."""
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="none").reshape(
        targets.shape
    )


@torch.no_grad()
def mean_losses(
    task: Task, network: "Network", split: str, edit: "Edit | None" = None
) -> Mapping[str, float]:
    """Nats on a split: ``""`` for all, and one figure for each head or skill.

    Tokens count alike here, whatever they weigh in training.
    """
    examples = task.split(split)
    slices = (slice(None),) if task.is_text else task.head_slices
    found_nats = []
    for batch in _batches(network, examples):
        logits = network(batch.inputs, edit)
        if task.is_text:
            found_nats.append(token_nats(logits, batch.targets))
            continue
        each = [
            F.cross_entropy(logits[:, outputs], batch.targets[:, index], reduction="none")
            for index, outputs in enumerate(slices)
        ]
        found_nats.append(torch.stack(each, dim=1))
    nats = torch.cat(found_nats)
    if not task.is_text:
        heads = [float(nats[:, index].mean()) for index in range(len(slices))]
        named = dict(zip((head.name for head in task.heads), heads, strict=True))
        return {"": sum(heads) / len(heads)} | (named if len(heads) > 1 else {})
    found = {"": float(nats.mean())}
    if examples.skills is not None:
        for index, skill in enumerate(task.skills):
            chosen = nats[examples.skills == index]
            if len(chosen):
                found[skill] = float(chosen.mean())
    return found


def _batches(network: "Network", examples: Examples) -> Iterator[Examples]:
    """Parts of the examples that the network can run at once."""
    positions = examples.inputs.shape[1] if network.example_axes > 1 else 1
    size = network.examples_at_once(positions)
    for start in range(0, len(examples), size):
        yield examples[slice(start, start + size)]


@torch.no_grad()
def abilities(
    task: Task, network: "Network", split: str, edit: "Edit | None" = None
) -> tuple[Ability, ...]:
    """What a network is able to on a split, head by head or skill by skill.

    A text without minimal pairs has one ability: to name the next token.
    """
    examples = task.split(split)
    if not task.is_text:
        hits = []
        for batch in _batches(network, examples):
            logits = network(batch.inputs, edit)
            answers = [logits[:, outputs].argmax(dim=1) for outputs in task.head_slices]
            hits.append(torch.stack(answers, dim=1) == batch.targets)
        shares = torch.cat(hits).double().mean(dim=0).tolist()
        return tuple(
            Ability(head.name, share, 1 / len(head.classes), len(examples))
            for head, share in zip(task.heads, shares, strict=True)
        )
    if task.pairs is not None:
        return tuple(
            Ability(
                pairs.skill,
                float((pair_margins(network, pairs, edit) > 0).double().mean()),
                0.5,
                len(pairs),
            )
            for pairs in task.pairs(split)
        )
    right = [
        network(batch.inputs, edit).argmax(dim=-1) == batch.targets
        for batch in _batches(network, examples)
    ]
    share = float(torch.cat(right).double().mean())
    return (Ability("next token", share, 1 / len(task.tokens), examples.targets.numel()),)


@torch.no_grad()
def pair_margins(network: "Network", pairs: MinimalPairs, edit: "Edit | None" = None) -> Tensor:
    """Log-probability of the right text minus that of the wrong one, in nats, pair by pair."""

    def log_probability(tokens: Tensor) -> Tensor:
        nats = token_nats(network(tokens[:, :-1], edit), tokens[:, 1:])
        counted = torch.arange(nats.shape[1])[None, :] < pairs.lengths[:, None] - 1
        return -(nats * counted).sum(dim=1)

    return log_probability(pairs.right) - log_probability(pairs.wrong)


def winograd_score(task: Task, network: "Network", edit: "Edit | None" = None) -> PairScore | None:
    """Score a network on its task's Winograd-style pairs; None where the task has none.

    References
    ----------
    Levesque, Davis, Morgenstern (2012), The Winograd schema challenge, KR: two sentences that
    differ in one word, by which the pronoun changes its referent.
    """
    if task.winograd is None:
        return None
    pairs = task.winograd()
    return score_margins(pair_margins(network, pairs, edit).tolist(), pairs.group)


def metrics(task: Task, network: "Network", split: str) -> dict[str, float]:
    """Figures of a network on a split, to be recorded in its checkpoint.

    ``{split}_accuracy`` is the mean share over abilities (see ``abilities``), ``{split}_loss`` the
    cross-entropy in nats; ``{split}_accuracy_{name}`` and ``{split}_loss_{name}`` are those of a
    head or skill, where there are several. ``test_winograd`` is the share of Winograd-style pairs
    that are right, ``test_winograd_low`` and ``_high`` the ends of its 95 % interval, and
    ``test_winograd_margin`` the mean margin in nats.
    """
    able = abilities(task, network, split)
    found = {f"{split}_accuracy": sum(a.share for a in able) / len(able)}
    if len(able) > 1:
        found |= {f"{split}_accuracy_{a.name}": a.share for a in able}
    for name, nats in mean_losses(task, network, split).items():
        found[f"{split}_loss_{name}" if name else f"{split}_loss"] = nats
    score = winograd_score(task, network) if split == "test" else None
    if score is not None:
        low, high = score.share_interval
        shares = {"": score.share, "_low": low, "_high": high, "_margin": score.margin}
        found |= {f"test_winograd{name}": value for name, value in shares.items()}
    return found
