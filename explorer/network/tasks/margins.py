"""How surely the right text of a pair is preferred, with intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.errors import TaskError


@dataclass(frozen=True)
class PairScore:
    """Minimal pairs, scored by log-probability.

    Attributes
    ----------
    share : float
        Of pairs whose right text has the larger log-probability; a tie counts as wrong.
    share_interval : (float, float)
        Wilson's, of 95 %.
    margin : float
        Mean of log-probability of the right text minus that of the wrong one, in nats.
    margin_interval : (float, float)
        Student's, of 95 %.
    count : int
        Pairs.
    groups : int
        What counts as drawn independently: pairs, or groups of pairs that share their words.
    """

    share: float
    share_interval: tuple[float, float]
    margin: float
    margin_interval: tuple[float, float]
    count: int
    groups: int


def score_margins(margins: Sequence[float], group: int = 1) -> PairScore:
    """Score pairs by their margins.

    Parameters
    ----------
    margins : sequence of float
        Log-probability of the right text minus that of the wrong one, in nats.
    group : int
        So many pairs that follow each other share their words, and are no independent evidence:
        intervals count each such group as one observation.

    Raises
    ------
    TaskError
        If there are no pairs, or a margin is no finite number.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.

    Examples
    --------
    >>> score = score_margins([2.0, 1.0, 3.0, -1.0])
    >>> score.share, [round(end, 2) for end in score.share_interval], score.margin
    (0.75, [0.3, 0.95], 1.25)
    """
    from scipy import special  # scipy.stats would take most of a second to import

    values = np.asarray(margins, dtype=np.float64)
    if not len(values) or not np.isfinite(values).all():
        raise TaskError(f"found {len(values)} margins; expected at least one, all finite numbers")
    starts = np.arange(0, len(values), group)
    means = np.add.reduceat(values, starts) / np.diff([*starts, len(values)])
    share = float((values > 0).mean())
    error = means.std(ddof=1) / math.sqrt(len(means)) if len(means) > 1 else math.inf
    reach = error * special.stdtrit(max(len(means) - 1, 1), 0.975)
    margin = float(values.mean())
    return PairScore(
        share=share,
        share_interval=wilson_interval(share, len(means)),
        margin=margin,
        margin_interval=(margin - float(reach), margin + float(reach)),
        count=len(values),
        groups=len(means),
    )


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """Interval of 95 % for a share seen among ``count`` independent observations.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(1.0, 100)]
    [0.963, 1.0]
    """
    from scipy import special  # scipy.stats would take most of a second to import

    z2 = float(special.ndtri(0.975)) ** 2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    reach = math.sqrt(z2 * share * (1 - share) / count + z2**2 / (4 * count**2)) / (1 + z2 / count)
    return max(0.0, centre - reach), min(1.0, centre + reach)
