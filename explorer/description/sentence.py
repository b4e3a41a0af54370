"""What stands in a segment: labels with their heads, figures, and what turns a claim around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from explorer.description.names import Named, Names
from explorer.description.segments import Segment
from explorer.description.words import (
    ALL,
    AND,
    EXCEPT,
    NEGATORS,
    NEUTRAL,
    NOTHING,
    VOCABULARY,
    WITH_FIGURE,
    Token,
)
from explorer.observation.facts import Facts

TWO_WAYS = "can be read in more than one way"
_KINDS = ("module", "interface", "neuron")
_SIZES = ("neuron", "neurons", "weight", "weights")


@dataclass(frozen=True)
class Item:
    """A piece of a segment.

    Attributes
    ----------
    role : {"label", "head", "figure", "size", "word", "unknown"}
    text : str
    word : str
        In small letters, of a known word.
    head : str
        Of a head; of a label, the one that the text gives it, if any.
    named : tuple of (str, str)
        Of a label: what it can mean.
    negates : bool
    """

    role: str
    text: str
    word: str = ""
    head: str = ""
    named: tuple[Named, ...] = ()
    negates: bool = False


def items_of(segment: Segment, names: Names, facts: Facts) -> list[Item]:
    """Name every piece of a segment; labels get the heads that stand with them."""
    tokens, found, at = segment.tokens, [], 0
    while at < len(tokens):
        token, length = tokens[at], 1
        kinds = [kind for kind in segment.kinds if names.match(tokens, at, kind)]
        match = names.match(tokens, at, kinds[0]) if kinds else None
        if token.kind == "figure":
            is_size = token.lower.endswith(_SIZES)
            found.append(Item("size" if is_size else "figure", token.text))
        elif match is not None:
            length = match.length
            text = " ".join(one.text for one in tokens[at : at + length])
            role = "label" if match.head is None else "head"
            found.append(Item(role, text, head=match.head or "", named=match.named))
        elif token.kind == "comma" or (token.kind != "quoted" and token.lower in VOCABULARY | AND):
            if token.lower in _KINDS and [t.text for t in tokens[at + 1 : at + 2]] == [facts.part]:
                length = 2  # the part's own name
            negates = token.lower in NEGATORS
            found.append(Item("word", token.text, word=token.lower, negates=negates))
        elif not _encloses_figure(tokens, at):
            found.append(Item("unknown", token.text))
        at += length
    return _with_heads(found)


def unclear(items: Sequence[Item], segment: Segment) -> str:
    """Return why a segment cannot be read in one way only; empty if it can."""
    labels = [n for n, item in enumerate(items) if item.role == "label"]
    for first, second in pairwise(labels):
        between = {item.word for item in items[first + 1 : second]}
        if not between & (AND | NEGATORS | EXCEPT):
            return TWO_WAYS
    for before, after in pairwise(items):
        if before.word in WITH_FIGURE and after.role == "label" and after.text[:1].isdigit():
            return TWO_WAYS  # "loses 3": the class, or points?
    negators = [n for n, item in enumerate(items) if item.negates]
    words = {item.word for item in items}
    if len(negators) > 1 and not words & {"neither", "nor"}:
        return TWO_WAYS
    if negators and (words & (ALL | NOTHING) and labels and not words & EXCEPT):
        return TWO_WAYS
    if words & EXCEPT and not words & ALL:
        return TWO_WAYS
    if words & NOTHING and (labels or negators or any(i.role in ("head", "figure") for i in items)):
        return TWO_WAYS
    return _unclear_negation(items, labels, negators)


def _unclear_negation(items: Sequence[Item], labels: list[int], negators: list[int]) -> str:
    if not negators or not labels:
        return ""
    at = negators[0]
    before, after = [n for n in labels if n < at], [n for n in labels if n > at]
    if before and after and items[at - 1].word not in AND:
        return TWO_WAYS
    if any(item.role == "figure" for item in items):
        return TWO_WAYS
    for first, second in pairwise(after):
        joined = {item.word for item in items[first + 1 : second]}
        if not joined & {"or", "nor"}:
            return TWO_WAYS
    return ""


def polarity(items: Sequence[Item]) -> dict[int, bool]:
    """Tell of every label whether the text says that it is not so."""
    labels = [n for n, item in enumerate(items) if item.role == "label"]
    negators = [n for n, item in enumerate(items) if item.negates]
    first = negators[0] if negators else len(items)
    reaches_back = bool(negators) and not any(n > first for n in labels)
    return {id(items[n]): n > first or reaches_back for n in labels}


def figures_of(items: Sequence[Item]) -> Iterator[tuple[Item, list[Item]]]:
    """Return every figure with the labels that it is about: all since the figure before it.

    Where the first figure stands before all labels, each is about those that follow it.
    """
    at = [n for n, item in enumerate(items) if item.role in ("label", "figure")]
    leads = bool(at) and items[at[0]].role == "figure"
    about: list[Item] = []
    ordered = [items[n] for n in (reversed(at) if leads else at)]
    for item in ordered:
        if item.role == "label":
            about.append(item)
        else:
            yield item, about
            about = []


def _with_heads(items: list[Item]) -> list[Item]:
    heads = [n for n, item in enumerate(items) if item.role == "head"]
    labels = [n for n, item in enumerate(items) if item.role == "label"]
    if not heads or not labels:
        return items
    all_heads = {items[n].head for n in heads}
    prefix = [n for n in heads if _leads_label(items, n)]
    of: dict[int, set[str]] = {}  # empty: whichever has the label
    for n in labels:
        before = [items[h].head for h in heads if h < n]
        after = [items[h].head for h in heads if h > n]
        if len(heads) == 1:
            of[n] = all_heads if before or not prefix else set()
        elif len(prefix) == len(heads):
            of[n] = {before[-1]} if before else set()
        else:
            of[n] = {after[0]} if after and not prefix else all_heads
    return [_narrowed(item, of[n]) if of.get(n) else item for n, item in enumerate(items)]


def _leads_label(items: list[Item], at: int) -> bool:
    following = (item for item in items[at + 1 :] if item.word not in NEUTRAL - AND)
    nearest = next(following, None)
    return nearest is not None and nearest.role == "label"


def _narrowed(item: Item, heads: set[str]) -> Item:
    """Keep of what a label can mean that of the heads; a head without it makes the claim fail."""
    label = item.named[0][1]
    labels = {(head, name) for head, name in item.named if head in heads}
    missing = {(head, label) for head in heads if head not in {one[0] for one in labels}}
    return replace(item, named=tuple(sorted(labels | missing)))


def _encloses_figure(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a token is a bracket about one figure, as in ``3 is lost (-62 points)``."""
    if tokens[at].text == "(":
        return [token.kind for token in tokens[at + 1 : at + 2]] == ["figure"]
    return tokens[at].text == ")" and at > 0 and tokens[at - 1].kind == "figure"
