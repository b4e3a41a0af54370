"""The command that writes everything that was found as a folder."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.opening import open_partition
from explorer.commands.options import (
    CheckpointArgument,
    CountOption,
    KeepOption,
    TaskOption,
    WeightingOption,
    kept_edges,
)
from explorer.commands.working import percent


def export(
    checkpoint: CheckpointArgument,
    folder: Annotated[
        Path, typer.Argument(help="New, empty, or an earlier export, which is replaced.")
    ],
    weighting: WeightingOption = None,
    k: CountOption = None,
    keep: KeepOption = None,
    task: TaskOption = None,
    evidence: Annotated[
        bool | None,
        typer.Option(help="Gather the evidence of every part; by default unless it is large."),
    ] = None,
    nulls: Annotated[
        int | None,
        typer.Option(
            help="Shuffled networks of each kind; 20 if not given, 5 for a large network.", min=0
        ),
    ] = None,
    as_zip: Annotated[bool, typer.Option("--zip", help="Write FOLDER.zip instead.")] = False,
) -> None:
    """Write everything that was found about a network as a folder that other programs open."""
    from explorer import export as write
    from explorer import quality
    from explorer.exporting.folder import zip_export

    partition = open_partition(checkpoint, weighting, k, kept_edges(keep), task)
    place = Path(tempfile.mkdtemp()) if as_zip else None
    try:
        with percent("export") as progress:
            made = write(
                partition,
                folder if place is None else place / folder.name.removesuffix(".zip"),
                progress=progress,
                quality=None if nulls is None else quality(partition.graph, partition, nulls),
                evidence=evidence,
            )
        if place is not None:
            name = folder if folder.name.endswith(".zip") else Path(f"{folder}.zip")
            made = zip_export(made, name)
    finally:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)
    typer.echo(f"{made}: {partition.graph.node_count:,} nodes, {partition.count} modules")
