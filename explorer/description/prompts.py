"""What a language model is asked: exemplars, then the facts of one part, on single lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.description.rules import active_labels, labels_in, needed_labels, points
from explorer.description.wording import named
from explorer.description.words import one_line
from explorer.observation.facts import Facts

if TYPE_CHECKING:
    from explorer.description.exemplars import Exemplar

VERSION = 2  # of the prompt and of the texts that may be chosen from
LIMIT = 28  # tokens of a text
_MOST = 4


def facts_text(facts: Facts) -> str:
    """Write the facts of a part on one line, as a prompt gives them.

    Examples
    --------
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> facts_text(EXEMPLARS[1].facts)
    'active on: 0; lost without it: 0 62 points, 6 12 points'
    """
    active = [named(facts, one.head, one.label) for one in active_labels(facts)]
    needed = [
        f"{named(facts, one.head, one.label)} {points(one.lost)} points"
        for one in needed_labels(facts)
    ]
    return f"active on: {_listed(active)}; lost without it: {_listed(needed)}"


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items[:_MOST]) or "nothing"


def exemplars_for(facts: Facts) -> "tuple[Exemplar, ...]":
    """Return the three exemplars that are built in for data and facts of this kind."""
    from explorer.description.exemplars import SETS

    heads = {head for head, _ in labels_in(facts)}
    kind = "text" if heads & {"token", "skill"} else "heads" if len(heads) > 1 else "class"
    return SETS[kind, bool(needed_labels(facts))]


def prompt(facts: Facts | None, exemplars: "Sequence[Exemplar]") -> str:
    """Write the prompt: exemplars, then the facts, each on one line, and the line to go on with.

    Without facts it is the prompt that says nothing of the part, for log p(description) alone.
    """
    shown = [(one.facts_text, one.text) for one in exemplars]
    lines = [f"Figures: {one_line(given)}\nDescription: {one_line(text)}" for given, text in shown]
    given = "" if facts is None else f" {facts_text(facts)}"
    return "\n\n".join([*lines, f"Figures:{given}\nDescription:"])


def contrast_prompt(facts: Facts | None) -> str:
    """Write the prompt after which descriptions are compared by their probability."""
    from explorer.description.exemplars import SETS

    return prompt(facts, SETS["class", True])
