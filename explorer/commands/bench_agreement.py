"""The command that measures how far searches for modules agree."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from explorer.commands.options import CountOption, JsonOption, KeepOption, kept_edges
from explorer.commands.working import percent


def agreement(
    networks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHECKPOINT]...",
            help="Bundled names, or paths of files; by default all bundled networks and those "
            "that packages bring.",
        ),
    ] = None,
    starts: Annotated[int, typer.Option(help="Searches of every network.", min=2)] = 5,
    nulls: Annotated[int, typer.Option(help="Shuffled networks of each.", min=0)] = 5,
    k: CountOption = None,
    keep: KeepOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search networks for modules from several starts: how far the answers agree, and by chance."""
    from explorer.benchmarks.seeds_agreement import measure_agreement, table
    from explorer.commands.opening import open_graph
    from explorer.network.bundled import bundled_names
    from explorer.network.graph import part_of
    from explorer.network.packaged.bundle import packaged_names

    names, edges = networks or [*bundled_names(), *packaged_names()], kept_edges(keep)
    found, stopped = [], False
    with percent("networks") as progress:
        try:
            for place, name in enumerate(names):
                own = part_of(progress, place / len(names), (place + 1) / len(names))
                graph = open_graph(name, keep=edges)
                found.append(measure_agreement(graph, name, k, starts, nulls, own))
        except KeyboardInterrupt:
            stopped = True
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], indent=1, allow_nan=False))
    else:
        typer.echo("\n".join(table(found)))
    if stopped:
        raise typer.Exit(130)
