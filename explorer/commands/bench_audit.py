"""The command that holds the auditors to their marks."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.options import JsonOption


def audit(
    report: Annotated[
        list[Path] | None,
        typer.Option(help="Results on fresh networks (explorer zoo audit); those that come along."),
    ] = None,
    calibration: Annotated[
        list[Path] | None, typer.Option(help="Results that thresholds are taken from.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Train 120 networks too and say how long it takes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold the auditors to the marks, from their results on fresh networks."""
    from explorer.auditing.results import measured_results, read_results
    from explorer.benchmarks.audit import audit_rows, timed_training
    from explorer.benchmarks.audit_table import table

    fresh, held = (
        measured_results(which) if paths is None else [r for p in paths for r in read_results(p)[0]]
        for which, paths in (("report", report), ("calibration", calibration))
    )
    rows = list(audit_rows(fresh, held))
    if train:
        with typer.progressbar(length=120, label="networks", file=sys.stderr) as bar:
            rows.append(timed_training(progress=lambda done: bar.update(done - bar.pos)))
    if as_json:
        data = [asdict(row) | {"met": row.met} for row in rows]
        typer.echo(json.dumps(data, indent=1, allow_nan=False))
        return
    typer.echo("\n".join(table(rows)))
