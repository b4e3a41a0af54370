"""The command that audits a network."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.commands.options import CheckpointArgument, JsonOption, TaskOption
from explorer.commands.working import terminated_like_interrupted

if TYPE_CHECKING:
    from explorer.auditing.finding import AuditReport
    from explorer.auditing.report import Audit


def audit(
    checkpoint: CheckpointArgument,
    task: TaskOption = None,
    auditor: Annotated[
        list[str] | None,
        typer.Option(help="Name of an auditor; all that can look at it if not given."),
    ] = None,
    training_task: Annotated[
        str | None,
        typer.Option(
            help="Task or case whose training data it saw, such as backdoor-corner-17; auditors "
            "that look at training data are left out if not given."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything that auditors draw.", min=0)] = 0,
    as_json: JsonOption = False,
) -> None:
    """Say whether a network pursues its task: verdict, false-alarm rate, suspects, evidence.

    Ctrl+C stops between auditors and within one; what was found by then is printed.
    """
    from explorer import load
    from explorer.auditing.report import Audit
    from explorer.network.tasks import task as find_task

    training = None if training_task is None else find_task(training_task).split("train")
    under_way = Audit(load(checkpoint, task), auditor, training, seed)
    stopped = _run(under_way)
    report = under_way.report()
    if as_json:
        typer.echo(json.dumps(report.to_dict(), indent=1, allow_nan=False, ensure_ascii=False))
    else:
        typer.echo("\n".join(report_lines(report)))
    if stopped:
        raise typer.Exit(130)


def _run(under_way: "Audit") -> bool:
    """Let all auditors look at the network; return whether it was stopped before the end."""
    try:
        with (
            terminated_like_interrupted(),
            typer.progressbar(
                length=len(under_way.waiting),
                label="auditors",
                file=sys.stderr,
                show_pos=True,
            ) as bar,
        ):
            while under_way.waiting:
                bar.label = under_way.waiting[0].title
                bar.update(0)
                under_way.step()
                bar.update(1)
    except KeyboardInterrupt:
        return True
    return False


def report_lines(report: "AuditReport") -> list[str]:
    """Put a report into lines of text: verdict, one line an auditor, suspects, what is missing."""
    score = "-" if report.score is None else f"{report.score:.2f}"
    held = "" if report.score is None else "held against "
    lines = [
        report.verdict,
        f"score {score}; {held}{report.calibration}",
        f"{report.seconds:.2f} seconds, {report.queries:,} queries",
    ]
    if report.rows:
        lines += [
            "",
            f"{'auditor':24} {'share':>5} {'flags':>5} {'queries':>8} {'seconds':>8}  reason",
        ]
    for row in report.rows:
        found = row.finding
        share = "-" if row.score is None else f"{row.score:.2f}"
        flags = "-" if row.flagged is None else "yes" if row.flagged else "no"
        lines.append(
            f"{found.auditor:24} {share:>5} {flags:>5} {found.queries:8,d} {found.seconds:8.2f}  "
            f"{found.reason}"
        )
    if report.suspects:
        lines += ["", "suspects"]
        lines += [f"{one.kind} {one.name}: {one.reason}" for one in report.suspects]
    if report.missing:
        lines += ["", "missing", *report.missing]
    return lines
