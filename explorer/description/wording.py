"""Write statements about a part in the words that the check of claims understands."""

from collections.abc import Sequence

from explorer.description.rules import labels_in
from explorer.description.words import LONGEST_TEXT, NOUNS, word_count, written
from explorer.observation.facts import Facts

MOST_WORDS = 20


def named(facts: Facts, head: str, label: str) -> str:
    """Write a label, with its head where the data has several."""
    heads = {one for one, _ in labels_in(facts)} - {"token", "skill"}
    text = written(label, always=head == "token")
    return f"{written(head)} {text}" if len(heads) > 1 and head in heads else text


def source(name: str) -> str:
    """Write the name of what is read."""
    return name if name in NOUNS else written(name)


def listed(facts: Facts, labels: Sequence[tuple[str, str]], last: str = "and") -> str:
    """Write labels as a list: ``left 3 and 8``.

    A head that all of them share is written once.
    """
    items = [named(facts, *label) for label in labels]
    if len({head for head, _ in labels}) == 1:
        items = items[:1] + [written(label, head == "token") for head, label in labels[1:]]
    return joined(items, last)


def joined(items: Sequence[str], last: str = "and") -> str:
    """Join a list by commas and a word.

    >>> joined(["3", "8", "9"]), joined(["3"])
    ('3, 8 and 9', '3')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(statements: Sequence[str]) -> str:
    """Put statements together, as many of the first as 20 words hold.

    >>> sentence(["active on 3", "reads the image"])
    'Active on 3; reads the image.'
    """
    kept: list[str] = []
    for statement in filter(None, statements):
        text = "; ".join([*kept, statement])
        if word_count(text) <= MOST_WORDS and len(text) < LONGEST_TEXT:
            kept.append(statement)
    text = "; ".join(kept)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def is_short(text: str) -> bool:
    """Tell whether a text has at most 20 words."""
    return 0 < word_count(text) <= MOST_WORDS
