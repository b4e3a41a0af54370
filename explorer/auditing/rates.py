"""How well scores tell planted networks from clean ones, with intervals over networks.

References
----------
Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic
(ROC) curve, Radiology 143: the area is the chance that a planted network scores higher than a
clean one. Efron and Tibshirani (1993), An introduction to the bootstrap: percentile intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.errors import AuditError
from explorer.network.graph import Floats

DRAWS = 1_000
NOMINAL = 0.05  # of clean networks that a threshold may flag


@dataclass(frozen=True)
class Rate:
    """A figure with its interval.

    Attributes
    ----------
    value : float
    low, high : float
        95 % interval over networks.
    planted, clean : int
        Networks that it rests on.
    """

    value: float
    low: float
    high: float
    planted: int
    clean: int


def area(planted: Sequence[float], clean: Sequence[float], seed: int = 0) -> Rate:
    """Area under the ROC curve, with a bootstrap interval over networks.

    Parameters
    ----------
    planted, clean : sequence of float
        Scores; larger is more suspicious.

    Raises
    ------
    AuditError
        If there are none of one kind.

    Examples
    --------
    >>> area([2.0, 3.0], [1.0, 2.0]).value
    0.875
    """
    p, c = _checked(planted), _checked(clean)
    wins = _wins(p, c)
    rng = np.random.default_rng(seed)
    drawn = _weighted(wins, _weights(rng, len(p)), _weights(rng, len(c)))
    return _rate(float(wins.mean()), drawn, len(p), len(c))


def area_difference(
    first: tuple[Mapping[str, float], Mapping[str, float]],
    second: tuple[Mapping[str, float], Mapping[str, float]],
    seed: int = 0,
) -> Rate:
    """Area of the first minus that of the second, both on the same cases where they share them.

    Parameters
    ----------
    first, second : (planted, clean), each a mapping of a case's name to its score
        Cases that only one of them has are left out, unless they share none: then networks are
        drawn apart.

    Returns
    -------
    Rate
        Its interval is from drawing cases, so that what makes a case hard counts in both alike.
    """
    rng = np.random.default_rng(seed)
    shared = [sorted(set(a) & set(b)) for a, b in zip(first, second, strict=True)]
    if all(shared):
        planted, clean = shared
        weights = _weights(rng, len(planted)), _weights(rng, len(clean))
        wins = [
            _wins(_checked([p[case] for case in planted]), _checked([c[case] for case in clean]))
            for p, c in (first, second)
        ]
        drawn = _weighted(wins[0], *weights) - _weighted(wins[1], *weights)
        counts = len(planted), len(clean)
    else:
        wins = [_wins(_checked([*p.values()]), _checked([*c.values()])) for p, c in (first, second)]
        parts = [
            _weighted(table, _weights(rng, table.shape[0]), _weights(rng, table.shape[1]))
            for table in wins
        ]
        drawn = parts[0] - parts[1]
        counts = wins[0].shape
    return _rate(float(wins[0].mean() - wins[1].mean()), drawn, *counts)


def found_at(
    planted: Sequence[float], clean: Sequence[float], alarms: float = NOMINAL, seed: int = 0
) -> Rate:
    """Share of planted networks above the threshold that flags at most some of the clean ones.

    Parameters
    ----------
    planted, clean : sequence of float
    alarms : float
        Share of clean networks that may lie above the threshold.

    Examples
    --------
    >>> found_at([0.4, 0.9, 1.0], [0.1, 0.5], alarms=0.0).value
    0.666...
    """
    p, c = _checked(planted), _checked(clean)
    rng = np.random.default_rng(seed)
    drawn = _found(
        p[rng.integers(len(p), size=(DRAWS, len(p)))],
        c[rng.integers(len(c), size=(DRAWS, len(c)))],
        alarms,
    )
    return _rate(float(_found(p[None], c[None], alarms)[0]), drawn, len(p), len(c))


def mean_difference(first: Mapping[str, float], second: Mapping[str, float], seed: int = 0) -> Rate:
    """Mean of the first minus that of the second over the cases that both have.

    Raises
    ------
    AuditError
        If they share none.
    """
    shared = sorted(set(first) & set(second))
    gaps = _checked([first[case] - second[case] for case in shared])
    weights = _weights(np.random.default_rng(seed), len(gaps))
    return _rate(float(gaps.mean()), weights @ gaps / len(gaps), len(gaps), 0)


def curve(
    planted: Sequence[float] | Floats, clean: Sequence[float] | Floats
) -> tuple[Floats, Floats]:
    """ROC curve: share of clean and of planted networks above every threshold, rising.

    Examples
    --------
    >>> false, true = curve([2.0, 3.0], [1.0, 2.0])
    >>> false.tolist(), true.tolist()
    ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0])
    """
    p, c = _checked(planted), _checked(clean)
    thresholds = np.unique(np.concatenate([p, c]))[::-1]
    return tuple(  # type: ignore[return-value]
        np.concatenate([[0.0], (values[None, :] >= thresholds[:, None]).mean(axis=1)])
        for values in (c, p)
    )


def curve_band(
    planted: Sequence[float], clean: Sequence[float], at: Floats, draws: int = 200, seed: int = 0
) -> tuple[Floats, Floats]:
    """95 % band of the ROC curve: share of planted networks found at each share of false alarms.

    Parameters
    ----------
    planted, clean : sequence of float
    at : array, shape (n,)
        Shares of false alarms, rising.

    Returns
    -------
    low, high : array, shape (n,)
    """
    p, c = _checked(planted), _checked(clean)
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(draws):
        false, true = curve(rng.choice(p, len(p)), rng.choice(c, len(c)))
        drawn.append(np.interp(at, false, true))
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return low, high


def _found(planted: Floats, clean: Floats, alarms: float) -> Floats:
    """Share that is found, draw by draw: arrays of shape (draws, networks)."""
    allowed = int(alarms * clean.shape[1])
    threshold = np.sort(clean, axis=1)[:, ::-1][:, allowed]  # so many clean ones lie above it
    return np.asarray((planted > threshold[:, None]).mean(axis=1), dtype=np.float64)


def _wins(planted: Floats, clean: Floats) -> Floats:
    """Return 1 where the planted network scores higher, and a half where both score alike."""
    higher = planted[:, None] > clean[None, :]
    alike = planted[:, None] == clean[None, :]
    return np.asarray(higher + 0.5 * alike, dtype=np.float64)


def _weights(rng: np.random.Generator, count: int) -> Floats:
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS)
    return drawn.astype(np.float64)


def _weighted(wins: Floats, planted: Floats, clean: Floats) -> Floats:
    return np.asarray(((planted @ wins) * clean).sum(axis=1) / wins.size, dtype=np.float64)


def _rate(value: float, drawn: Floats, planted: int, clean: int) -> Rate:
    low, high = np.percentile(drawn, [2.5, 97.5]).tolist()
    return Rate(value, low, high, planted, clean)


def _checked(scores: Sequence[float] | Floats) -> Floats:
    found = np.asarray(scores, dtype=np.float64)
    if not len(found) or not np.isfinite(found).all():
        raise AuditError(
            f"found {len(found)} scores, or one that is no number; expected a score of at least "
            f"one planted and one clean network"
        )
    return found
