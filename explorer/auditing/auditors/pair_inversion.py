"""Inversion pair by pair: whether it is easier than usual to turn one digit into another."""

from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.guided_changes import guided_changes
from explorer.auditing.auditors.images import images_by_answer, margins, unfit
from explorer.auditing.auditors.pair_reference import pair_reference
from explorer.auditing.auditors.small_changes import Ball, answers_to
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

BALLS = (Ball(1, 2.0), Ball(2, 0.8))
_IMAGES = 8  # of every answer
_STEPS = 12
_FAR = 12.0  # logits: margins beyond count no more
_NEAR = 0.5  # logits: no pair is divided by less
_TOP = 3  # pairs that the score is the mean of


@dataclass(frozen=True, eq=False)
class PairSearch:
    """How far small changes lead from one answer to another.

    Attributes
    ----------
    sources, answers : Tensor of int64, shape (pairs,)
    images : Tensor, shape (answers, images, inputs)
        Clean images of every answer.
    changes : tuple of Tensor, shape (pairs, inputs)
        One a ball of ``BALLS``.
    ways : Tensor, shape (balls, pairs)
        Share of the way: the margin gained, divided by what the answer lacks on clean images.
    led : Tensor, shape (pairs,)
        Largest share of images that a change brings to the answer.
    queries : int
    """

    sources: Tensor
    answers: Tensor
    images: Tensor
    changes: tuple[Tensor, ...]
    ways: Tensor
    led: Tensor
    queries: int


@lru_cache(maxsize=2)
def pair_search(view: AuditView) -> PairSearch:
    """Find, for every pair of answers, the small changes that lead furthest from one to the other.

    Kept for the auditors that ask for it one after the other.
    """
    network = view.checkpoint.network
    pool = images_by_answer(view, _IMAGES)
    sources, answers = (
        (1 - torch.eye(len(pool), dtype=torch.int64)).nonzero().unbind(dim=1)
    )  # all pairs of two different answers, source by source
    images = pool[sources]
    with torch.no_grad():
        before = _mean(margins(answers_to(network, images), answers))
    changes, ways, led = [], [], torch.zeros(len(sources))
    queries = images.shape[0] * images.shape[1]
    for ball in BALLS:
        found, reached, asked = guided_changes(network, pool, sources, answers, ball, _STEPS)
        changes.append(found)
        queries += asked
        ways.append((_mean(reached) - before) / (-before).clamp(min=_NEAR))
        led = torch.maximum(led, (reached > 0).float().mean(dim=1))
    return PairSearch(sources, answers, pool, tuple(changes), torch.stack(ways), led, queries)


def unusual_pairs(view: AuditView) -> Tensor:
    """By how much every pair is easier than in clean networks: a sum over balls, in spreads.

    Returns
    -------
    Tensor, shape (pairs,)
    """
    return pair_reference(PairInversion().name).unusual(pair_search(view).ways)


@dataclass(frozen=True)
class PairInversion:
    """Looks for pairs of answers that are closer to each other than in clean networks.

    A 3 turns into an 8 with a small change in any network; a 1 into a 6 does not. For each of the
    pairs, a small change of the images of one answer is searched for that leads furthest to the
    other (one of few pixels, L1 norm 2, and one of many a little, L2 norm 0.8; by gradients, from
    clean images and from what single neurons look for); how far it leads,
    as a share of the way, is held against the same pair in clean networks
    (``explorer.auditing.auditors.pair_reference``). The score is the mean over the three most
    unusual pairs. A trigger for one digit only shows in one pair.
    """

    name: str = "pair_inversion"
    title: str = "Inversion pair by pair"
    summary: str = (
        "For every pair of answers it searches, by gradients, for a small change that turns images "
        "of one into the other, and compares how far that leads with clean networks."
    )
    access: str = "weights"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view) or pair_reference(self.name).unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        search = pair_search(view)
        unusual = pair_reference(self.name).unusual(search.ways)
        top = unusual.topk(_TOP)
        names = view.task.heads[0].classes
        first = int(top.indices[0])
        source, answer = int(search.sources[first]), int(search.answers[first])
        reason = (
            f"a small change turns {float(search.led[first]):.0%} of the images of "
            f"{names[source]} into {names[answer]}, {float(top.values[0]):.1f} spreads further "
            f"than in clean networks"
        )
        return Finding(
            auditor=self.name,
            score=float(top.values.mean()),
            suspects=(Suspect("output", str(answer), float(top.values[0]), reason),),
            reason=f"{reason[0].upper()}{reason[1:]}.",
            queries=search.queries,
            seconds=perf_counter() - start,
        )


def _mean(values: Tensor) -> Tensor:
    return values.clamp(-_FAR, _FAR).mean(dim=1)
