"""How far two partitions of the same nodes agree."""

import numpy as np
from scipy.special import gammaln

from explorer.network.graph import Floats, Ints


def adjusted_mutual_information(first: Ints, second: Ints) -> float:
    """Adjusted mutual information of two partitions: 1 if they are the same, about 0 by chance.

    Parameters
    ----------
    first, second : array of int, shape (nodes,)
        Labels; nodes labelled -1 in either do not count.

    Returns
    -------
    float
        1 too where neither tells any nodes apart.

    References
    ----------
    Vinh, Epps and Bailey (2010), Information theoretic measures for clusterings comparison, JMLR
    11, 2837-2854, with the mean of the two entropies as the largest information.

    Examples
    --------
    >>> one = np.array([0, 0, 1, 1])
    >>> adjusted_mutual_information(one, 1 - one)
    1.0
    >>> round(adjusted_mutual_information(one, np.array([0, 1, 0, 1])), 6)
    -0.5
    """
    both = (first >= 0) & (second >= 0)
    n = int(both.sum())
    if not n:
        return 1.0
    _, a = np.unique(first[both], return_inverse=True)
    _, b = np.unique(second[both], return_inverse=True)
    width = int(b.max()) + 1
    table = np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if len(rows) == len(columns) == 1:
        return 1.0
    entropies = (_entropy(rows) + _entropy(columns)) / 2
    information = 2 * entropies - _entropy(table[table > 0])
    expected = _expected_information(rows, columns, n)
    largest = entropies - expected
    if abs(largest) < 1e-15:
        return 1.0 if (table > 0).sum() == max(table.shape) == min(table.shape) else 0.0
    return float((information - expected) / largest)


def _entropy(counts: Ints) -> float:
    share = counts / counts.sum()
    return float(-(share * np.log(share)).sum())


def _expected_information(rows: Ints, columns: Ints, n: int) -> float:
    """Mean mutual information over all tables with these margins: a sum of hypergeometric laws."""
    total = 0.0
    for a in rows.tolist():
        for b in columns.tolist():
            shared: Floats = np.arange(max(1, a + b - n), min(a, b) + 1, dtype=np.float64)
            log_chance = _log_choose(b, shared) + _log_choose(n - b, a - shared) - _log_choose(n, a)
            gain = shared / n * np.log(n * shared / (a * b))
            total += float((gain * np.exp(log_chance)).sum())
    return total


def _log_choose(n: int, k: Floats | int) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1))
