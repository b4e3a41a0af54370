"""Commands that look at a network: its modules, cut tree and graph."""

import json
import math
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition

CheckpointArgument = Annotated[
    str, typer.Argument(metavar="CHECKPOINT", help="A bundled name, or the path of a file.")
]
TaskOption = Annotated[
    str | None, typer.Option("--task", help="What the network does, if the file does not say.")
]


class Weighting(StrEnum):
    """How masses of edges are made of weights."""

    activity = "activity"
    path = "path"
    layer = "layer"


WeightingOption = Annotated[
    Weighting | None,
    typer.Option(help="How a weight counts; activity where the task is known, else path."),
]


def networks() -> None:
    """List the bundled networks, and large ones that their packages bring."""
    from explorer import load
    from explorer.network.bundled import bundled_names
    from explorer.network.packaged.bundle import packaged, packaged_names

    for name in bundled_names():
        checkpoint = load(name)
        share = checkpoint.metrics.get("test_accuracy", math.nan)
        shape, does = checkpoint.network.shape, checkpoint.task_name or ""
        typer.echo(f"{name:16} {shape:18} {does:8} accuracy {share:.3f}")
    for name in packaged_names():  # not opened: the first time that takes a minute
        model = packaged(name)
        typer.echo(
            f"{name:16} {model.name}, a package of {model.size / 1e6:.0f} MB: {model.licence}"
        )


def modules(
    checkpoint: CheckpointArgument,
    weighting: WeightingOption = None,
    k: Annotated[int | None, typer.Option(help="Number of modules; chosen if not given.")] = None,
    task: TaskOption = None,
    nulls: Annotated[int, typer.Option(help="Shuffled networks to compare with.", min=2)] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find the modules of a network and how modular it is against chance."""
    from explorer import quality
    from explorer.modularity.quality import FIGURE_TITLES

    partition = _partition(checkpoint, weighting, k, task)
    found = quality(partition.graph, partition, null_count=nulls)
    if as_json:
        typer.echo(json.dumps(_as_data(partition, asdict(found)), indent=1, allow_nan=False))
        return
    for module in partition.modules:
        typer.echo(
            f"module {module.name}: {len(module.nodes)} neurons, {module.volume:.1%} of the "
            f"weight, {module.inside:.1%} of it inside"
        )
    for interface in partition.interfaces:
        typer.echo(
            f"interface {interface.name}: {interface.edge_count} weights, {interface.mass:.2%} "
            f"of the weight"
        )
    for name, title in FIGURE_TITLES.items():
        figure = getattr(found, name)
        null = figure.null("all")
        typer.echo(
            f"{title}: {_number(figure.value, '.3f')} (shuffled: {_number(null.mean, '.3f')}, "
            f"z {_number(null.z, '+.1f')}, percentile {_number(null.percentile, '.0f')})"
        )


def tree(
    checkpoint: CheckpointArgument,
    out: Annotated[Path, typer.Option(help="Ends in .graphml, .gexf, .dot, .newick or .json.")],
    weighting: WeightingOption = None,
    task: TaskOption = None,
) -> None:
    """Write the Gomory-Hu tree of a network to a file."""
    from explorer import gomory_hu_tree
    from explorer.modularity.cut_tree.export import export_tree

    found = gomory_hu_tree(_graph(checkpoint, weighting, task))
    export_tree(found, out)
    typer.echo(
        f"{out}: {len(found.nodes)} nodes, {found.trivial_share:.1%} of the cuts isolate one neuron"
    )


def write_graph(
    checkpoint: CheckpointArgument,
    out: Annotated[
        Path, typer.Option(help="Ends in .attribution.json, .graphml, .gexf, .dot or .json.")
    ],
    weighting: WeightingOption = None,
    k: Annotated[int | None, typer.Option(help="Number of modules; chosen if not given.")] = None,
    task: TaskOption = None,
) -> None:
    """Write the graph of a network, with its modules, to a file."""
    from explorer.modularity.graph_export import network_formats, write_text

    partition = _partition(checkpoint, weighting, k, task)
    write_text(out, network_formats(partition))
    typer.echo(f"{out}: {partition.graph.node_count} nodes, {partition.count} modules")


def _graph(name: str, weighting: Weighting | None, task: str | None) -> Any:
    from explorer import load, network_graph

    opened = load(name, task)
    chosen = weighting.value if weighting else "activity" if opened.task else "path"
    return network_graph(opened, chosen)


def _partition(
    name: str, weighting: Weighting | None, k: int | None, task: str | None
) -> "Partition":
    from explorer import find_modules

    return find_modules(_graph(name, weighting, task), k)


def _as_data(partition: "Partition", figures: dict[str, Any]) -> Any:
    graph = partition.graph
    data = {
        "checkpoint": graph.checkpoint_id,
        "graph": graph.id,
        "partition": partition.id,
        "weighting": graph.weighting,
        "modules": [
            {
                "name": module.name,
                "volume": module.volume,
                "inside": module.inside,
                "neurons": [graph.names[node] for node in module.nodes],
            }
            for module in partition.modules
        ],
        "interfaces": [
            {"name": i.name, "mass": i.mass, "weights": i.edge_count} for i in partition.interfaces
        ],
        "figures": figures,
    }
    return _without_nan(data)


def _number(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "-"


def _without_nan(value: Any) -> Any:
    """Replace what JSON has no word for by null."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
