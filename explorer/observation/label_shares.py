"""How the activity of a part goes with the labels of the examples."""

import math

import numpy as np

from explorer.network.graph import Floats
from explorer.observation.facts import LabelShare
from explorer.observation.figures import figure, small_figure
from explorer.observation.part_examples import TOLD_FROM, PartExamples

TELLING = 12  # tokens of a text on which a part is most active, of those that are shown
_MANY = 200  # labels
SILENT = 4  # and on which it is least


def label_shares(examples: PartExamples) -> tuple[LabelShare, ...]:
    """Tell of every label how active the part is where it holds, by falling mean activity.

    Labels that no example has are left out. Of a text there are all skills, but only the 12 tokens
    of largest and the 4 of smallest mean activity among those that occur 5 times or more.

    Parameters
    ----------
    examples : PartExamples

    Examples
    --------
    >>> rows = np.array([2.0, 2.0, 0.0, 0.0]), np.array([[1, 0], [1, 0], [1, 0], [0, 1]]) > 0
    >>> (a, b) = label_shares(PartExamples(rows[0], (("h", "a"), ("h", "b")), rows[1], "explain"))
    >>> a.label, a.base, a.active, a.mean, b.mean
    ('a', 0.75, 1.0, 1.333, 0.0)
    """
    counts, active, sums = _by_label(examples)
    base = counts / max(len(examples.has), 1)
    means = np.divide(sums, counts, out=np.zeros(len(counts)), where=counts > 0)
    found = [
        LabelShare(head, label, figure(base[i]), figure(active[i]), small_figure(means[i]))
        for i, (head, label) in enumerate(examples.labels)
        if counts[i] >= (TOLD_FROM if head == "token" else 1)
    ]
    found.sort(key=lambda share: -share.mean)  # ties stay in the order of the task
    tokens = [share for share in found if share.head == "token"]
    left_out = set(tokens[TELLING : max(TELLING, len(tokens) - SILENT)])
    return tuple(share for share in found if share not in left_out)


def _by_label(examples: PartExamples) -> tuple[Floats, Floats, Floats]:
    """Of every label: rows, weight of the most active rows, and activity, each summed."""
    weights, activity = most_active(examples.activity), examples.activity
    count = examples.has.shape[1]
    if count > _MANY:  # of a large vocabulary a row has one label at most
        row, label = np.nonzero(examples.has)
        ones, each = np.ones(len(row)), (weights[row], activity[row])
        counts, active, sums = (
            np.asarray(np.bincount(label, one, count), dtype=np.float64) for one in (ones, *each)
        )
        return counts, active, sums
    has = examples.has.astype(np.float64)
    return has.sum(axis=0), weights @ has, activity @ has


def most_active(activity: Floats) -> Floats:
    """Weights, 1 in total, of the tenth of the rows on which a part is most active.

    Rows on which it is silent never belong to it, even if it is active on fewer than a tenth. Where
    several rows are equally active and only some have room, all of them belong to it in part, so
    that the order of the rows does not matter.

    Examples
    --------
    >>> most_active(np.array([0.0] * 17 + [1.0, 1.0, 3.0])).tolist()[-4:]
    [0.0, 0.25, 0.25, 0.5]
    """
    size = np.round(activity, 5)  # equal but for rounding is equal
    room = min(math.ceil(len(size) / 10), int((size > 0).sum()))
    if not room:
        return np.zeros(len(size))
    last = np.sort(size)[-room]
    surely, perhaps = size > last, size == last
    weights = surely + perhaps * (room - surely.sum()) / perhaps.sum()
    return np.asarray(weights / room)
