"""Scores that need no language model: a rule reads the claims, data tell whether they come true."""

import math
from collections.abc import Mapping

import numpy as np

from explorer.network.graph import Floats, Ints
from explorer.observation.part_examples import PartExamples
from explorer.scoring.drops import Drops
from explorer.scoring.resampling import area_under_curve, correlation, interval, resampled
from explorer.scoring.scores import Score
from explorer.scoring.simulator import best_weights, claimed, claims_of, predicted
from explorer.scoring.truth import Truth

SIMULATION, DETECTION, ABLATION = "simulation", "detection", "ablation_agreement"
RULE_SCORES = (SIMULATION, DETECTION, ABLATION)
# Activity is read from what a text says of activity, and only if it is silent on that from what it
# says of need: a part is often active on one class and needed for another.
_OF_ACTIVITY = ("active", "needed")
_OF_NEED = ("needed", "active")
_NOBODY = float("nan")
_MOST = 100  # examples of each side that a judge is shown


def simulation(text: str, truth: Truth) -> Score:
    """Correlation of the activity that a text lets one expect with the true one.

    Chance is 0. The ceiling is the same for the best weights of all labels, fitted on the explain
    split: where every example has one label, prediction by the mean activity of its class.

    References
    ----------
    Bills et al. (2023), Language models can explain neurons in language models, OpenAI.
    """
    if truth.held_out is None or truth.explained is None:
        return _untold(SIMULATION, 0.0, "it is not active on the explain and the score split")
    examples = truth.held_out
    weights = _activity_weights(text, truth, examples)
    expected = predicted(weights, examples.has)
    best = predicted(_best(truth.explained, examples), examples.has)
    counts = _counts(len(expected), truth)
    return Score(
        name=SIMULATION,
        value=float(correlation(expected, examples.activity)[0]),
        **_ends(interval(lambda c: correlation(expected, examples.activity, c), counts)),
        chance=0.0,
        ceiling=float(correlation(best, examples.activity)[0]),
        nulls=(),
        reason="" if weights.any() else "it names nothing that examples are labelled with",
    )


def detection(text: str, truth: Truth) -> Score:
    """Chance that an activating example is told from one that is not, by what the text says.

    Activating are the tenth of examples on which the part is most active, at most 100 of them,
    evenly; not activating are as many as 100 from the less active half, evenly. The examples are
    judged by the activity that the text lets one expect; a tie counts half, so chance is 1/2. The
    ceiling is that of the best weights, as in ``simulation``.

    References
    ----------
    Paulo, Mallen, Juang, Belrose (2024), Automatically interpreting millions of features in large
    language models, arXiv 2410.13928.
    """
    if truth.held_out is None or truth.explained is None:
        return _untold(DETECTION, 0.5, "it is not active on the explain and the score split")
    examples = truth.held_out
    rows, positive = shown_examples(examples.activity)
    weights = _activity_weights(text, truth, examples)
    expected = predicted(weights, examples.has)[rows]
    best = predicted(_best(truth.explained, examples), examples.has)[rows]
    # The tokens of a text are drawn far apart here, and count as independent.
    counts = resampled(len(rows), math.ceil(truth.independent * len(rows)))
    return Score(
        name=DETECTION,
        value=float(area_under_curve(expected, positive)[0]),
        **_ends(interval(lambda c: area_under_curve(expected, positive, c), counts)),
        chance=0.5,
        ceiling=float(area_under_curve(best, positive)[0]),
        nulls=(),
        reason="" if weights.any() else "it names nothing that examples are labelled with",
    )


def shown_examples(activity: Floats) -> tuple[Ints, Floats]:
    """Choose activating and other examples; see ``detection``.

    Returns
    -------
    rows : array of int
    positive : array of bool
        Whether each of them is activating.

    Examples
    --------
    >>> rows, positive = shown_examples(np.arange(20.0))
    >>> sorted(rows[positive].tolist()), len(rows) - positive.sum()
    ([18, 19], np.int64(10))
    """
    order = np.argsort(-activity, kind="stable")
    above, below = order[: max(1, len(order) // 10)], order[(len(order) + 1) // 2 :]
    above, below = _evenly(above), _evenly(below)
    return np.concatenate([above, below]), np.repeat([True, False], [len(above), len(below)])


def ablation_agreement(text: str, truth: Truth) -> Score:
    """Correlation, over labels, of what a text says the part is needed for with what is lost.

    The loss is that of right answers about each label on the score split when the part is
    ablated. Labels are weighed as the text ranks them; a text that says nothing of need is read
    as if the part were needed where it is active. Chance is 0; the ceiling is the correlation with
    the losses on the explain split, which a text could at best repeat.
    """
    held_out, explained = truth.held_out_drops, truth.explained_drops
    if held_out is None or explained is None:
        return _untold(ABLATION, 0.0, "there is nothing to ablate, or no right answers to lose")
    lost = held_out.by_label()[0]
    if np.ptp(lost) == 0.0:
        return _untold(ABLATION, 0.0, "every label loses the same when it is ablated")
    weights = _need_weights(text, truth, held_out)
    rows = len(held_out.has)
    counts = resampled(rows, math.ceil(truth.independent * rows), held_out.block)
    return Score(
        name=ABLATION,
        value=float(correlation(weights, lost)[0]),
        **_ends(interval(lambda c: correlation(weights, held_out.by_label(c)), counts)),
        chance=0.0,
        ceiling=float(correlation(explained.by_label()[0], lost)[0]),
        nulls=(),
        reason="" if weights.any() else "it names nothing that examples are labelled with",
    )


def figures(text: str, truth: Truth) -> Mapping[str, float]:
    """Values of the scores alone, without intervals: for nulls, which are many.

    Returns
    -------
    mapping of str to float
        NaN where a score cannot be told.
    """
    found = dict.fromkeys(RULE_SCORES, _NOBODY)
    examples = truth.held_out
    if examples is not None and truth.explained is not None:
        expected = predicted(_activity_weights(text, truth, examples), examples.has)
        rows, positive = shown_examples(examples.activity)
        found[SIMULATION] = float(correlation(expected, examples.activity)[0])
        found[DETECTION] = float(area_under_curve(expected[rows], positive)[0])
    held_out = truth.held_out_drops
    if held_out is not None and truth.explained_drops is not None:
        weights = _need_weights(text, truth, held_out)
        found[ABLATION] = float(correlation(weights, held_out.by_label()[0])[0])
    return found


def _activity_weights(text: str, truth: Truth, examples: PartExamples) -> Floats:
    return claimed(claims_of(text, truth.facts, examples.labels), examples.labels, _OF_ACTIVITY)


def _need_weights(text: str, truth: Truth, held_out: Drops) -> Floats:
    return claimed(claims_of(text, truth.facts, held_out.labels), held_out.labels, _OF_NEED)


def _best(explained: PartExamples, examples: PartExamples) -> Floats:
    """Weights fitted on the explain split, in the order of another split's labels."""
    fitted = best_weights(explained.activity, explained.has)
    by_label = dict(zip(explained.labels, fitted.tolist(), strict=True))
    return np.array([by_label.get(label, 0.0) for label in examples.labels])


def _counts(rows: int, truth: Truth) -> Floats:
    return resampled(rows, math.ceil(truth.independent * rows / truth.block), truth.block)


def _evenly(order: Ints) -> Ints:
    if len(order) <= _MOST:
        return order
    return order[np.linspace(0, len(order) - 1, _MOST).round().astype(np.int64)]


def _ends(found: tuple[float, float]) -> dict[str, float]:
    return {"low": found[0], "high": found[1]}


def _untold(name: str, chance: float, reason: str) -> Score:
    return Score(name, _NOBODY, _NOBODY, _NOBODY, chance, None, (), reason)
