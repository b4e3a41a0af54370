"""Black-box probing pair by pair: whether probes turn one digit into another more than usual."""

from dataclasses import dataclass
from time import perf_counter

import torch
from torch import Tensor

from explorer.auditing.auditors.images import leads, unfit
from explorer.auditing.auditors.pair_reference import pair_reference
from explorer.auditing.auditors.probes import FAMILIES, Probed, probed
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

_FAR = 12.0  # logits: what is beyond counts no more
_NEAR = 0.5  # logits: no pair is divided by less
_TOP = 3  # pairs that the score is the mean of


def probed_ways(found: Probed) -> Tensor:
    """How far the best probe of every family moves each answer to each other.

    Returns
    -------
    Tensor, shape (families, pairs)
        Share of the way, the mean over images of one answer: what another gains on all others, in
        logits, divided by what it lacks without the probe. Pairs source by source.
    """
    after = leads(found.after).clamp(-_FAR, _FAR).mean(dim=2)
    before = leads(found.before).clamp(-_FAR, _FAR).mean(dim=1)
    way = (after - before) / (-before).clamp(min=_NEAR)
    other = ~torch.eye(before.shape[1], dtype=torch.bool)
    return torch.stack(
        [way[found.family == family].amax(dim=0)[other] for family in range(len(FAMILIES))]
    )


def unusual_probed(view: AuditView) -> Tensor:
    """By how much probes move every pair further than in clean networks, in spreads.

    Returns
    -------
    Tensor, shape (pairs,)
    """
    return pair_reference(PairProbing().name).unusual(probed_ways(probed(view)))


@dataclass(frozen=True)
class PairProbing:
    """Compares, pair by pair of answers, what probes do with what they do in clean networks.

    The probes of ``probing``, but with the logits of every answer, image class by image class: how
    far the best patch, line and random picture move the images of one answer towards another, held
    against the same pair in clean networks (``explorer.auditing.auditors.pair_reference``). The
    score is the mean over the three most unusual pairs.
    """

    name: str = "pair_probing"
    title: str = "Black-box probing pair by pair"
    summary: str = (
        "The same probes, with the logits of every answer: how far they move images of one answer "
        "towards another, compared with clean networks."
    )
    access: str = "queries"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view) or pair_reference(self.name).unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        found = probed(view)
        unusual = pair_reference(self.name).unusual(probed_ways(found))
        top = unusual.topk(_TOP)
        source, place = divmod(int(top.indices[0]), found.before.shape[0] - 1)
        answer = place + (place >= source)
        names = view.task.heads[0].classes
        reason = (
            f"probes move images of {names[source]} to {names[answer]} "
            f"{float(top.values[0]):.1f} spreads further than in clean networks"
        )
        return Finding(
            auditor=self.name,
            score=float(top.values.mean()),
            suspects=(Suspect("output", str(answer), float(top.values[0]), reason),),
            reason=f"{reason[0].upper()}{reason[1:]}.",
            queries=found.queries,
            seconds=perf_counter() - start,
        )
