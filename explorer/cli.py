"""The command line: the verbs of the package without a page."""

import json
import math
import os
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.main import get_command

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition

app = typer.Typer(
    help="Explore the modules of neural networks.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

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


@app.command()
def networks() -> None:
    """List the bundled networks."""
    from explorer import load
    from explorer import networks as names

    for name in names():
        checkpoint = load(name)
        share = checkpoint.metrics.get("test_accuracy", math.nan)
        typer.echo(f"{name:16} {checkpoint.network.shape:14} {checkpoint.task_name or '':8} accuracy {share:.3f}")


@app.command()
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


@app.command()
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


@app.command("graph")
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


@app.command()
def train(
    name: Annotated[str, typer.Argument(metavar="RECIPE", help="Name of a bundled network.")],
    out: Annotated[Path, typer.Option(help="The safetensors file to write.")],
) -> None:
    """Train a bundled network again, by the recipe that made it."""
    from explorer import save
    from explorer.training.loop import train as run
    from explorer.training.recipes import recipe

    config = recipe(name)
    if not os.access(out.absolute().parent, os.W_OK):
        raise ExplorerError(f"{str(out)!r} cannot be written: its folder is missing or read-only")
    with typer.progressbar(length=config.steps, label=name, file=sys.stderr) as bar:
        checkpoint = run(config, name, progress=lambda step: bar.update(1))
    try:
        save(checkpoint, out)
    except OSError as problem:
        raise ExplorerError(f"{str(out)!r} cannot be written ({problem.strerror})") from problem
    typer.echo(f"{out}: accuracy {checkpoint.metrics['test_accuracy']:.3f}, id {checkpoint.id}")


bench = typer.Typer(help="Measure what the README claims.", no_args_is_help=True)
app.add_typer(bench, name="bench")


@bench.command("pages")
def bench_pages(
    pictures: Annotated[
        Path | None, typer.Option(help="Save the README's pictures in this folder instead.")
    ] = None,
) -> None:
    """Time the pages in a browser: first paint, and click to details."""
    from explorer.benchmarks.pages import measure_pages, take_pictures

    if pictures is not None:
        for path in take_pictures(pictures):
            typer.echo(path)
        return
    for timing in measure_pages():
        typer.echo(
            f"{timing.what:24} median {timing.median:.3f} s, worst {timing.worst:.3f} s of "
            f"{timing.runs}"
        )


@bench.command("modules")
def bench_modules(
    seeds: Annotated[int, typer.Option(help="Graphs of each family.", min=1)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the methods of finding modules where the modules are known."""
    from explorer.benchmarks.modules import measure_modules, table

    scores = measure_modules(seeds)
    if as_json:
        typer.echo(json.dumps([asdict(score) for score in scores], indent=1, allow_nan=False))
        return
    for line in table(scores):
        typer.echo(line.rstrip())


@bench.command("cut-tree")
def bench_cut_tree(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    budget: Annotated[
        float, typer.Option(help="Seconds for each other library on each graph.", min=0.0)
    ] = 2.0,
    small: Annotated[bool, typer.Option("--small", help="Small graphs only, in seconds.")] = False,
) -> None:
    """Time cut trees side by side with other libraries."""
    from explorer.benchmarks import cut_tree
    from explorer.benchmarks.cut_tree_graphs import FAMILIES, SMALL_FAMILIES

    where, timings = cut_tree.machine(), []
    if not as_json:
        typer.echo(cut_tree.machine_line(where) + "\n")
        typer.echo("\n".join(cut_tree.table_head()))
    for timing in cut_tree.measure_cut_trees(SMALL_FAMILIES if small else FAMILIES, budget):
        timings.append(timing)
        if not as_json:
            typer.echo(cut_tree.table_line(timing))
    if as_json:
        data = cut_tree.as_data(timings, where, budget)
        typer.echo(json.dumps(data, indent=1, allow_nan=False))
        return
    typer.echo("\n" + "\n".join(cut_tree.legend(timings, budget)))


def main() -> None:
    """Run the command line; an expected error is one sentence on standard error."""
    command = get_command(app)
    try:
        sys.exit(command.main(standalone_mode=False) or 0)
    except ExplorerError as problem:
        said = str(problem)
    except typer.TyperException as problem:  # options that are unknown, missing or out of range
        said = getattr(problem, "format_message", lambda: "")() or str(problem)
    except typer.Abort:
        said = "stopped"
    typer.echo(f"explorer: {' '.join(said.split())}", err=True)
    sys.exit(2)


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


if __name__ == "__main__":
    main()
