"""Auditors and results that are made up, to test what is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.auditing.finding import Finding, Suspect
from explorer.auditing.zoo.members import Member
from explorer.network.tasks.planted.base import CaseName


@dataclass(frozen=True)
class FakeResult:
    """What calibration reads of a network that was measured."""

    member: Member
    scores: Mapping[str, float]
    extra: Mapping[str, Any] = field(default_factory=dict)


def clean_results(
    regime: str, count: int, first: int = 100, sparsity: float = 0.5, **scores: Any
) -> list[FakeResult]:
    """Clean networks whose scores are functions of a number from 0 to ``count`` - 1."""
    return [
        FakeResult(
            Member(CaseName("backdoor", "corner", first + at, ("clean", "decoy")[at % 2]), regime),
            {name: float(score(at)) for name, score in scores.items()},
            {"sparsity": sparsity},
        )
        for at in range(count)
    ]


@dataclass(frozen=True)
class FakeAuditor:
    """An auditor that finds what it is told to."""

    name: str
    score: float = 0.0
    suspects: tuple[Suspect, ...] = ()
    fails: str = ""
    unfit: str = ""
    access: str = "weights"
    missing: str = ""
    summary: str = "It finds what it is told to."

    @property
    def title(self) -> str:
        """Name for people."""
        return self.name.replace("_", " ").capitalize()

    def fits(self, view):
        """Return what it was told."""
        return self.unfit

    def __call__(self, view):
        """Find what it was told, or fail."""
        if self.fails == "interrupt":
            raise KeyboardInterrupt
        if self.fails:
            raise RuntimeError(self.fails)
        return Finding(self.name, self.score, self.suspects, "As told.", 10, 0.0, self.missing)
