"""All texts of a network in one table: what they score, and where to doubt them."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from explorer.scoring.scores import Score, Scores
from explorer.views.score_text import above_nulls, floor

SCORES = {
    "contrastive": "contrastive",
    "simulation": "simulation",
    "detection": "detection",
    "ablation_agreement": "ablation agreement",
}
ABOUT = {
    "contrastive": "Share of the other modules' texts that a language model finds less likely than "
    "this one, given the evidence: 1 at best, chance 0.5. A model has to be asked, on *Modules*.",
    "simulation": "Activity on unseen examples, predicted from the text alone: correlation with "
    "the truth, 1 at best, chance 0.",
    "detection": "How often an unseen example that activates the part is told from one that does "
    "not, by the text alone: 1 at best, chance 0.5.",
    "ablation_agreement": "What the text says the part is needed for, against what is lost without "
    "it: correlation, 1 at best, chance 0.",
}
DOUBTS = {
    "claims": "a claim was struck",
    "null": "no better than another text",
    "low": "far below the best possible",
    "none": "no doubt found",
    "unscored": "not scored yet",
}
_HALF = 0.5  # of the way from chance to the ceiling: less is called low


@dataclass(frozen=True)
class ListedText:
    """One text of a part, with what is known of it.

    Attributes
    ----------
    part, text, source, author, status, name : str
    time : datetime or None
        None for a measured text, which is made anew every time.
    struck, claimed : int
        Claims that do not hold, and all claims, of what was written.
    scores : Scores or None
    """

    part: str
    text: str
    source: str
    author: str
    status: str
    name: str
    time: datetime | None
    struck: int
    claimed: int
    scores: Scores | None


def doubts(listed: ListedText) -> tuple[str, ...]:
    """Find reasons to doubt a text, as keys of ``DOUBTS``.

    A claim was struck; the interval of a score reaches chance or what another module's text comes
    to; or a score lies in the lower half between these and its ceiling.
    """
    found = ["claims"] if listed.struck else []
    if listed.scores is None:
        return (*found, "unscored")
    scores = [score for score in listed.scores.scores if score.name in SCORES]
    if any(above_nulls(score) is False for score in scores):
        found.append("null")
    if any(_is_low(score) for score in scores):
        found.append("low")
    return tuple(found) or ("none",)


def _is_low(score: Score) -> bool:
    if score.ceiling is None or not math.isfinite(score.value):
        return False
    least = floor(score) or 0.0
    return score.value < least + _HALF * (score.ceiling - least)


def text_table(listed: Sequence[ListedText]) -> pd.DataFrame:
    """One row for every text.

    Returns
    -------
    DataFrame
        Scores are numbers, so that a click on a heading sorts by them; NaN where there is none.
    """
    return pd.DataFrame(
        [
            {
                "part": part_title(item.part),
                "text": item.text,
                "source": item.source,
                "doubt": "; ".join(DOUBTS[doubt] for doubt in doubts(item)),
                **{title: _value(item.scores, name) for name, title in SCORES.items()},
                "claims that hold": f"{item.claimed - item.struck} of {item.claimed}",
                "verdict": item.status,
                "name": item.name,
                "author": item.author,
                "written": item.time,
            }
            for item in listed
        ]
    )


def _value(scores: Scores | None, name: str) -> float:
    try:
        return math.nan if scores is None else scores[name].value
    except KeyError:
        return math.nan


def chosen_texts(
    listed: Iterable[ListedText], words: str = "", doubt: str | None = None, source: str = ""
) -> list[ListedText]:
    """Pick the texts with words (or part, name or author) that begin so, and this doubt.

    Examples
    --------
    >>> def on(part, text):
    ...     return ListedText(part, text, "measured", "", "", "", None, 0, 1, None)
    >>> [item.part for item in chosen_texts([on("A", "on ones"), on("B", "on twos")], "TWO on")]
    ['B']
    """
    wanted = words.casefold().split()
    return [
        item
        for item in listed
        if (doubt is None or doubt in doubts(item))
        and (not source or item.source == source)
        and all(any(known.startswith(word) for known in _words(item)) for word in wanted)
    ]


def _words(item: ListedText) -> list[str]:
    said = " ".join((part_title(item.part), item.text, item.name, item.author)).casefold()
    return re.findall(r"\w+", said)


def part_title(part: str) -> str:
    """Name a part in full.

    Examples
    --------
    >>> part_title("A"), part_title("A-B")
    ('Module A', 'Interface A-B')
    """
    return f"{'Interface' if '-' in part else 'Module'} {part}"


def exemplar_table(found: Mapping[str, Sequence[Scores]]) -> pd.DataFrame:
    """One row for every set of exemplars: the mean of each score over parts.

    Parameters
    ----------
    found : mapping of str to sequence of Scores
        By what the exemplars are called.
    """
    rows = []
    for title, scored in found.items():
        row: dict[str, object] = {"exemplars": title}
        for name, heading in SCORES.items():
            values = [_value(scores, name) for scores in scored]
            known = [value for value in values if math.isfinite(value)]
            if known:
                row[heading] = round(sum(known) / len(known), 2)
        rows.append(row)
    return pd.DataFrame(rows)
