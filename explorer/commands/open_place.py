"""Open a network from any place, keep it, and say what was found."""

from typing import Annotated

import typer

from explorer.commands.options import TaskOption


def open_place(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE", help="A name, a file, a folder, or an id owner/name on the hub."
        ),
    ],
    task: TaskOption = None,
) -> None:
    """Open a network, keep it for the page, and say what it is."""
    from explorer import load, store
    from explorer.network.bundled import networks

    opened = load(place, task, progress=_tell)
    layers, links = opened.network.neuron_layers, opened.network.links
    nodes = sum(layer.size for layer in layers)
    edges = sum(layers[source].size * layers[target].size for source, target in links)
    typer.echo(f"{opened.name}: {opened.network.kind}, {opened.network.shape}")
    typer.echo(f"{nodes:,} nodes in {len(layers)} layers, at most {edges:,} edges")
    if opened.origin is not None:
        typer.echo(f"read as {opened.origin.format}")
        for note in opened.origin.notes:
            typer.echo(f"note: {note}")
    known = place in networks() and task is None
    typer.echo(f"look at it: /?network={place if known else store.keep(opened)}")


def _tell(share: float, doing: str) -> None:
    typer.echo(f"{share:4.0%} {doing}", err=True)
