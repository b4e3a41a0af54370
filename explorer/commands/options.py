"""Options and arguments that several commands take, each with its help said once."""

from enum import StrEnum
from typing import Annotated

import typer


class Weighting(StrEnum):
    """How masses of edges are made of weights."""

    activity = "activity"
    path = "path"
    layer = "layer"


CheckpointArgument = Annotated[
    str, typer.Argument(metavar="CHECKPOINT", help="A bundled name, or the path of a file.")
]
TaskOption = Annotated[
    str | None, typer.Option("--task", help="What the network does, if the file does not say.")
]
WeightingOption = Annotated[
    Weighting | None,
    typer.Option(
        help="How a weight counts; activity where the task is known, else path, "
        "or layer where paths have no meaning."
    ),
]
CountOption = Annotated[
    int | None, typer.Option("--k", help="Number of modules; chosen if not given.")
]
KeepOption = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="K|SHARE",
        help="Edges to keep: a number for every neuron, such as 32, or a share of the weight, such "
        "as 0.98. All are kept where there are few.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WorkersOption = Annotated[
    int | None, typer.Option(help="Processes on this machine; one a core by default.", min=1)
]
ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786."),
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


def read_seeds(text: str) -> list[int]:
    """Read seeds with commas between them, each once.

    Examples
    --------
    >>> read_seeds("10,11,10")
    [10, 11]
    """
    try:
        return list(dict.fromkeys(int(seed) for seed in text.split(",")))
    except ValueError:
        raise typer.BadParameter(f"found seeds {text!r:.40}; expected such as 10,11") from None
