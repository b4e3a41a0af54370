"""The command that measures continued training."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.options import JsonOption, WorkersOption, read_seeds
from explorer.commands.working import work


def continued(
    out: Annotated[
        Path, typer.Option(help="Folder of the runs; those that are there are gone on with.")
    ] = Path("continued"),
    seeds: Annotated[
        str, typer.Option(help="Seeds of the texts, with commas between them.")
    ] = "20,21,22,23,24",
    strengths: Annotated[
        str, typer.Option("--lambda", help="Weights of the penalty; 0 is the control.")
    ] = "0,1,2,3",
    steps: Annotated[int, typer.Option(help="Of every run.", min=1)] = 300,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train the small GPT of stories on with the penalty: gain, cost, and what modules mean."""
    from explorer.benchmarks.continued_table import table
    from explorer.benchmarks.continued_training import (
        ContinuedScore,
        continued_jobs,
        measure_continued,
    )

    orders = read_seeds(seeds)
    try:
        weights = list(dict.fromkeys(float(strength) for strength in strengths.split(",")))
    except ValueError:
        raise typer.BadParameter(
            f"found lambda {strengths!r:.40}; expected numbers such as 0,1,2"
        ) from None
    jobs = continued_jobs(out, weights, orders, steps)
    found: list[ContinuedScore] = []
    stopped = work(
        lambda executor, ahead: measure_continued(jobs, executor, ahead, found),
        len(jobs),
        "networks",
        workers,
    )
    if as_json:
        typer.echo(json.dumps([asdict(score) for score in found], indent=1, allow_nan=False))
    else:
        typer.echo("\n".join(table(found)))
    if stopped:
        typer.echo(
            f"stopped after {len(found)} of {len(jobs)} networks; the same command goes on",
            err=True,
        )
        raise typer.Exit(130)
