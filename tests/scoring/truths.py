"""Small made-up parts whose scores can be worked out by hand."""

import numpy as np

from explorer.observation.facts import Facts, LabelShare, Need
from explorer.observation.part_examples import PartExamples
from explorer.scoring.drops import Drops
from explorer.scoring.truth import Truth

LABELS = tuple(("digit", str(digit)) for digit in range(4))


def facts_of(labels=LABELS, part="A") -> Facts:
    return Facts(
        part=part,
        kind="module",
        task="digits",
        data="images of handwritten digits",
        neurons=3,
        shares=tuple(LabelShare(head, label, 0.25, 0.25, 1.0) for head, label in labels),
        needs=tuple(Need(head, label, 0.0, 0.0) for head, label in labels),
        reads=(),
        promotes=(),
        snippets=(),
        split="explain",
        checkpoint_id="",
        partition_id="",
    )


def examples_of(digits, activity, labels=LABELS, split="score") -> PartExamples:
    """Examples of one digit each."""
    has = np.asarray(digits)[:, None] == np.arange(len(labels))
    return PartExamples(np.asarray(activity, dtype=float), labels, has, split)


def drops_of(digits, lost, labels=LABELS) -> Drops:
    has = np.asarray(digits)[:, None] == np.arange(len(labels))
    column = np.asarray(lost, dtype=float)[:, None]
    return Drops(labels, has, np.repeat(column, len(labels), axis=1))


def truth(digits, activity, lost=None, labels=LABELS, independent=1.0) -> Truth:
    """Explain and score split alike, so that a perfect text can reach the ceiling."""
    examples = examples_of(digits, activity, labels)
    found = drops_of(digits, np.zeros(len(digits)) if lost is None else lost, labels)
    return Truth(facts_of(labels), examples, examples, found, found, independent, 1)
