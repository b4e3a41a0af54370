"""Rows of the audit's table: a figure with its interval, and the mark that it is held to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from explorer.auditing.rates import Rate
from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo.members import took
from explorer.benchmarks.audit_scores import Value, Zoo, table_of
from explorer.benchmarks.audit_statistics import Estimate, Scores, area, mean
from explorer.errors import AuditError

Figure = Callable[[Scores], Estimate]


@dataclass(frozen=True)
class Mark:
    """What a figure is held to.

    Attributes
    ----------
    required, stretch : float or None
        None where there is none.
    most : bool
        Whether the figure is to be at most that, and not at least.
    above_zero : bool
        Whether the stretch is an interval above 0. Without a required figure it is to be reported.
    """

    required: float | None = None
    stretch: float | None = None
    most: bool = False
    above_zero: bool = False

    @property
    def is_set(self) -> bool:
        """Whether there is anything that the figure is held to."""
        return self.required is not None or self.above_zero


@dataclass(frozen=True)
class AuditRow:
    """One line of the table.

    Attributes
    ----------
    group, figure : str
    rate : Rate or None
        The figure with its interval; None where it could not be measured.
    mark : Mark
    note : str
    """

    group: str
    figure: str
    rate: Rate | None
    mark: Mark = Mark()
    note: str = ""

    @property
    def met(self) -> str:
        """``stretch``, ``yes`` or ``no``, or ``reported``; empty without a mark or a figure.

        Examples
        --------
        >>> rate = Rate(0.95, 0.9, 0.98, 60, 60)
        >>> AuditRow("a", "area", rate, Mark(0.93, 0.97)).met
        'yes'
        """
        if not self.mark.is_set or self.rate is None:
            return ""
        if self.mark.above_zero and self.rate.low > 0:
            return "stretch"
        if self.mark.required is None:
            return "reported"
        value, sign = self.rate.value, -1 if self.mark.most else 1
        for limit, word in ((self.mark.stretch, "stretch"), (self.mark.required, "yes")):
            if limit is not None and sign * value >= sign * limit:
                return word
        return "no"


def row(
    group: str,
    figure: str,
    make: Callable[[], Estimate],
    mark: Mark | None = None,
    note: str = "",
) -> AuditRow:
    """Make a row; where there are no networks for it, it says so."""
    try:
        rate: Rate | None = make().rate
    except AuditError as problem:
        rate, note = None, str(problem)
    return AuditRow(group, figure, rate, mark or Mark(), note)


def figure_row(
    group: str,
    title: str,
    figure: Figure,
    scores: Scores,
    mark: Mark | None = None,
) -> AuditRow:
    """Make a row of a figure of scores."""
    return row(group, title, lambda: figure(scores), mark)


def gap_row(
    group: str,
    title: str,
    figure: Figure,
    first: Scores,
    second: Scores,
    mark: Mark | None = None,
    note: str = "",
) -> AuditRow:
    """Make a row of by how much a figure is larger for the first scores, case by case."""
    return row(group, title, lambda: figure(first).minus(figure(second)), mark, note)


def mean_row(
    group: str,
    title: str,
    results: Sequence[NetworkResult],
    regimes: Sequence[str],
    value: Value,
    mark: Mark | None = None,
) -> AuditRow:
    """Make a row of a mean over networks."""
    return row(group, title, lambda: mean(table_of(results, regimes, value)), mark)


def best_auditor(zoo: Zoo, names: Iterable[str], kinds: Iterable[str]) -> str:
    """Auditor with the largest area; empty where there is none."""
    areas = {}
    for name in names:
        try:
            areas[name] = area(zoo.scores(name, kinds)).value
        except AuditError:  # it was not measured on these
            continue
    return max(areas, key=areas.__getitem__) if areas else ""


def planted_in(zoo: Zoo, kinds: Iterable[str]) -> list[NetworkResult]:
    """Networks in which something of these kinds was planted and took."""
    wanted = set(kinds)
    return [
        result
        for result in zoo.results
        if took(result.member, result.success) and result.member.case.kind in wanted
    ]
