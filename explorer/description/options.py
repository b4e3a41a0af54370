"""The texts that a small language model may choose from: all that the facts support, in its words.

One of 270 million parameters that writes freely claims much that no figure bears out: it chooses
word by word among texts whose claims all hold: which verb, how many labels, which of the figures.
"""

from collections.abc import Sequence
from itertools import product

from explorer.description.claims import check_claims
from explorer.description.measured import measured_texts, told_source, whole_head, with_quiet
from explorer.description.rules import active_labels, needed_labels, points
from explorer.description.wording import is_short, joined, listed, sentence
from explorer.observation.facts import Facts

_VERBS = ("responds to", "detects", "fires on", "active on")
_MOST = 4  # labels
_FEWEST = 3  # where there are as many: fewer would say less than the measured text


def options(facts: Facts) -> tuple[str, ...]:
    """Return the texts that a model may choose from, all at most 20 words and all true.

    Examples
    --------
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> found = options(EXEMPLARS[0].facts)
    >>> len(found), found[0]
    (8, 'Responds to 7 and 9, not 2; needed for 7.')
    """
    pairs = [[one for one in pair if one] for pair in product(_active(facts), _needed(facts))]
    lead = told_source(facts)
    led = [[*lead, *pair] for pair in pairs if is_short("; ".join([*lead, *pair]))]
    texts = [sentence(pair) for pair in led or pairs if is_short("; ".join(pair))]
    true = [
        text
        for text in dict.fromkeys(texts)
        if is_short(text) and all(claim.holds for claim in check_claims(text, facts))
    ]
    return tuple(true) or (next(measured_texts(facts)),)


def _active(facts: Facts) -> list[str]:
    labels = [(one.head, one.label) for one in active_labels(facts)][:_MOST]
    if not labels:
        return [""]
    verbs = ("carries",) if facts.kind == "interface" else _VERBS
    counts = range(min(_FEWEST, len(labels)), len(labels) + 1)
    return [
        with_quiet(facts, f"{verb} {listed(facts, labels[:n])}")[0]
        for n, verb in product(counts, verbs)
    ]


def _needed(facts: Facts) -> list[str]:
    needs = needed_labels(facts)[:_MOST]
    if not needs:
        return ["nothing is lost without it"] if facts.needs else [""]
    whole = whole_head(facts)
    if whole:
        return [whole]
    labels = [(one.head, one.label) for one in needs]
    sizes = [str(points(one.lost)) for one in needs]
    counts = range(min(_FEWEST, len(labels)), len(labels) + 1)
    return [
        *(f"needed for {listed(facts, labels[:n])}" for n in counts),
        *(_losing(listed(facts, labels[:n]), sizes[:n]) for n in counts),
    ]


def _losing(labels: str, sizes: Sequence[str]) -> str:
    size = sizes[0] if len(set(sizes)) == 1 else joined(sizes)
    return f"without it {labels} lose{'s' * (len(sizes) == 1)} {size} points"
