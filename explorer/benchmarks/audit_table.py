"""The rows of the audit as text."""

from collections.abc import Iterator, Sequence

from explorer.benchmarks.audit_rows import AuditRow

_RATES = ("area", "found at")


def table(rows: Sequence[AuditRow]) -> Iterator[str]:
    """Write rows with a mark first, then all that were measured.

    An auditor that does not fit the networks of a group, or a regime that was not trained, has no
    figure there and no line.

    Yields
    ------
    str
        A line.
    """
    marked = [row for row in rows if row.mark.is_set]
    yield f"{'mark':84} {'value':>8} {'95 % interval':>17} {'required':>8} {'stretch':>7} met"
    for row in marked:
        yield _line(row, f"{row.group}: {row.figure}")
    group = ""
    for row in rows:
        if row.rate is None and row.figure.startswith(_RATES) and not row.mark.is_set:
            continue
        if row.group != group:
            group = row.group
            yield ""
            yield group
        yield _line(row, f"  {row.figure}")


def _line(row: AuditRow, title: str) -> str:
    value = interval = "-"
    if row.rate is not None:
        value = f"{row.rate.value:.3f}"
        interval = f"[{row.rate.low:.3f}, {row.rate.high:.3f}]"
    required = "" if row.mark.required is None else f"{row.mark.required:g}"
    stretch = "" if row.mark.stretch is None else f"{row.mark.stretch:g}"
    if row.mark.above_zero:
        stretch = "above 0"
    line = f"{title:84} {value:>8} {interval:>17} {required:>8} {stretch:>7} {row.met}".rstrip()
    return f"{line}  ({row.note})" if row.note else line
