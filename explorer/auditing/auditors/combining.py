"""The combined auditor: several findings as one score.

The score is a weighted sum of the parts' scores, a log-odds: what logistic regression, with a
ridge, makes of the networks of a calibration zoo. Scores are taken as sign(s) log(1 + |s|) first,
so that a part that is very sure does not outweigh all others. The command
``python -m explorer.auditing.auditors.combining_fit`` writes the few weights to a file.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from time import perf_counter

from explorer.auditing.auditors.carriers import Carriers
from explorer.auditing.auditors.dormant_neuron import DormantNetwork
from explorer.auditing.auditors.pair_inversion import PairInversion
from explorer.auditing.auditors.pair_probing import PairProbing
from explorer.auditing.auditors.probing import Probing
from explorer.auditing.auditors.trigger_inversion import TriggerInversion
from explorer.auditing.finding import Auditor, Finding, Suspect
from explorer.auditing.view import AuditView

FILE = Path(__file__).with_name("combining.json")
_PROBE = (Probing().name, PairProbing().name)
PARTS: tuple[Auditor, ...] = (
    PairProbing(),
    PairInversion(),
    Probing(),
    TriggerInversion(),
    DormantNetwork(),
)


@dataclass(frozen=True)
class Weights:
    """Of the parts of the combined auditor.

    Attributes
    ----------
    networks : int
        That they were fitted to.
    intercept : float
    weights : mapping of str to float
        By auditor.
    """

    networks: int
    intercept: float
    weights: Mapping[str, float]

    def combined(self, scores: Mapping[str, float]) -> float:
        """Log-odds of something planted, by the parts' scores.

        Examples
        --------
        >>> Weights(2, -1.0, {"a": 2.0}).combined({"a": 0.0, "b": 5.0})
        -1.0
        """
        return self.intercept + sum(
            weight * compressed(scores[name]) for name, weight in self.weights.items()
        )


def compressed(score: float) -> float:
    """Large scores count by their logarithm.

    Examples
    --------
    >>> compressed(0.0), round(compressed(-1.0), 3), round(compressed(9.0), 3)
    (0.0, -0.693, 2.303)
    """
    return math.copysign(math.log1p(abs(score)), score)


@lru_cache(maxsize=1)
def combining_weights() -> Weights:
    """Return the weights that come with the package."""
    return Weights(**json.loads(FILE.read_text("utf-8")))


def save_weights(weights: Weights, path: Path = FILE) -> None:
    """Write weights to a file."""
    path.write_text(json.dumps(asdict(weights), indent=1) + "\n", "utf-8")
    combining_weights.cache_clear()


@dataclass(frozen=True)
class Combined:
    """Weighs the findings of several auditors, and names the neurons that carry what they found.

    Of the parts that were tried (``PARTS``), those with a weight are run: probes and small changes,
    pair by pair, both held against clean networks. What they see, plain probing, trigger inversion
    and dormancy add nothing to. Suspects are the three neurons and the module of
    ``explorer.auditing.auditors.carriers``.
    """

    name: str = "combined"
    title: str = "Combined"
    summary: str = (
        "Weighs probes and small changes, pair by pair of answers, together; the weights were "
        "fitted to networks of other numbers."
    )
    access: str = "modules"

    def fits(self, view: AuditView) -> str:
        """Return why it cannot audit this network; empty if it can."""
        return next((said for part in (*PARTS, Carriers()) if (said := part.fits(view))), "")

    def __call__(self, view: AuditView) -> Finding:
        """Audit a network."""
        start = perf_counter()
        wanted = combining_weights()
        found = [part(view) for part in PARTS if part.name in wanted.weights]
        score = wanted.combined({finding.auditor: finding.score for finding in found})
        carriers = Carriers()(view)
        # The two auditors that put probes on images share the runs.
        runs = {("probes" if one.auditor in _PROBE else one.auditor): one.queries for one in found}
        strongest = max(found, key=lambda one: wanted.weights[one.auditor] * compressed(one.score))
        outputs: tuple[Suspect, ...] = strongest.suspects[:1]
        return Finding(
            auditor=self.name,
            score=score,
            suspects=(*carriers.suspects, *outputs),
            reason=f"{strongest.reason} {carriers.reason}",
            queries=carriers.queries + sum(runs.values()),
            seconds=perf_counter() - start,
        )
