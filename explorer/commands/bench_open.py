"""The command that times the opening of large networks."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from explorer.commands.options import JsonOption
from explorer.commands.working import percent


def open_networks(
    runs: Annotated[int, typer.Option(help="Times that every measurement counts.", min=1)] = 3,
    only: Annotated[
        str | None, typer.Option(help="Some measurements, with commas between; all by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Time large networks from their files to their modules: the marks, stages and memory."""
    from explorer.benchmarks import cut_tree
    from explorer.benchmarks.opening import WHATS, measure_opening, table

    chosen = WHATS if only is None else tuple(name.strip() for name in only.split(","))
    for name in chosen:
        if name not in WHATS:
            raise typer.BadParameter(
                f"found measurement {name!r:.40}; expected some of {', '.join(WHATS)}"
            )
    where = cut_tree.machine()
    with percent("openings") as advance:
        found = measure_opening(chosen, runs, advance)
    if as_json:
        data = {"machine": where, "openings": [asdict(one) for one in found]}
        typer.echo(json.dumps(data, indent=1))
        return
    typer.echo(cut_tree.machine_line(where) + "\n")
    typer.echo("\n".join(table(found)))
