"""What a language model is asked: exemplars, then the facts of one part, on single lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.description.rules import active_labels, needed_labels, points
from explorer.description.wording import named
from explorer.description.words import one_line
from explorer.observation.facts import Facts

if TYPE_CHECKING:
    from explorer.description.exemplars import Exemplar

VERSION = 1
LIMIT = 28  # tokens of a text
_MOST = 4


def facts_text(facts: Facts) -> str:
    """Write the facts of a part on one line, as a prompt gives them."""
    return "; ".join(
        (
            f"active: {_listed([named(facts, s.head, s.label) for s in active_labels(facts)])}",
            "lost without it: "
            + _listed(
                [
                    f"{named(facts, n.head, n.label)} {points(n.lost)} points"
                    for n in needed_labels(facts)
                ]
            ),
        )
    )


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items[:_MOST]) or "nothing"


def exemplars_for(facts: Facts) -> "tuple[Exemplar, ...]":
    """Return the exemplars that are built in for this kind of data."""
    from explorer.description.exemplars import EXEMPLARS

    return EXEMPLARS


def prompt(facts: Facts, exemplars: "Sequence[Exemplar]") -> str:
    """Write the prompt: exemplars, then the facts, each on one line, and the line to go on with."""
    shown = [(one.facts_text, one.text) for one in exemplars]
    lines = [f"Figures: {one_line(given)}\nDescription: {one_line(text)}" for given, text in shown]
    return "\n\n".join([*lines, f"Figures: {facts_text(facts)}\nDescription:"])
