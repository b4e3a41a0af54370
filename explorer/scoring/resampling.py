"""Correlation and area under the curve, and their intervals from resampled examples."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from explorer.network.graph import Floats

REPEATS = 400
_ENDS = (2.5, 97.5)  # percent: the ends of an interval of 95 %


@lru_cache(maxsize=8)
def resampled(
    rows: int, independent: int | None = None, block: int = 1, repeats: int = REPEATS
) -> Floats:
    """Draw how often each row occurs in resampled data, the same draw every time.

    Rows that depend on each other are no independent evidence. Where rows come in blocks (the
    tokens of one text), whole blocks are drawn. Where rows are made of fewer items (pairs of 180
    pictures), as many rows are drawn as there are items, which gives the wider interval of so few
    observations (the m out of n bootstrap).

    Parameters
    ----------
    rows : int
    independent : int, optional
        Number of independent items that the rows are made of, where fewer than rows.
    block : int
        So many rows that follow each other belong together.
    repeats : int

    Returns
    -------
    array, shape (repeats, rows)

    References
    ----------
    Efron (1979), Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1-26.
    Bickel, Götze, van Zwet (1997), Resampling fewer than n observations, Statistica Sinica 7, 1-31.

    Examples
    --------
    >>> resampled(6, block=2, repeats=3).sum(axis=1).tolist()
    [6.0, 6.0, 6.0]
    >>> resampled(6, independent=2, repeats=3).sum(axis=1).tolist()
    [2.0, 2.0, 2.0]
    """
    blocks = -(-rows // block)
    draws = min(blocks, max(2, independent or blocks))
    rng = np.random.default_rng(0)
    counts = rng.multinomial(draws, np.full(blocks, 1 / blocks), size=repeats)
    found = np.repeat(counts, block, axis=1)[:, :rows].astype(np.float64)
    found.setflags(write=False)  # all callers share it
    return found


def interval(statistic: Callable[[Floats], Floats], counts: Floats) -> tuple[float, float]:
    """Interval of 95 % for a statistic: the middle of its values on resampled data.

    Parameters
    ----------
    statistic : callable
        From counts of shape (repeats, rows) to one value a repeat; NaN where it has none.
    counts : array, shape (repeats, rows)
        As ``resampled`` draws them.
    """
    values = statistic(counts)
    values = values[np.isfinite(values)]
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.percentile(values, _ENDS)
    return float(low), float(high)


def correlation(predicted: Floats, truth: Floats, counts: Floats | None = None) -> Floats:
    """Pearson's correlation, once a repeat; 0 where the prediction does not vary.

    What predicts the same for everything tells nothing; and a prediction of something that does
    not vary cannot be judged: NaN.

    Parameters
    ----------
    predicted : array, shape (rows,)
    truth : array, shape (rows,) or (repeats, rows)
        Several truths are each correlated with the prediction.
    counts : array, shape (repeats, rows), optional
        By default every row once.

    Examples
    --------
    >>> correlation(np.array([0.0, 1.0, 0.0]), np.array([1.0, 2.0, 0.0])).round(3).tolist()
    [0.866]
    """
    weights = np.ones((1, len(predicted))) if counts is None else counts
    weights = weights / weights.sum(axis=1, keepdims=True)
    x, y = predicted - predicted.mean(), truth - truth.mean(axis=-1, keepdims=True)

    def mean(values: Floats) -> Floats:
        found = weights @ values if values.ndim == 1 else (weights * values).sum(axis=1)
        return np.asarray(found)

    mean_x, mean_y = mean(x), mean(y)
    spread_x = (mean(x * x) - mean_x**2).clip(min=0.0)
    spread_y = (mean(y * y) - mean_y**2).clip(min=0.0)
    together = mean(x * y) - mean_x * mean_y
    still_x = spread_x <= 1e-12 * (x @ x)
    still_y = spread_y <= 1e-12 * (y * y).sum(axis=-1)
    found = together / np.sqrt(np.where(still_x | still_y, 1.0, spread_x * spread_y))
    return np.asarray(np.where(still_y, np.nan, np.where(still_x, 0.0, found)).clip(-1.0, 1.0))


def area_under_curve(predicted: Floats, positive: Floats, counts: Floats | None = None) -> Floats:
    """Chance that a positive example is given more than a negative one, a tie counting half.

    Parameters
    ----------
    predicted : array, shape (rows,)
    positive : array of bool, shape (rows,)
    counts : array, shape (repeats, rows), optional
        By default every row once.

    References
    ----------
    Mann, Whitney (1947), On a test of whether one of two random variables is stochastically larger
    than the other, Annals of Mathematical Statistics 18, 50-60.

    Examples
    --------
    >>> area_under_curve(np.array([2.0, 1.0, 1.0]), np.array([True, True, False])).tolist()
    [0.75]
    """
    weights = np.ones((1, len(predicted))) if counts is None else counts
    chosen = positive.astype(bool)
    above, below = predicted[chosen], predicted[~chosen]
    wins = (above[:, None] > below) + 0.5 * (above[:, None] == below)
    first, second = weights[:, chosen], weights[:, ~chosen]
    pairs = first.sum(axis=1) * second.sum(axis=1)
    won = ((first @ wins) * second).sum(axis=1)
    return np.asarray(np.divide(won, pairs, out=np.full_like(pairs, np.nan), where=pairs > 0))
