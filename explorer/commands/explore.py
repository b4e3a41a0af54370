"""Commands that look at a network: its modules, cut tree and graph."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.commands.opening import open_graph, open_partition
from explorer.commands.options import (
    CheckpointArgument,
    CountOption,
    JsonOption,
    KeepOption,
    TaskOption,
    WeightingOption,
    kept_edges,
)
from explorer.commands.working import asked_to_stop, percent

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition
    from explorer.modularity.quality import Quality


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
    k: CountOption = None,
    task: TaskOption = None,
    keep: KeepOption = None,
    nulls: Annotated[
        int | None,
        typer.Option(help="Shuffled networks; 50 if not given, 10 for a large network.", min=2),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find the modules of a network and how modular it is against chance.

    Ctrl+C leaves it at the shuffled networks so far.
    """
    from explorer import quality

    partition = open_partition(checkpoint, weighting, k, kept_edges(keep), task)
    graph = partition.graph
    with asked_to_stop() as stop, percent("shuffled networks", graph.is_large) as progress:
        found = quality(graph, partition, nulls, progress=progress, stop=stop)
        stopped = stop()
    if as_json:
        typer.echo(json.dumps(_as_data(partition, asdict(found)), indent=1, allow_nan=False))
    else:
        _tell(partition, found)
    if stopped:
        count = found.layered_modularity.null("all").count
        networks_so_far = f"{count} shuffled network{'' if count == 1 else 's'}"
        typer.echo(f"stopped: what is said of chance rests on {networks_so_far}", err=True)
        raise typer.Exit(130)


def _tell(partition: "Partition", found: "Quality") -> None:
    from explorer.modularity.quality import FIGURE_TITLES

    pruning = partition.graph.pruning
    if pruning is not None:
        typer.echo(
            f"{pruning.edges:,} of {pruning.all_edges:,} edges are kept, with {pruning.mass:.0%} "
            f"of the weight"
        )
    for module in partition.modules:
        typer.echo(
            f"module {module.name}: {len(module.nodes):,} neurons, {module.volume:.1%} of the "
            f"weight, {module.inside:.1%} of it inside"
        )
    for interface in partition.interfaces:
        typer.echo(
            f"interface {interface.name}: {interface.edge_count:,} weights, {interface.mass:.2%} "
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
    keep: KeepOption = None,
    task: TaskOption = None,
) -> None:
    """Write the Gomory-Hu tree of a network to a file."""
    from explorer import gomory_hu_tree
    from explorer.modularity.cut_tree.export import export_tree

    found = gomory_hu_tree(open_graph(checkpoint, weighting, kept_edges(keep), task))
    export_tree(found, out)
    trivial = f"{found.trivial_share:.1%} of the cuts isolate one neuron"
    typer.echo(f"{out}: {len(found.nodes):,} nodes, {trivial}")


def write_graph(
    checkpoint: CheckpointArgument,
    out: Annotated[
        Path, typer.Option(help="Ends in .attribution.json, .graphml, .gexf, .dot or .json.")
    ],
    weighting: WeightingOption = None,
    k: CountOption = None,
    keep: KeepOption = None,
    task: TaskOption = None,
) -> None:
    """Write the graph of a network, with its modules, to a file."""
    from explorer.modularity.graph_export import network_formats, write_text

    partition = open_partition(checkpoint, weighting, k, kept_edges(keep), task)
    write_text(out, network_formats(partition))
    typer.echo(f"{out}: {partition.graph.node_count:,} nodes, {partition.count} modules")


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
