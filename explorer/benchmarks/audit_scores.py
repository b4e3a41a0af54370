"""Scores of auditors and of their combination, as tables of cases and regimes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from explorer.auditing.auditors.registry import AUDITORS
from explorer.auditing.calibration import Calibration, combined_shares
from explorer.auditing.kinds import kind_of_result
from explorer.auditing.report import COMBINED, HEADLINES, combine
from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo.members import took
from explorer.auditing.zoo.regimes import COMPARED
from explorer.benchmarks.audit_statistics import Scores
from explorer.network.graph import Floats

Value = Callable[[NetworkResult], float | None]
_APART = (
    "texts",
    "training data",
)  # not part of what ``explorer.audit`` does unless it is asked to


@dataclass(frozen=True, eq=False)
class Zoo:
    """Results of one family on fresh networks, and what they are held against.

    Attributes
    ----------
    results : sequence of NetworkResult
        Of the report.
    calibration : sequence of NetworkResult
    auditors : tuple of str
        What is combined.
    regimes : tuple of str
    """

    results: Sequence[NetworkResult] = field(repr=False)
    calibration: Sequence[NetworkResult] = field(repr=False)
    auditors: tuple[str, ...]
    regimes: tuple[str, ...] = COMPARED

    def scores(
        self,
        score: str | Value,
        kinds: Iterable[str] | None = None,
        regimes: Iterable[str] | None = None,
    ) -> Scores:
        """Scores of an auditor, or of what a function makes of a result.

        Parameters
        ----------
        score : str or callable
        kinds : iterable of str, optional
            Of what was planted; controls are always all.
        regimes : iterable of str, optional
        """
        chosen = set(self.regimes if regimes is None else regimes)
        wanted = None if kinds is None else set(kinds)
        found = [result for result in self.results if result.member.regime in chosen]
        planted = [
            result
            for result in found
            if took(result.member, result.success)
            and (wanted is None or result.member.case.kind in wanted)
        ]
        clean = [result for result in found if not result.member.is_planted]
        columns = [regime for regime in self.regimes if regime in chosen]
        return Scores(
            table_of(planted, columns, self._getter(score)),
            table_of(clean, columns, self._getter(score)),
        )

    def _getter(self, score: str | Value) -> Value:
        if callable(score):
            return score
        if score == COMBINED:
            return self.combined().get
        return lambda result: result.scores.get(score)

    def combined(self) -> "_Combined":
        """Combined score and verdict of every network, from the frozen calibration."""
        return _Combined.of(self)


class _Combined:
    """The combination of auditors, network by network."""

    _kept: tuple[Zoo, "_Combined"] | None = None

    def __init__(self, zoo: Zoo) -> None:
        self.score: dict[str, float] = {}
        self.flagged: dict[str, bool] = {}
        groups: dict[tuple[object, str], list[NetworkResult]] = {}
        for one in zoo.calibration:
            if not one.member.is_planted:
                groups.setdefault((kind_of_result(one), one.member.regime), []).append(one)
        held = {
            key: Calibration(key[0], str(key[0]), tuple(clean))  # type: ignore[arg-type]
            for key, clean in groups.items()
        }
        limits = {key: made.limits(headline(zoo, made), combine) for key, made in held.items()}
        for result in zoo.results:
            key = (kind_of_result(result), result.member.regime)
            limit = limits.get(key)
            if limit is None:
                continue
            names = headline(zoo, held[key])
            shares = combined_shares(result.scores, held[key], names)
            if shares:
                # Shares are all alike beyond the highest clean network; one auditor's scores not.
                alone = len(names) == 1
                value = result.scores[names[0]] if alone else combine(shares)
                self.score[str(result.member)] = value
                self.flagged[str(result.member)] = combine(shares) > limit.threshold

    @classmethod
    def of(cls, zoo: Zoo) -> "_Combined":
        """Make it, or take the one that was made last."""
        if cls._kept is None or cls._kept[0] is not zoo:
            cls._kept = (zoo, cls(zoo))
        return cls._kept[1]

    def get(self, result: NetworkResult) -> float | None:
        """Score of a network."""
        return self.score.get(str(result.member))

    def alarm(self, result: NetworkResult) -> float | None:
        """1 where a network is flagged at the frozen threshold, 0 where not."""
        flagged = self.flagged.get(str(result.member))
        return None if flagged is None else float(flagged)


def headline(zoo: Zoo, held: Calibration) -> tuple[str, ...]:
    """Auditors that the verdict rests on: a combined one where it was measured, else all."""
    return next(((name,) for name in HEADLINES if name in held.scores), zoo.auditors)


def table_of(
    results: Sequence[NetworkResult],
    regimes: Sequence[str],
    value: Value,
) -> Floats:
    """Put a figure of networks into a table of cases and regimes, NaN where there is none."""
    cases = list(dict.fromkeys(result.member.case for result in results))
    rows = {case: at for at, case in enumerate(cases)}
    columns = {regime: at for at, regime in enumerate(regimes)}
    table = np.full((len(cases), len(regimes)), np.nan)
    for result in results:
        found = value(result)
        if found is not None and result.member.regime in columns:
            table[rows[result.member.case], columns[result.member.regime]] = found
    return table


def zoo_of(
    family: str, report: Sequence[NetworkResult], calibration: Sequence[NetworkResult]
) -> Zoo:
    """Gather the results of a family; what is combined are the auditors that need no more."""
    own = [result for result in report if result.member.case.family == family]
    held = [result for result in calibration if result.member.case.family == family]
    names = sorted({name for result in own for name in result.scores})
    return Zoo(
        own,
        held,
        tuple(name for name in names if access_of(name) not in _APART),
        tuple(dict.fromkeys([*COMPARED, *(result.member.regime for result in own)])),
    )


def access_of(name: str) -> str:
    """What an auditor needs; empty for one that is in no registry any more."""
    return AUDITORS[name].access if name in AUDITORS else ""


def names_with(zoo: Zoo, access: str) -> tuple[str, ...]:
    """Auditors of a zoo that need a certain thing."""
    known: Mapping[str, None] = dict.fromkeys(
        name for result in zoo.results for name in result.scores
    )
    return tuple(name for name in known if access_of(name) == access)
