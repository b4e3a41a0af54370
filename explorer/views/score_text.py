"""What a score means, in one sentence, with what chance would give."""

import math
from collections.abc import Sequence

from explorer.scoring.scores import OTHERS, Score

TITLES = {
    "contrastive": "Contrastive",
    "simulation": "Simulation",
    "detection": "Detection",
    "ablation_agreement": "Ablation agreement",
    "readability": "Readability",
}
_NULLS = {
    "another module": "another module's text",
    "random partition": "a random partition, described the same way,",
    "untrained network": "the untrained network, described the same way,",
}


def score_sentence(score: Score) -> str:
    r"""Say in one sentence what a score means and what chance would give.

    Examples
    --------
    >>> from explorer.scoring.scores import Null
    >>> nulls = (Null("another module", -0.02, 9),)
    >>> said = score_sentence(Score("simulation", 0.53, 0.4, 0.6, 0.0, 0.67, nulls))
    >>> print(*said.split(", "), sep="\n")
    Activity on unseen examples
    predicted from the text alone
    correlates with the truth at 0.53 (95 % between 0.40 and 0.60)
    where chance gives 0.00
    another module's text -0.02 and the best possible text 0.67.
    """
    if not math.isfinite(score.value):
        about = {"readability": "Readability is not told"}.get(
            score.name, f"{TITLES.get(score.name, score.name)} cannot be told"
        )
        return f"{about}: {score.reason or 'there is nothing to compare'}."
    if score.name == "readability":
        return (
            f"It has {score.reason}, and Flesch's reading ease is {score.value:.0f}, where 100 is "
            f"very easy, 60 plain English and 0 very hard; chance has no say in it."
        )
    return f"{_meaning(score)}{_interval(score)}{_compared(score)}."


def _meaning(score: Score) -> str:
    value = f"{score.value:.2f}"
    if score.name == "contrastive":
        return (
            f"Given this evidence, the language model finds this text likelier than "
            f"{score.value:.0%} of the other modules' texts"
        )
    if score.name == "simulation":
        return (
            f"Activity on unseen examples, predicted from the text alone, correlates with the "
            f"truth at {value}"
        )
    if score.name == "detection":
        return (
            f"Going by the text alone, an unseen example that activates it is told from one that "
            f"does not in {score.value:.0%} of such pairs"
        )
    return (
        f"What the text says it is needed for correlates, over classes or skills, with what is "
        f"lost on unseen examples without it, at {value}"
    )


def _interval(score: Score) -> str:
    if not (math.isfinite(score.low) and math.isfinite(score.high)):
        return ""
    return f" (95 % between {_number(score, score.low)} and {_number(score, score.high)})"


def _compared(score: Score) -> str:
    parts = []
    if score.chance is not None:
        parts.append(f"chance gives {_number(score, score.chance)}")
    parts += [
        f"{_NULLS.get(null.name, null.name)} {_number(score, null.mean)}"
        for null in score.nulls
        if math.isfinite(null.mean)
    ]
    if score.ceiling is not None and math.isfinite(score.ceiling):
        parts.append(f"the best possible text {_number(score, score.ceiling)}")
    return f", where {_listed(parts)}" if parts else ""


def _number(score: Score, value: float) -> str:
    shares = ("contrastive", "detection")
    text = f"{value:.0%}" if score.name in shares else f"{value:.2f}"
    return text.replace("-0.00", "0.00")


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def floor(score: Score) -> float | None:
    """Return the most that a text with nothing to be right about reaches: chance, or another's.

    The texts of a random partition and of the untrained network are true of *their* parts, as
    arXiv 2501.17727 found: to do no better than they is no reason to doubt a text.

    Returns
    -------
    float or None
        None where neither is known.

    Examples
    --------
    >>> from explorer.scoring.scores import Null
    >>> nulls = (Null("another module", 0.1, 9), Null("random partition", 0.7, 9))
    >>> floor(Score("simulation", 0.5, 0.4, 0.6, 0.0, None, nulls))
    0.1
    """
    known = [null.mean for null in score.nulls if null.name == OTHERS and math.isfinite(null.mean)]
    known += [] if score.chance is None else [score.chance]
    return max(known, default=None)


def above_nulls(score: Score) -> bool | None:
    """Tell whether the whole interval of a score lies above chance and another module's text.

    Returns
    -------
    bool or None
        None where the score or both of these cannot be told.

    Examples
    --------
    >>> from explorer.scoring.scores import Null
    >>> above_nulls(
    ...     Score("simulation", 0.5, 0.4, 0.6, 0.0, None, (Null("another module", 0.1, 9),))
    ... )
    True
    """
    least = floor(score)
    if least is None or not math.isfinite(score.value):
        return None
    low = score.low if math.isfinite(score.low) else score.value
    return low > least
