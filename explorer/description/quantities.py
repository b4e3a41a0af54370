"""Judge the figures in a text: points, shares, times, nats, and counts of neurons or weights."""

import re
from collections.abc import Sequence

from explorer.description.description import Claim
from explorer.description.rules import find_need, find_share
from explorer.description.sentence import Item
from explorer.observation.facts import Facts, Share

_FIGURE = re.compile(r"([x×]?)([-+−]?)([0-9]+(?:\.[0-9]+)?)\s?(\D*)")


def judge_figure(
    text: str, about: Sequence[Item], kinds: Sequence[str], facts: Facts
) -> list[Claim]:
    """Judge a figure by what was measured for the labels that it is about, as far as it is given.

    Points and nats are of what is needed; a percentage of what is needed, active (the label's share
    where the part is most active), read or promoted; times (``x2.1``) of the mean activity.
    """
    if not about:
        return [Claim("unknown", "", "", text, False, "a figure about nothing named")]
    figures = _listed(text, len(about))
    if len(figures) != len(about):
        return [Claim("unknown", "", "", text, False, f"{len(about)} labels")]
    found = []
    for text, item in zip(figures, about, strict=True):
        for kind in kinds:
            for head, label in item.named:
                value = _measured(_unit(text), kind, head, label, facts)
                holds = value is not None and _agrees(text, value)
                figure = "nothing was measured" if value is None else f"{value:.3g}"
                found.append(Claim(kind, head, label, text, holds, figure))
    return found


def judge_size(text: str, facts: Facts) -> list[Claim]:
    """Judge a count of neurons or weights."""
    if " and " in text:
        return [Claim("unknown", "", "", text, False, "more than one figure")]
    unit = "weight" if facts.kind == "interface" else "neuron"
    holds = _unit(text).rstrip("s") == unit and _agrees(text, facts.neurons)
    return [
        Claim("size", "", "", text, holds, f"{facts.neurons} {unit}{'s' * (facts.neurons != 1)}")
    ]


def _listed(text: str, count: int) -> list[str]:
    """Figures of a list such as ``40, 20 and 5 points``, each with the unit; one is for all."""
    if " and " not in text:
        return [text] * count
    *numbers, last = re.split(r",\s|\sand\s", text)
    unit = last.lstrip("0123456789.")
    return [*(f"{number}{unit}" for number in numbers), last]


def _unit(text: str) -> str:
    match = _FIGURE.fullmatch(text)
    assert match is not None
    times, _, _, unit = match.groups()
    return "times" if times else unit.strip().lower()


def _measured(unit: str, kind: str, head: str, label: str, facts: Facts) -> float | None:
    share, need = find_share(facts, head, label), find_need(facts, head, label)
    if kind == "needed" and unit in ("point", "points", "%", "percent"):
        return None if need is None else 100 * need.lost
    if kind == "needed" and unit in ("nat", "nats"):
        return None if need is None else need.nats
    if kind == "active" and unit == "times":
        return None if share is None else share.mean
    if kind == "active" and unit in ("%", "percent"):
        return None if share is None else 100 * share.active
    if kind in ("reads", "promotes") and unit in ("%", "percent"):
        return _percent(facts.reads if kind == "reads" else facts.promotes, label)
    return None


def _percent(shares: tuple[Share, ...], name: str) -> float | None:
    return next((100 * share.share for share in shares if share.name == name), None)


def _agrees(text: str, value: float) -> bool:
    """Whether a figure as written is the measured one, rounded as it is written."""
    match = _FIGURE.fullmatch(text)
    assert match is not None
    _, sign, digits, unit = match.groups()
    decimals = len(digits.partition(".")[2])
    given = float(digits)
    if sign in ("-", "−") and unit.strip().lower() not in ("point", "points", "%", "percent"):
        given = -given  # "-62 points" is a loss, and losses are measured as positive
    return abs(given - value) <= 0.5 * 10.0**-decimals + 1e-9
