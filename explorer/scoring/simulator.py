"""Predict the activity of a part from what a text says of it, and from nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.description.claims import check_claims
from explorer.description.description import Claim
from explorer.network.graph import Bools, Floats
from explorer.observation.facts import Facts, LabelShare, Need

_LAST = 0.5  # of what a text names, the last counts half as much as the first
_DENIED = -1.0


def claims_of(text: str, facts: Facts, labels: Sequence[tuple[str, str]]) -> tuple[Claim, ...]:
    """Read the claims of a text by the labels that there are, whatever the figures say of them.

    The figures of ``facts`` are taken out first, and labels put in the order of ``labels``: the
    order of the figures would tell what the text does not.

    Parameters
    ----------
    text : str
    facts : Facts
        Of any part of the network: what is being read about.
    labels : sequence of (str, str)
        Head and class of all labels, more than the facts of a text may name.
    """
    known = replace(
        facts,
        shares=tuple(LabelShare(head, label, 0.0, 0.0, 0.0) for head, label in labels),
        needs=tuple(Need(head, label, 0.0, 0.0) for head, label in labels if head != "token"),
    )
    return check_claims(text, known)


def claimed(
    claims: Sequence[Claim], labels: Sequence[tuple[str, str]], kinds: Sequence[str]
) -> Floats:
    """Weigh the labels as a text names them.

    The first kind of claim of which the text makes any is used. Of the labels that it names, the
    first counts 1 and the last 1/2, in even steps; one alone, and all classes of a head, count 1;
    what is not named counts 0, and what the part is said not to be active on -1.

    Parameters
    ----------
    claims : sequence of Claim
        In the order of the text, whether they hold or not.
    labels : sequence of (str, str)
    kinds : sequence of str
        Such as ``("active", "needed")``.

    Returns
    -------
    array, shape (labels,)

    Examples
    --------
    >>> claims = [Claim("active", "digit", label, label, True, "") for label in ("3", "8")]
    >>> claimed(claims, [("digit", "1"), ("digit", "3"), ("digit", "8")], ["active"]).tolist()
    [0.0, 1.0, 0.5]
    """
    weights, at = np.zeros(len(labels)), {label: place for place, label in enumerate(labels)}
    for kind in kinds:
        own = [claim for claim in claims if claim.kind == kind and (claim.head, claim.label) in at]
        for claim in own:
            if claim.negative:
                weights[at[claim.head, claim.label]] = _DENIED
        ranked = list(dict.fromkeys((c.head, c.label) for c in own if not c.negative))
        denied = {(c.head, c.label) for c in own if c.negative}
        last = (
            1.0 if _is_whole_head(ranked, [one for one in labels if one not in denied]) else _LAST
        )
        for rank, label in enumerate(ranked):
            weights[at[label]] = 1 - (1 - last) * rank / max(len(ranked) - 1, 1)
        if own:
            break
    return weights


def _is_whole_head(named: Sequence[tuple[str, str]], labels: Sequence[tuple[str, str]]) -> bool:
    """Tell whether all classes of some heads are named, in their order: that is no ranking.

    ``labels`` are those there are, without any that the text excepts.
    """
    heads = {head for head, _ in named}
    return list(named) == [label for label in labels if label[0] in heads]


def predicted(weights: Floats, has: Bools) -> Floats:
    """Predict the activity of every row: the sum over the labels it has.

    Parameters
    ----------
    weights : array, shape (labels,)
    has : array of bool, shape (rows, labels)
    """
    return np.asarray(has @ weights)


def best_weights(activity: Floats, has: Bools) -> Floats:
    """Weights that predict activity best from labels, by least squares.

    Where every row has one label, the prediction is the mean activity of the label: no text that
    names labels can do better.

    Parameters
    ----------
    activity : array, shape (rows,)
    has : array of bool, shape (rows, labels)

    Examples
    --------
    >>> has = np.array([[True, False], [True, False], [False, True]])
    >>> best_weights(np.array([1.0, 3.0, 5.0]), has).round(6).tolist()
    [2.0, 5.0]
    """
    return np.asarray(np.linalg.lstsq(has.astype(np.float64), activity, rcond=None)[0])
