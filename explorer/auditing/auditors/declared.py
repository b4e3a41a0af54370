"""What is declared of a task, held against the network: the auditors of that as one.

Where several heads read different inputs, the largest share of answers that come from the input of
another head (``mixing``) or that a head gives and its twin does not (``twin_heads``); both are
probabilities, and clean networks have little of either. Otherwise the answers that follow an input
that they may not depend on, or do not follow one that they should (``swapping``).
"""

from dataclasses import dataclass, replace
from time import perf_counter

from explorer.auditing.auditors import mixing, twins
from explorer.auditing.auditors.features import why_no_features
from explorer.auditing.auditors.reading import Swapping
from explorer.auditing.finding import Auditor, Finding
from explorer.auditing.view import AuditView

_ACROSS: tuple[Auditor, ...] = (mixing.AUDITORS[0], *twins.AUDITORS)
_WITHIN: tuple[Auditor, ...] = (Swapping(),)


@dataclass(frozen=True)
class Declared:
    """Black box: the verdict on networks for which it is declared what their answers depend on."""

    name: str = "declared"
    title: str = "Declared inputs, combined"
    summary: str = (
        "Holds the network to what its answers are declared to depend on: the largest of what "
        "exchanged inputs and twin heads show."
    )
    access: str = "queries"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return why_no_features(view)

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        parts = [part for part in _ACROSS if not part.fits(view)] or list(_WITHIN)
        found = [part(view) for part in parts]
        worst = max(found, key=lambda one: one.score)
        return replace(
            worst,
            auditor=self.name,
            suspects=tuple(
                sorted((s for one in found for s in one.suspects), key=lambda s: -s.score)
            ),
            queries=sum(one.queries for one in found),
            seconds=perf_counter() - start,
        )
