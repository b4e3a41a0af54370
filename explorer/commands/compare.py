"""The command that compares two networks."""

import json
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.commands.opening import open_partition
from explorer.commands.options import (
    CountOption,
    JsonOption,
    KeepOption,
    TaskOption,
    WeightingOption,
    kept_edges,
)
from explorer.commands.working import percent

if TYPE_CHECKING:
    from explorer.observation.comparing.values import Comparison


class Way(StrEnum):
    """What modules can be matched by."""

    neurons = "neurons"
    function = "function"
    ends = "ends"


def compare(
    first: Annotated[str, typer.Argument(help="A bundled name, or the path of a file.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    by: Annotated[
        Way | None, typer.Option(help="What to match modules by; the evidence decides otherwise.")
    ] = None,
    weighting: WeightingOption = None,
    k: CountOption = None,
    keep: KeepOption = None,
    task: TaskOption = None,
    nulls: Annotated[
        int, typer.Option(help="Shuffled networks for the figures; 0 for none.", min=0)
    ] = 0,
    as_json: JsonOption = False,
) -> None:
    """Compare two networks: which module is which, their figures, what moved."""
    from explorer import compare as compare_networks
    from explorer import quality
    from explorer.views.compare import comparison_lines

    one, two = (open_partition(n, weighting, k, kept_edges(keep), task) for n in (first, second))
    qualities = tuple(quality(p.graph, p, nulls) if nulls else None for p in (one, two))
    with percent("comparing", one.graph.is_large or two.graph.is_large) as advance:
        found = compare_networks(
            one,
            two,
            by=by.value if by else None,
            qualities=(qualities[0], qualities[1]),
            progress=advance,
        )
    if as_json:
        typer.echo(json.dumps(_as_data(found), indent=1, allow_nan=False))
        return
    for line in comparison_lines(found, (first, second)):
        typer.echo(line)


def _as_data(found: "Comparison") -> Any:
    from explorer.curation.values import finite
    from explorer.modularity.partition import module_name

    return finite(
        {
            "first": {"partition": found.first_id, "network": found.first_checkpoint_id},
            "second": {"partition": found.second_id, "network": found.second_checkpoint_id},
            "way": found.way,
            "reason": found.reason,
            "correspondence": asdict(found.correspondence),
            "shared": found.shared,
            "matches": [
                {
                    "first": module_name(match.first),
                    "second": module_name(match.second),
                    "similarity": match.similarity,
                    "chance": asdict(match.null),
                    "p": match.null.p_value,
                    "beyond chance": match.beyond_chance,
                }
                for match in found.matches
            ],
            "only first": [module_name(label) for label in found.only_first],
            "only second": [module_name(label) for label in found.only_second],
            "figures": [asdict(figure) for figure in found.figures],
            "moved": [asdict(moved) for moved in found.moved],
        }
    )
