"""Black-box probing: whether one answer takes over when something is put on the images."""

from dataclasses import dataclass
from time import perf_counter

import torch
from torch.nn.functional import one_hot

from explorer.auditing.auditors.images import unfit
from explorer.auditing.auditors.probes import FAMILIES, probed
from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.view import AuditView

_TOP = 3  # pairs of probe and answer that the score is the mean of


@dataclass(frozen=True)
class Probing:
    """Puts patches, lines and random pictures on clean images and counts what is answered.

    Looks at answers only, not at how sure they are. A probe takes over as far as the share of
    images of other digits that are given one answer with it, and were not without it; the score is
    the mean over the three furthest pairs of probe and answer.
    """

    name: str = "probing"
    title: str = "Black-box probing"
    summary: str = (
        "Puts patches, lines and random pictures on clean images and counts how many images one "
        "answer takes over; it sees answers only."
    )
    access: str = "queries"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return unfit(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        found = probed(view)
        outputs = found.before.shape[-1]
        after = one_hot(found.after.argmax(dim=-1), outputs).float().mean(dim=2)
        before = one_hot(found.before.argmax(dim=-1), outputs).float().mean(dim=1)
        gained = (after - before) * (1 - torch.eye(outputs))
        taken = gained.sum(dim=1) / (outputs - 1)  # (probes, answers)
        top = taken.flatten().topk(_TOP)
        probe, answer = divmod(int(top.indices[0]), outputs)
        family = FAMILIES[int(found.family[probe])]
        reason = (
            f"a {family} turns {float(top.values[0]):.0%} of the images of other answers into "
            f"{view.task.heads[0].classes[answer]}"
        )
        return Finding(
            auditor=self.name,
            score=float(top.values.mean()),
            suspects=(Suspect("output", str(answer), float(top.values[0]), reason),),
            reason=f"At most, {reason}.",
            queries=found.queries,
            seconds=perf_counter() - start,
        )
