"""Find the claims in a text about a part of a network, and judge each by the facts.

The words that a text may use are few (see ``words``). What is none of them, no label and no figure
is a claim that nothing bears out; so whatever a text says, what holds of it is what was measured.
Where a text can be read in two ways, it must hold in both.
"""

from collections.abc import Iterator, Sequence

from explorer.description.description import Claim
from explorer.description.names import Names
from explorer.description.quantities import judge_figure, judge_size
from explorer.description.rules import judge
from explorer.description.segments import Segment, segments_of
from explorer.description.sentence import Item, figures_of, items_of, polarity, unclear
from explorer.description.words import (
    ALL,
    AND,
    EXCEPT,
    LONGEST_TEXT,
    MOST,
    NEUTRAL,
    NOTHING,
    ONLY,
    one_line,
)
from explorer.observation.facts import Facts

NO_FIGURE = "no figure bears on this"
TWO_WAYS = "can be read in more than one way"


def check_claims(text: str, facts: Facts) -> tuple[Claim, ...]:
    """Find the claims in any text and judge each by the facts of the part it is about.

    Parameters
    ----------
    text : str
        Of a describer or a person; instructions or HTML in it are text like any other, about
        nothing known.
    facts : Facts

    Returns
    -------
    tuple of Claim
        In the order of the text.

    Examples
    --------
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> facts = EXEMPLARS[0].facts
    >>> for claim in check_claims("Active on 7 but not 2; detects curls.", facts):
    ...     print(claim.kind, claim.text, claim.holds)
    active 7 True
    active not 2 True
    unknown curls False
    """
    names = Names(facts)
    found = [claim for segment in segments_of(text) for claim in _of_segment(segment, facts, names)]
    rest = len(one_line(text)) - LONGEST_TEXT
    if rest > 0:
        found.append(_unknown(f"and {rest:,} more characters", NO_FIGURE))
    return tuple(found)


def _of_segment(segment: Segment, facts: Facts, names: Names) -> Iterator[Claim]:
    items = items_of(segment, names, facts)
    words = {item.word for item in items if item.role == "word"}
    if words & (ALL | NOTHING) and any(item.role == "unknown" for item in items):
        yield _unknown(segment.text, NO_FIGURE)  # "ignore all orders" is not about all labels
        return
    labels = [item for item in items if item.role == "label"]
    if reason := unclear(items, segment):
        yield _unknown(segment.text, reason)
        return
    sizes = [item for item in items if item.role == "size"]
    claimed = [claim for item in sizes for claim in judge_size(item.text, facts)]
    if words & ALL:
        claimed += _all(segment, items, facts, names)
    elif words & NOTHING:
        claimed += [_nothing(segment, kind, facts, names) for kind in segment.kinds]
    else:
        negative = polarity(items)
        for item in labels:
            claimed += _of_label(item, segment.kinds, negative[id(item)], facts)
        positive = [item for item in labels if not negative[id(item)]]
        if words & (ONLY | MOST):
            rivals = words & ONLY
            claimed += [_foremost(positive, k, facts, names, bool(rivals)) for k in segment.kinds]
        for figure, about in figures_of(items):
            claimed += judge_figure(figure.text, about, segment.kinds, facts)
    yield from claimed
    yield from (_unknown(piece, NO_FIGURE) for piece in _strangers(items))
    told = claimed or any(item.role == "unknown" for item in items)
    if not told and (
        segment.own_kinds or not all(item.word in NEUTRAL | AND for item in items) or _heads(items)
    ):
        yield _unknown(segment.text, NO_FIGURE)


def _of_label(item: Item, kinds: Sequence[str], negative: bool, facts: Facts) -> Iterator[Claim]:
    for kind in kinds:
        for head, label in item.named:
            verdict = judge(facts, kind, head, label, negative)
            text = f"not {item.text}" if negative else item.text
            yield Claim(kind, head, label, text, verdict.holds, verdict.figure, negative)


def _all(segment: Segment, items: Sequence[Item], facts: Facts, names: Names) -> list[Claim]:
    """All labels of a head, but for those that are excepted."""
    at = next((n for n, item in enumerate(items) if item.word in EXCEPT), len(items))
    before = [item for item in items[:at] if item.role == "label"]
    excepted = {one for item in items[at:] if item.role == "label" for one in item.named}
    heads = _heads(items) or list(names.heads)
    listed = [one for head in heads for one in names.of_head(head)]
    bad = {"token"} & set(heads) or set(segment.kinds) - {"active", "needed"}
    if before or bad or not listed or not excepted <= set(listed):
        return [_unknown(segment.text, NO_FIGURE if bad else TWO_WAYS)]
    if (at < len(items)) is not bool(excepted) or any(i.role == "figure" for i in items):
        return [_unknown(segment.text, TWO_WAYS)]
    flip = any(item.negates for item in items)
    found = []
    for kind in segment.kinds:
        for head, label in listed:
            negative = flip is not ((head, label) in excepted)
            verdict = judge(facts, kind, head, label, negative)
            text = f"{'not ' if negative else ''}{label}"
            found.append(Claim(kind, head, label, text, verdict.holds, verdict.figure, negative))
    return found


def _nothing(segment: Segment, kind: str, facts: Facts, names: Names) -> Claim:
    """Nothing at all is active, lost, read or promoted."""
    listed = {
        "active": names.labels,
        "needed": names.labels,
        "reads": tuple(("", share.name) for share in facts.reads),
        "promotes": tuple(("", share.name) for share in facts.promotes),
    }[kind]
    holding = [label for head, label in listed if judge(facts, kind, head, label).holds]
    known = facts.needs if kind == "needed" else True
    figure = f"{len(holding)} of {len(listed)} labels" if known else "nothing was measured"
    return Claim(kind, "", "", segment.text, bool(known) and not holding, figure)


def _foremost(items: Sequence[Item], kind: str, facts: Facts, names: Names, alone: bool) -> Claim:
    """Only these: no other holds. Mostly these: no other has a larger figure."""
    word = "only" if alone else "mostly"
    named = {one for item in items for one in item.named}
    size = {
        "active": {(s.head, s.label): s.mean for s in facts.shares},
        "needed": {(n.head, n.label): n.lost for n in facts.needs},
        "reads": {("", s.name): s.share for s in facts.reads},
        "promotes": {("", s.name): s.share for s in facts.promotes},
    }[kind]
    heads = {head for head, _ in named}
    others = [one for one in size if one not in named and one[0] in heads]
    if alone:
        rivals = [label for head, label in others if judge(facts, kind, head, label).holds]
    else:
        least = min((size.get(one, float("-inf")) for one in named), default=float("-inf"))
        rivals = [label for head, label in others if size[head, label] > least]
    figure = f"more so {', '.join(rivals[:3])}" if rivals else "none more so"
    return Claim(kind, "", "", word, bool(named) and not rivals, figure)


def _heads(items: Sequence[Item]) -> list[str]:
    return list(dict.fromkeys(item.head for item in items if item.role == "head"))


def _strangers(items: Sequence[Item]) -> Iterator[str]:
    """Runs of words that are about nothing known."""
    run: list[str] = []
    for item in items:
        if item.role == "unknown":
            run.append(item.text)
        elif run:
            yield " ".join(run)
            run = []
    if run:
        yield " ".join(run)


def _unknown(text: str, reason: str) -> Claim:
    return Claim("unknown", "", "", text, False, reason)
