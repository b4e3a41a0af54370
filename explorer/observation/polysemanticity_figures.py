"""Shares of excess activity, how alike labels look, and the effective number of unrelated ones."""

import numpy as np

from explorer.network.graph import Bools, Floats

SURE = 3.0  # standard errors by which the mean over a label must exceed the mean over all
_NOTHING = 1e-12  # rounding is no excess


def effective_number(shares: Floats, similarity: Floats | None = None) -> float:
    """Count how many unrelated things shares are spread over: 1 / sum_ij p_i Z_ij p_j.

    Parameters
    ----------
    shares : array, shape (things,)
        Not negative; they are divided by their sum, which is above 0.
    similarity : array, shape (things, things), optional
        1 on the diagonal, 0 for things that have nothing in common; by default nothing has.

    Examples
    --------
    >>> effective_number(np.array([1.0, 1.0, 0.0]))
    2.0
    >>> effective_number(np.array([1.0, 1.0]), np.ones((2, 2)))
    1.0
    """
    p = shares / shares.sum()
    return float(1.0 / (p @ (p if similarity is None else similarity @ p)))


def excess_shares(activity: Floats, has: Bools) -> Floats:
    """How much of what an activity does beyond its mean falls to each label.

    With n_l rows of label l and mean activity m_l there, a label's excess is n_l (m_l - m), counted
    where m_l lies at least 3 standard errors above the mean m over all rows.

    Parameters
    ----------
    activity : array, shape (rows,) or (rows, activities)
        One or several.
    has : array of bool, shape (rows, labels)

    Returns
    -------
    array, shape (labels,) or (labels, activities)
        Of sum 1; all 0 where no label goes with it for sure.
    """
    counts = np.maximum(has.sum(axis=0), 1)
    counts = counts if activity.ndim == 1 else counts[:, None]
    # A label without rows has a mean of 0 here; that is no excess either.
    beyond = has.T.astype(float) @ (activity - activity.mean(axis=0)) / counts
    error = activity.std(axis=0) / np.sqrt(counts)
    excess = np.where(beyond > np.maximum(SURE * error, _NOTHING), counts * beyond, 0.0)
    total = excess.sum(axis=0)
    shares: Floats = excess / np.where(total > 0, total, 1.0)
    return shares


def label_profiles(values: Floats, has: Bools) -> Floats:
    """How neurons see labels: mean over a label minus mean over all rows, in standard deviations.

    Parameters
    ----------
    values : array, shape (rows, neurons)
    has : array of bool, shape (rows, labels)

    Returns
    -------
    array, shape (labels, neurons)
    """
    spread = values.std(axis=0)
    scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    profiles: Floats = has.T.astype(float) @ scaled / np.maximum(has.sum(axis=0), 1)[:, None]
    return profiles


def label_similarity(profiles: Floats) -> Floats:
    """How alike labels look: the cosine of their profiles, 0 where it is negative.

    Parameters
    ----------
    profiles : array, shape (labels, neurons)

    Returns
    -------
    array, shape (labels, labels)
    """
    length = np.linalg.norm(profiles, axis=1, keepdims=True)
    unit = profiles / np.where(length > 0, length, 1.0)
    similarity: Floats = np.clip(unit @ unit.T, 0.0, 1.0)
    np.fill_diagonal(similarity, 1.0)
    return similarity
