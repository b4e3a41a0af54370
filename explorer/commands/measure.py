"""The command that measures many networks."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.commands.options import (
    ClusterOption,
    CountOption,
    JsonOption,
    KeepOption,
    TaskOption,
    WeightingOption,
    WorkersOption,
    kept_edges,
)
from explorer.commands.working import work

if TYPE_CHECKING:
    from explorer.sweeps.measuring_table import MeasuredNetwork


def measure(
    places: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders of networks (of a sweep, of a run's checkpoints), patterns such "
            "as 'runs/*.safetensors', bundled names.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Table to write; what is measured there is not measured again.")
    ] = Path("measured.csv"),
    cluster: ClusterOption = None,
    jobs: WorkersOption = None,
    weighting: WeightingOption = None,
    k: CountOption = None,
    keep: KeepOption = None,
    task: TaskOption = None,
    nulls: Annotated[
        int | None,
        typer.Option(help="Shuffled networks; 20 if not given, 5 for a large network.", min=2),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how modular many networks are: one row of figures each."""
    from explorer.sweeps.measuring import MeasuringSettings, measure_networks
    from explorer.sweeps.measuring_places import find_places
    from explorer.sweeps.measuring_table import MeasuringTable

    if cluster is not None and jobs is not None:
        raise typer.BadParameter("--jobs is of this machine; with --cluster, leave it out")
    found, table = find_places(places), MeasuringTable(out)
    settings = MeasuringSettings(
        weighting.value if weighting else None, k, kept_edges(keep), task, nulls
    )
    stopped = work(
        lambda executor, ahead: (
            progress.done + progress.failed
            for progress in measure_networks(found, table, executor, ahead, settings)
        ),
        len(found),
        "networks",
        jobs,
        cluster,
    )
    rows = [row for place, row in table.rows().items() if place in set(found)]
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=1, allow_nan=False))
    else:
        for line in _lines(rows):
            typer.echo(line)
    if stopped:
        typer.echo(
            f"stopped after {len(rows)} of {len(found)} networks; the same command goes on",
            err=True,
        )
        raise typer.Exit(130)


def _lines(rows: "list[MeasuredNetwork]") -> list[str]:
    width = max((len(row.place) for row in rows), default=0)
    return [
        f"{row.place:{width}}  {row.failed}"
        if row.failed
        else (
            f"{row.place:{width}}  {row.modules} modules, Q_B {_figure(row.q_b)} (shuffled: "
            f"{_figure(row.null_mean)}), {_share(row.inside)} of the weight inside"
        )
        for row in rows
    ]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
