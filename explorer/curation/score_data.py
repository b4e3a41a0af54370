"""Scores as plain data, to be kept, and back."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.curation.values import finite
from explorer.errors import CurationError

if TYPE_CHECKING:
    from explorer.scoring.scores import Scores

_ORDER = ("contrastive", "simulation", "detection", "ablation_agreement", "readability")


def scores_as_data(scores: "Scores | Mapping[str, Any]") -> dict[str, Any]:
    """Return scores by name as plain data; what cannot be told becomes None.

    Examples
    --------
    >>> from explorer.scoring.scores import Null, Score, Scores
    >>> null = Null("another module", 0.1, 9)
    >>> score = Score("detection", 0.8, 0.7, float("nan"), 0.5, None, (null,))
    >>> data = scores_as_data(Scores((score,), "", "", "score"))
    >>> data["scores"]["detection"]["value"], data["scores"]["detection"]["high"], data["split"]
    (0.8, None, 'score')
    >>> scores_from_data(data)["detection"].nulls == (null,)
    True
    """
    if isinstance(scores, Mapping):
        return dict(finite(scores))
    return {
        "description_id": scores.description_id,
        "facts_id": scores.facts_id,
        "split": scores.split,
        "scores": {
            score.name: finite(
                {
                    "value": score.value,
                    "low": score.low,
                    "high": score.high,
                    "chance": score.chance,
                    "ceiling": score.ceiling,
                    "reason": score.reason,
                    "nulls": [
                        {"name": null.name, "mean": null.mean, "count": null.count}
                        for null in score.nulls
                    ],
                }
            )
            for score in scores.scores
        },
    }


def scores_from_data(data: Mapping[str, Any]) -> "Scores":
    """Return scores that ``scores_as_data`` made into plain data.

    Raises
    ------
    CurationError
        If the data is something else, as it may be in a file that was imported.
    """
    from explorer.scoring.scores import Null, Score, Scores

    try:
        return Scores(
            scores=tuple(
                Score(
                    name=str(name),
                    value=_number(score["value"]),
                    low=_number(score["low"]),
                    high=_number(score["high"]),
                    chance=_maybe(score["chance"]),
                    ceiling=_maybe(score["ceiling"]),
                    nulls=tuple(
                        Null(str(null["name"]), _number(null["mean"]), int(null["count"]))
                        for null in score["nulls"]
                    ),
                    reason=str(score["reason"]),
                )
                for name, score in sorted(data["scores"].items(), key=_order)
            ),
            description_id=str(data["description_id"]),
            facts_id=str(data["facts_id"]),
            split=str(data["split"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise CurationError(
            "found scores that this program did not write; expected a value, interval, chance, "
            "ceiling and nulls for every score"
        ) from None


def _order(entry: tuple[str, Any]) -> int:
    return _ORDER.index(entry[0]) if entry[0] in _ORDER else len(_ORDER)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _maybe(value: Any) -> float | None:
    return None if value is None else float(value)
