"""What the spare gives and costs on fresh networks, beside its rivals, with intervals."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import TypeVar

from explorer.auditing.rates import Rate
from explorer.auditing.removal.methods import TITLES, TRUSTED, Removal, RemovalJob, remove
from explorer.auditing.removal.summary import RemovalRow
from explorer.auditing.zoo.plans import FIRST_REPORTED, planted
from explorer.errors import AuditError
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT
from explorer.network.tasks.planted.triggers import TUNED
from explorer.sweeps.executor import run_all

Item = TypeVar("Item")
Value = TypeVar("Value")
SEEDS = 50
HELD_OUT_SEEDS = 15
_HELD_OUT_FROM = 100  # numbers of the held-out kinds begin so much later
_HELD_OUT_METHODS = ("untreated", "filter", "spare")
_TINY = 1e-9  # what adding numbers up may lose
# Figure, what is required, and the stretch, as the marks of the audit name them.
MARKS = (("success", 0.05, 0.02), ("lost", 0.01, 0.005), ("below", 0.90, 0.97))


def removal_jobs(
    seeds: int = SEEDS,
    trusted: int = TRUSTED,
    first: int = FIRST_REPORTED,
    held_out: int = HELD_OUT_SEEDS,
) -> tuple[RemovalJob, ...]:
    """List the cases of a report: some of every tuned kind, then of every held-out one.

    Before the reported numbers there are none of a held-out kind, which nobody looks at earlier.
    """
    held_out = held_out if first >= FIRST_REPORTED else 0
    methods = ("untreated", *(name for name in TITLES if name != "untreated"))
    return tuple(
        RemovalJob(case, trusted, methods)
        for case in planted(tuple(TUNED), seeds, first, "backdoor")
    ) + tuple(
        RemovalJob(case, trusted, _HELD_OUT_METHODS)
        for case in planted(tuple(HELD_OUT), held_out, first + _HELD_OUT_FROM, "backdoor")
    )


def measure_removals(
    jobs: Sequence[RemovalJob],
    executor: Executor,
    ahead: int | Callable[[], int],
    found: list[Removal],
) -> Iterator[int]:
    """Try every method on every case, and say how many cases are over.

    Parameters
    ----------
    jobs : sequence of RemovalJob
    executor : concurrent.futures.Executor
    ahead : int or callable
        How many cases to have under way at once.
    found : list of Removal
        What is found is added to it.

    Raises
    ------
    AuditError
        If a case failed.
    """
    yield from over_cases(remove, jobs, executor, ahead, found)


def over_cases(
    function: Callable[[Item], tuple[Value, ...]],
    items: Sequence[Item],
    executor: Executor,
    ahead: int | Callable[[], int],
    found: list[Value],
) -> Iterator[int]:
    """Apply a function to every case, add what it gives to ``found``, and count the cases.

    Raises
    ------
    AuditError
        If a case failed.
    """
    for done, outcome in enumerate(run_all(function, items, executor, ahead), start=1):
        if outcome.value is None:
            case = getattr(outcome.item, "case", outcome.item)
            raise AuditError(f"{case} failed: {outcome.failed}")
        found.extend(outcome.value)
        yield done


def table(rows: Sequence[RemovalRow], trusted: int = TRUSTED) -> Iterator[str]:
    """Lay rows out in lines, then the marks."""
    yield f"{trusted} trusted examples for every method; brackets: 95 % over networks"
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            yield ""
            yield (
                f"{f'{row.networks} networks, {group}':38}{'accuracy':>20}{'attack success':>22}"
                f"{'accuracy lost':>24}{'below .05':>20}{'seconds':>9}"
            )
        yield (
            f"{TITLES[row.method]:38}{rate_text(row.accuracy):>20}{rate_text(row.success):>22}"
            f"{rate_text(row.lost):>24}{rate_text(row.below, 2):>20}{row.seconds:>9.1f}"
        )
    ours = next((r for r in rows if r.method == "spare" and r.group == "tuned kinds"), None)
    if ours is not None:
        yield ""
        yield from marks(ours)


def marks(row: RemovalRow) -> Iterator[str]:
    """Hold the ablated spare against the marks: unrounded, so that none is rounded into one."""
    for name, required, stretch in MARKS:
        value = getattr(row, name).value
        more = name == "below"
        gaps = [value - mark if more else mark - value for mark in (required, stretch)]
        met = [gap > -_TINY for gap in gaps]
        words = "stretch" if met[1] else "required" if met[0] else "MISSED"
        sign = ">=" if more else "<="
        yield (
            f"spare ablated, {row.networks} networks, {name:8} "
            f"{rate_text(getattr(row, name)):>20}  required {sign} {required:g}, "
            f"stretch {sign} {stretch:g}: {words}"
        )


def rate_text(rate: Rate, digits: int = 3) -> str:
    """Write a rate with its interval, without zeros before the point.

    Examples
    --------
    >>> rate_text(Rate(0.009, 0.004, 0.016, 50, 0)), rate_text(Rate(-0.01, -0.2, 1.0, 5, 0), 2)
    ('.009 [.004, .016]', '-.01 [-.20, 1.00]')
    """
    value, low, high = (
        f"{number:.{digits}f}".replace("-0.", "-.").removeprefix("0")
        for number in (rate.value, rate.low, rate.high)
    )
    return f"{value} [{low}, {high}]"
