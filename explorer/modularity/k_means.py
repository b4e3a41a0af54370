"""k-means from a k-means++ start."""

import numpy as np
from scipy.cluster.vq import vq

from explorer.network.graph import Floats, Ints

_ROUNDS = 10


def k_means(points: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Label points by k-means from a k-means++ start; of equal points there may be too few.

    Parameters
    ----------
    points : array of float, shape (points, dimensions)
    count : int
        Number of labels, at most.
    rng : numpy.random.Generator

    Returns
    -------
    array of int, shape (points,)

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding, SODA.

    Examples
    --------
    >>> labels = k_means(np.array([[0.0], [0.1], [5.0]]), 2, np.random.default_rng(0))
    >>> bool(labels[0] == labels[1] != labels[2])
    True
    """
    chosen = [int(rng.integers(len(points)))]
    nearest = np.full(len(points), np.inf)
    while len(chosen) < count:
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        summed = nearest.cumsum()
        if summed[-1] <= 0:
            break
        chosen.append(int(np.searchsorted(summed / summed[-1], rng.uniform())))
    centres = points[chosen]
    labels = np.full(len(points), -1)
    for _ in range(_ROUNDS):
        before, labels = labels, vq(points, centres, check_finite=False)[0]
        if np.array_equal(labels, before):  # and so they would stay
            break
        sizes = np.bincount(labels, minlength=len(centres))
        sums = np.stack([np.bincount(labels, along, len(centres)) for along in points.T], axis=1)
        centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centres)
    return np.asarray(labels, dtype=np.int64)
