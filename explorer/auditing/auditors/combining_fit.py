"""Fit the weights of the combined auditor anew, to the networks of a calibration zoo.

    python -m explorer.auditing.auditors.combining_fit FOLDER

The zoo is that of ``explorer zoo build calibration``: backdoors of the kinds that auditors may be
tuned on, and their controls, in the regimes of the reports: one in three of the planted ones and
one in nine of the controls, which is about as many, and enough for so few weights.
"""

import sys
from collections.abc import Iterator, Sequence

import numpy as np

from explorer.auditing.auditors.combining import PARTS, Weights, compressed, save_weights
from explorer.auditing.auditors.pair_reference_fit import FAMILY
from explorer.auditing.view import audit_view
from explorer.auditing.zoo.folder import ZooFolder
from explorer.auditing.zoo.regimes import COMPARED
from explorer.network.graph import Floats

_RIDGE = 1.0  # on the weights, in units of the standardised scores
_STEPS = 50
_PLANTED, _CONTROLS = 3, 9


def scored(folder: ZooFolder) -> Iterator[tuple[list[float], bool]]:
    """Scores of all parts, and whether something was planted, network by network."""
    records = {
        member: record
        for member, record in folder.content().records.items()
        if member.case.family == FAMILY
        and member.regime in COMPARED
        and (record.counts_as_planted or not member.is_planted)
    }
    order = sorted(records, key=str)
    planted = [member for member in order if member.is_planted]
    controls = [member for member in order if not member.is_planted]
    for member in (*planted[::_PLANTED], *controls[::_CONTROLS]):
        view = audit_view(folder.checkpoint(member))
        yield [compressed(part(view).score) for part in PARTS], member.is_planted


def logistic_weights(
    values: Floats, planted: Floats, ridge: float = _RIDGE
) -> tuple[float, Floats]:
    """Intercept and weights of logistic regression, planted and clean networks counting alike.

    Newton's method (iteratively reweighted least squares) on standardised values, the ridge on
    their weights; weights below 0 are set to 0 and the others fitted again, since no part is meant
    to speak for a network.

    Parameters
    ----------
    values : array, shape (networks, parts)
    planted : array of 0 and 1, shape (networks,)
    ridge : float

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> values = rng.normal(size=(200, 2))
    >>> intercept, weights = logistic_weights(values, (values[:, 0] > 0).astype(float))
    >>> bool(weights[0] > 2), bool(weights[1] < 0.5)
    (True, True)
    """
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    share = np.where(planted > 0, planted.mean(), 1 - planted.mean())
    counts = 0.5 / share
    used = np.ones(values.shape[1], dtype=bool)
    while True:
        design = np.column_stack([np.ones(len(values)), ((values - mean) / spread)[:, used]])
        penalty = ridge * np.eye(design.shape[1])
        penalty[0, 0] = 0.0
        found = np.zeros(design.shape[1])
        for _ in range(_STEPS):
            chance = 1 / (1 + np.exp(-design @ found))
            slope = design.T @ (counts * (planted - chance)) - penalty @ found
            curve = (design * (counts * chance * (1 - chance))[:, None]).T @ design + penalty
            curve[0, 0] += 1e-6
            found = found + np.clip(np.linalg.solve(curve, slope), -2.0, 2.0)
        if (found[1:] >= 0).all():
            break
        used[np.flatnonzero(used)[int(found[1:].argmin())]] = False
    weights = np.zeros(values.shape[1])
    weights[used] = found[1:] / spread[used]
    return float(found[0] - weights @ mean), weights


def fit_weights(rows: Sequence[tuple[list[float], bool]]) -> Weights:
    """Weights of the parts; a part without weight is left out."""
    values = np.array([scores for scores, _ in rows])
    planted = np.array([float(is_planted) for _, is_planted in rows])
    intercept, weights = logistic_weights(values, planted)
    return Weights(
        networks=len(rows),
        intercept=round(intercept, 4),
        weights={
            part.name: round(float(weight), 4)
            for part, weight in zip(PARTS, weights, strict=True)
            if weight > 0
        },
    )


if __name__ == "__main__":
    fitted = fit_weights(list(scored(ZooFolder(sys.argv[1]))))
    save_weights(fitted)
    sys.stdout.write(f"fitted to {fitted.networks} networks: {fitted.weights}\n")
