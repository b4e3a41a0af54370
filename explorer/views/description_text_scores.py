"""Scores of the texts about one part, side by side, each with its null and its ceiling."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from explorer.scoring.scores import OTHERS, Score, Scores
from explorer.views.palette import NULL, module_color
from explorer.views.score_text import TITLES, above_nulls, floor, score_sentence

_LINES = ("contrastive", "simulation", "detection", "ablation_agreement")
_COLOR = module_color(0)


def score_rows(texts: Mapping[str, Scores]) -> str:
    """Draw every score of every text: a mark on a line, and one sentence that says what it means.

    Parameters
    ----------
    texts : mapping of str to Scores
        By what to call the text, such as ``Measured``.

    Returns
    -------
    str
        HTML. In grey: what chance and another module's text give; dotted lines: the other nulls;
        a small upright line: the best possible.
    """
    names = [name for name in TITLES if any(_has(scores, name) for scores in texts.values())]
    blocks = []
    for name in names:
        rows = "".join(_row(title, scores[name]) for title, scores in texts.items())
        blocks.append(
            f'<div style="margin-bottom:.8rem"><div style="font-weight:600">{TITLES[name]}</div>'
            f"{rows}</div>"
        )
    return f"<div>{''.join(blocks)}</div>"


def score_summary(texts: Mapping[str, Scores]) -> str:
    """Say for each text which of its scores lie above chance and another's text, in one sentence.

    Examples
    --------
    >>> above = Score("detection", 0.8, 0.7, 0.9, 0.5, None, ())
    >>> not_above = Score("simulation", 0.1, -0.1, 0.2, 0.0, None, ())
    >>> score_summary({"Measured": Scores((above, not_above), "", "", "score")})
    "Measured: better than chance and another module's text by detection, but not by simulation."
    """
    return " ".join(_summary(title, scores) for title, scores in texts.items())


def _summary(title: str, scores: Scores) -> str:
    judged = [(TITLES[s.name].lower(), above_nulls(s)) for s in scores.scores if s.name in _LINES]
    good = _joined([name for name, above in judged if above], "and")
    bad = _joined([name for name, above in judged if above is False], "or")
    if not good and not bad:
        return f"{title}: no score can be told."
    if not bad:
        return f"{title}: better than chance and another module's text by {good}."
    if not good:
        return f"{title}: no better than chance or another module's text by {bad}."
    return f"{title}: better than chance and another module's text by {good}, but not by {bad}."


def _joined(names: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _has(scores: Scores, name: str) -> bool:
    return any(score.name == name for score in scores.scores)


def _row(title: str, score: Score) -> str:
    strip = score_strip(score) if score.name in _LINES and math.isfinite(score.value) else ""
    return (
        f'<div style="margin:.15rem 0 .4rem"><span style="font-size:.85rem;font-weight:600">'
        f"{escape(title)}</span>{strip}"
        f'<div style="font-size:.85rem;opacity:.85">{escape(score_sentence(score))}</div></div>'
    )


def score_strip(score: Score) -> str:
    """Draw a score on a line from its lowest possible or null value to 1.

    Examples
    --------
    >>> "best possible: 0.83" in score_strip(Score("simulation", 0.6, 0.5, 0.7, 0.0, 0.83, ()))
    True
    """
    nulls = {null.name: null.mean for null in score.nulls if math.isfinite(null.mean)}
    if score.chance is not None:
        nulls["chance"] = score.chance
    known = [score.value, score.low, *nulls.values()]
    least = min([0.0, *(value for value in known if math.isfinite(value))])

    def at(value: float) -> str:
        return f"{100 * (min(1.0, value) - least) / (1 - least):.1f}%"

    parts = []
    most = floor(score)
    if most is not None:
        told = "; ".join(f"{n}: {nulls[n]:.2f}" for n in (OTHERS, "chance") if n in nulls)
        parts.append(
            f'<div title="{escape(told)}" style="position:absolute;left:0;width:{at(most)};top:3px;'
            f'height:12px;background:{NULL};opacity:.45"></div>'
        )
    for name in nulls.keys() - {OTHERS, "chance"}:
        parts.append(
            f'<div title="{escape(name)}: {nulls[name]:.2f}" style="position:absolute;'
            f'left:{at(nulls[name])};top:3px;height:12px;border-left:2px dotted {NULL}"></div>'
        )
    if score.ceiling is not None and math.isfinite(score.ceiling):
        parts.append(
            f'<div title="best possible: {score.ceiling:.2f}" style="position:absolute;'
            f'left:{at(score.ceiling)};top:0;height:18px;border-left:2px solid {NULL}"></div>'
        )
    if math.isfinite(score.low) and math.isfinite(score.high):
        width = 100 * (min(1.0, score.high) - score.low) / (1 - least)
        parts.append(
            f'<div title="95 % between {score.low:.2f} and {score.high:.2f}" style="'
            f"position:absolute;left:{at(score.low)};width:{width:.1f}%;top:7px;height:4px;"
            f'background:{_COLOR};opacity:.55"></div>'
        )
    parts.append(
        f'<div title="{score.value:.2f}" style="position:absolute;left:calc({at(score.value)} - '
        f'4px);top:4px;width:9px;height:9px;border-radius:50%;background:{_COLOR}"></div>'
    )
    return (
        f'<div aria-hidden="true" style="position:relative;height:18px;margin:.1rem 4px;'
        f'border-bottom:1px solid {NULL}">{"".join(parts)}</div>'
    )
