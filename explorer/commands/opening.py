"""What commands share that take networks with their modules."""

from typing import TYPE_CHECKING, Annotated

import typer

from explorer.commands.working import percent

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition
    from explorer.network.checkpoint import Checkpoint
    from explorer.network.graph import NetworkGraph

KeepOption = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="K|SHARE",
        help="Edges to keep: a number for every neuron, such as 32, or a share of the weight, such "
        "as 0.98. All are kept where there are few.",
    ),
]


def kept_edges(text: str | None) -> int | float | None:
    """Read what of the edges is to be kept.

    Examples
    --------
    >>> kept_edges("32"), kept_edges("0.98"), kept_edges(None)
    (32, 0.98, None)
    """
    if text is None:
        return None
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise typer.BadParameter(
            f"found {text!r:.40} as --keep; expected a number such as 32, or a share such as 0.98"
        ) from None


def open_graph(
    name: str,
    weighting: str | None = None,
    keep: int | float | None = None,
    task: str | None = None,
) -> "NetworkGraph":
    """Open a network and make its graph; the weighting is the usual one if none is given."""
    from explorer import load, network_graph

    opened = load(name, task)
    return network_graph(opened, weighting or usual_weighting(opened), keep)


def open_partition(
    name: str,
    weighting: str | None = None,
    k: int | None = None,
    keep: int | float | None = None,
    task: str | None = None,
) -> "Partition":
    """Open a network and find its modules; see ``open_graph``."""
    from explorer import find_modules

    graph = open_graph(name, weighting, keep, task)
    with percent("modules", graph.is_large) as progress:
        return find_modules(graph, k, progress=progress)


def usual_weighting(checkpoint: "Checkpoint") -> str:
    """Return the weighting to look at a network by, if nobody says otherwise."""
    from explorer.network.weightings import weightings_of

    possible = weightings_of(checkpoint.network)
    return next(w for w in possible if w != "activity" or checkpoint.task is not None)
