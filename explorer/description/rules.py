"""What it takes for a claim to hold: one rule a kind, each with the figure that decides."""

import math
from dataclasses import dataclass

from explorer.observation.facts import Facts, LabelShare, Need, Share

ACTIVE = 1.1  # mean activity where the label holds, of an average of 1
QUIET = 0.9
ABOVE, COMMON = 1.02, 1.5  # or a mean and a lift: where activity hardly varies
BELOW, RARE = 0.98, 0.5
NEEDED = 0.05  # accuracy lost
MAIN = 0.1  # share of the weight read, or of what is promoted
NEARLY_ALL = 0.9  # of the weight read
_FEW = 2
_NO_INPUTS = ("module ", "embedding", "channels ")


@dataclass(frozen=True)
class Verdict:
    """Whether the facts bear a claim out, and the figure that decides."""

    holds: bool
    figure: str


def judge(facts: Facts, kind: str, head: str, label: str, negative: bool = False) -> Verdict:
    """Judge one claim about one label or name.

    A part is *active* on a label if it is at least 1.1 times as active there as on average; or 1.02
    times, where the label is also 1.5 times as common among the examples on which the part is most
    active. It is *not* active if it is at most 0.9 times as active; or 0.98 times, and the label is
    at most half as common. What lies between holds neither way. It is *needed* for a label if at
    least 5 points of accuracy are lost without it, and else is not. It *reads* or *promotes* what
    takes at least a tenth, and else does not.

    Parameters
    ----------
    facts : Facts
    kind : {"active", "needed", "reads", "promotes"}
    head, label : str
        As in the facts; of what is read or promoted, the head is empty.
    negative : bool
        Whether the claim is that it is not so.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from explorer.description.exemplars import EXEMPLARS
    >>> judge(EXEMPLARS[0].facts, "needed", "digit", "7")
    Verdict(holds=True, figure='7 loses 41 points without it')
    """
    named = f"{head} {label}".strip() if _many_heads(facts) else label
    if kind == "active":
        found = find_share(facts, head, label)
        if found is None or math.isnan(found.mean + found.active + found.base):
            return _unmeasured(named)
        return _active(found, named, negative)
    if kind == "needed":
        need = find_need(facts, head, label)
        if need is None or math.isnan(need.lost):
            return _unmeasured(named)
        figure = f"{named} loses {100 * need.lost:.3g} points without it"
        return Verdict((need.lost >= NEEDED) is not negative, figure)
    shares = facts.reads if kind == "reads" else facts.promotes
    share = next((one for one in shares if one.name == label), None)
    if share is None or math.isnan(share.share):
        return _unmeasured(named)
    return Verdict((share.share >= MAIN) is not negative, f"{named} takes {share.share:.0%}")


def find_share(facts: Facts, head: str, label: str) -> LabelShare | None:
    """Return how activity goes with a label, if that was measured."""
    return next((one for one in facts.shares if (one.head, one.label) == (head, label)), None)


def find_need(facts: Facts, head: str, label: str) -> Need | None:
    """Return what is lost on a label, if that was measured."""
    return next((one for one in facts.needs if (one.head, one.label) == (head, label)), None)


def active_labels(facts: Facts) -> tuple[LabelShare, ...]:
    """Labels on which the part is active: skills first, then the most active first."""
    found = [one for one in facts.shares if is_active(one)]
    return tuple(sorted(found, key=lambda one: (one.head != "skill", -one.mean)))


def quiet_labels(facts: Facts) -> tuple[LabelShare, ...]:
    """Classes on which the part is hardly active, the least active first.

    Only of the heads of which there is a class that it is active on; never tokens or skills, of
    which there are too many that a part has nothing to do with.
    """
    heads = {one.head for one in active_labels(facts)} - {"token", "skill"}
    found = [one for one in facts.shares if one.head in heads and is_quiet(one)]
    return tuple(sorted(found, key=lambda one: one.mean))


def needed_labels(facts: Facts) -> tuple[Need, ...]:
    """Labels for which the part is needed, the largest loss first."""
    found = [one for one in facts.needs if one.lost >= NEEDED]
    return tuple(sorted(found, key=lambda one: -one.lost))


def needed_head(facts: Facts) -> tuple[str, tuple[str, ...]] | None:
    """Return the head for which the part is needed as a whole, and the classes that it is not.

    Where the data has several heads, the part is needed for all but two classes of one of them, at
    most, and for none of the others; None otherwise.
    """
    needed = {(one.head, one.label) for one in facts.needs if one.lost >= NEEDED}
    heads = {one.head for one in facts.needs}
    if len(heads) < _FEW or len({head for head, _ in needed}) != 1:
        return None
    (head,) = {head for head, _ in needed}
    spared = [one.label for one in facts.needs if one.head == head and one.lost < NEEDED]
    if len(spared) > _FEW or len(needed) <= _FEW + len(spared):
        return None
    return head, tuple(sorted(spared))


def main_shares(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """Return what takes at least a tenth, the largest first."""
    found = [one for one in shares if one.share >= MAIN]
    return tuple(sorted(found, key=lambda one: -one.share))


def told_by_reading(shares: tuple[Share, ...]) -> tuple[Share, ...]:
    """Return the one or two inputs that nearly all is read from, where there are others.

    That a part reads the only picture there is says nothing; that it reads one of two says most.

    Examples
    --------
    >>> told_by_reading((Share("right", 0.97), Share("left", 0.02), Share("module B", 0.01)))
    (Share(name='right', share=0.97),)
    >>> told_by_reading((Share("right", 0.6), Share("module B", 0.4), Share("left", 0.0)))
    ()
    """
    inputs = [one for one in shares if not one.name.startswith(_NO_INPUTS)]
    main = main_shares(shares)
    telling = (
        0 < len(main) <= _FEW
        and all(one in inputs for one in main)
        and len(inputs) > len(main)
        and sum(one.share for one in main) >= NEARLY_ALL
    )
    return main if telling else ()


def is_active(share: LabelShare) -> bool:
    """Tell whether a part is active on a label."""
    return share.mean >= ACTIVE or (share.mean >= ABOVE and share.lift >= COMMON)


def is_quiet(share: LabelShare) -> bool:
    """Tell whether a part is hardly active on a label."""
    return share.mean <= QUIET or (share.mean <= BELOW and share.lift <= RARE)


def points(lost: float) -> int:
    """Return a loss of accuracy in whole points, a half rounded up.

    >>> points(0.625), points(0.05)
    (63, 5)
    """
    return math.floor(100 * lost + 0.5)


def labels_in(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Head and label of everything that was measured, each once."""
    shares = [(one.head, one.label) for one in facts.shares]
    return tuple(dict.fromkeys([*shares, *((one.head, one.label) for one in facts.needs)]))


def _many_heads(facts: Facts) -> bool:
    return len({head for head, _ in labels_in(facts)}) > 1


def _active(found: LabelShare, named: str, negative: bool) -> Verdict:
    figure = f"{found.mean:.2g} times the average on {named}, {found.lift:.2g} times as common"
    return Verdict(is_quiet(found) if negative else is_active(found), figure)


def _unmeasured(named: str) -> Verdict:
    return Verdict(False, f"nothing was measured for {named}")
