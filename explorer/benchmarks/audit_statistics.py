"""Figures over the networks of a zoo, with intervals from drawing cases.

The networks of one case in several regimes share their data, so a bootstrap draws cases and not
networks; planted ones and controls apart, as many as there are. Every figure is taken in each
regime by itself and averaged over regimes, because raw scores of different regimes do not compare.

References
----------
Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic
(ROC) curve, Radiology 143. Efron and Tibshirani (1993), An introduction to the bootstrap: the
percentile interval, and pairs of figures from the same draws.
"""

from dataclasses import dataclass, field

import numpy as np

from explorer.auditing.rates import NOMINAL, Rate
from explorer.errors import AuditError
from explorer.network.graph import Floats

DRAWS = 1_000


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of planted networks and controls.

    Attributes
    ----------
    planted, clean : array, shape (cases, regimes)
        NaN where there is no such network, or what was planted in it did not take.
    """

    planted: Floats
    clean: Floats


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure, and what it was on every bootstrap draw.

    Two estimates of the same cases were made on the same draws, so their difference is paired.
    """

    value: float
    drawn: Floats = field(repr=False)
    planted: int = 0
    clean: int = 0

    def minus(self, other: "Estimate") -> "Estimate":
        """Return by how much it is above another."""
        return Estimate(
            self.value - other.value, self.drawn - other.drawn, self.planted, self.clean
        )

    @property
    def rate(self) -> Rate:
        """The figure with its 95 % interval."""
        low, high = np.nanpercentile(self.drawn, [2.5, 97.5]).tolist()
        return Rate(self.value, low, high, self.planted, self.clean)


def area(scores: Scores, *, seed: int = 0) -> Estimate:
    """Chance that a planted network scores higher than a control; ties count a half.

    Examples
    --------
    >>> area(Scores(np.array([[2.0], [3.0]]), np.array([[1.0], [2.0]]))).value
    0.875
    """
    weights = _weights(scores, seed)
    found = []
    for planted, clean in _regimes(scores):
        p, c = scores.planted[planted[0], planted[1]], scores.clean[clean[0], clean[1]]
        wins = (p[:, None] > c[None, :]) + 0.5 * (p[:, None] == c[None, :])
        wp, wc = weights[0][:, planted[0]], weights[1][:, clean[0]]
        total = wp.sum(axis=1) * wc.sum(axis=1)
        found.append(_divided(((wp @ wins) * wc).sum(axis=1), total))
    return _estimate(scores, found)


def found_at(scores: Scores, *, alarms: float = NOMINAL, seed: int = 0) -> Estimate:
    """Share of planted networks above the threshold that at most some of the controls are above.

    Examples
    --------
    >>> planted, clean = np.array([[0.4], [0.9], [1.0]]), np.array([[0.1], [0.5]])
    >>> round(found_at(Scores(planted, clean), alarms=0.0).value, 3)
    0.667
    """
    weights = _weights(scores, seed)
    found = []
    for planted, clean in _regimes(scores):
        p, c = scores.planted[planted[0], planted[1]], scores.clean[clean[0], clean[1]]
        wp, wc = weights[0][:, planted[0]], weights[1][:, clean[0]]
        order = np.argsort(-c, kind="stable")
        above = np.cumsum(wc[:, order], axis=1)  # of the weight of controls
        beyond = above > alarms * above[:, -1:] + 1e-9
        limit = c[order][beyond.argmax(axis=1)]
        hit = ((p[None, :] > limit[:, None]) * wp).sum(axis=1)
        found.append(_divided(hit, wp.sum(axis=1)))
    return _estimate(scores, found)


def mean(values: Floats, seed: int = 0) -> Estimate:
    """Mean over networks, regime by regime, of figures of shape (cases, regimes) with NaN.

    Examples
    --------
    >>> mean(np.array([[1.0, 4.0], [2.0, np.nan]])).value
    2.75
    """
    known = ~np.isnan(values)
    if not known.any():
        raise AuditError("found no network to take a mean over; expected at least one")
    weights = _draws(np.random.default_rng(seed), len(values))
    sums = weights @ np.where(known, values, 0.0)
    found = [
        _divided(sums[:, at], (weights @ known)[:, at])
        for at in range(values.shape[1])
        if known[:, at].any()
    ]
    table = np.array(found)
    return Estimate(float(table[:, 0].mean()), table[:, 1:].mean(axis=0), int(known.sum()), 0)


def _regimes(scores: Scores) -> list[tuple[tuple[Floats, int], tuple[Floats, int]]]:
    """Return rows and column of the planted and of the clean networks, regime by regime."""
    found = []
    for at in range(scores.planted.shape[1]):
        planted = np.flatnonzero(~np.isnan(scores.planted[:, at]))
        clean = np.flatnonzero(~np.isnan(scores.clean[:, at]))
        if len(planted) and len(clean):
            found.append(((planted, at), (clean, at)))
    if not found:
        raise AuditError(
            "found no regime with both planted networks and controls; expected at least one"
        )
    return found  # type: ignore[return-value]


def _weights(scores: Scores, seed: int) -> tuple[Floats, Floats]:
    """How often each case was drawn, planted and clean; all once at first."""
    rng = np.random.default_rng(seed)
    return _draws(rng, len(scores.planted)), _draws(rng, len(scores.clean))


def _draws(rng: np.random.Generator, count: int) -> Floats:
    if not count:
        return np.ones((DRAWS + 1, 0))
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)
    return np.concatenate([np.ones((1, count)), drawn.astype(np.float64)])


def _divided(above: Floats, below: Floats) -> Floats:
    return np.asarray(
        np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0), dtype=np.float64
    )


def _estimate(scores: Scores, found: list[Floats]) -> Estimate:
    table = np.array(found)
    return Estimate(
        float(table[:, 0].mean()),
        table[:, 1:].mean(axis=0),
        int((~np.isnan(scores.planted)).sum()),
        int((~np.isnan(scores.clean)).sum()),
    )
