"""The command that trains a grid of networks, on this machine or a cluster."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.commands.options import ClusterOption, JsonOption, WorkersOption
from explorer.commands.working import work

if TYPE_CHECKING:
    from explorer.sweeps.folder import SweepFolder
    from explorer.sweeps.front import Front
    from explorer.sweeps.grid import SweepGrid


def sweep(
    grid: Annotated[
        str,
        typer.Argument(
            metavar="GRID",
            help="A TOML file with a table settings and a table vary of lists; or a grid that "
            "comes with the package, such as pair.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for what comes out; one that is there is gone on with.")
    ],
    cluster: ClusterOption = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
    heed_stop: Annotated[
        bool, typer.Option(help="Heed a request to stop from before the start.", hidden=True)
    ] = False,
) -> None:
    """Train every network of a grid and print what modularity costs."""
    from explorer.sweeps.bundled import open_grid
    from explorer.sweeps.folder import SweepFolder
    from explorer.sweeps.front import find_front
    from explorer.sweeps.report import front_data, front_lines

    if cluster is not None and workers is not None:
        raise typer.BadParameter("--workers is of this machine; with --cluster, leave it out")
    made, folder = open_grid(grid), SweepFolder(out)
    if not heed_stop:
        folder.forget_stop()
    stopped = _run(made, folder, cluster, workers)
    records = folder.records(made)
    found: Front = find_front(made, records.values())
    if as_json:
        typer.echo(json.dumps(front_data(found), indent=1, allow_nan=False))
    else:
        for line in front_lines(found):
            typer.echo(line)
    if stopped:
        done = sum(record.figures is not None for record in records.values())
        typer.echo(
            f"stopped after {done} of {len(made.by_id)} runs; the same command goes on", err=True
        )
        raise typer.Exit(130)
    if records and all(record.figures is None for record in records.values()):
        raise typer.Exit(1)


def _run(
    grid: "SweepGrid", folder: "SweepFolder", cluster: str | None, workers: int | None
) -> bool:
    """Run what is not done; tell whether it was stopped before the end."""
    from explorer.sweeps.sweep import run_sweep

    return work(
        lambda executor, ahead: (
            progress.done + progress.failed for progress in run_sweep(grid, folder, executor, ahead)
        ),
        len(grid.by_id),
        "runs",
        workers,
        cluster,
    )
