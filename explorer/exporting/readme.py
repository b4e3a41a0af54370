"""The README of an export, and its list of contents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from explorer.exporting.files import ExportFile
from explorer.modularity.partition import Partition
from explorer.views.program import program

FORMAT, FORMAT_VERSION = "modular-network-explorer export", 1
CONTENTS = "export.json"


def settings(partition: Partition, made: datetime) -> dict[str, Any]:
    """Return what was exported and how it was made: names, ids and settings."""
    graph = partition.graph
    checkpoint = graph.checkpoint
    origin = None if checkpoint is None else checkpoint.origin
    return {
        "network": None if checkpoint is None else checkpoint.name,
        "network id": graph.checkpoint_id,
        "task": None if checkpoint is None else checkpoint.task_name,
        "opened from": None if origin is None else origin.format,
        "graph id": graph.id,
        "partition id": partition.id,
        "weighting": graph.weighting,
        "edges kept": "all" if graph.pruning is None else str(graph.pruning.keep),
        "nodes": graph.node_count,
        "edges": len(graph.edges[0]),
        "modules": partition.count,
        "made": f"{made:%Y-%m-%d %H:%M:%S} UTC",
        "program": program(),
    }


def readme(about: dict[str, Any], files: Sequence[ExportFile], left_out: Sequence[str]) -> str:
    """Write what each file is, how it was made, and what is not there."""
    lines = ["What was found about a network, in files that other programs open.", ""]
    lines += [f"{name}: {_one_line(value)}" for name, value in about.items() if value is not None]
    lines += ["", "Files", ""]
    lines += [f"{file.name}\n    {file.about}." for file in files]
    if left_out:
        lines += ["", "Not in here", "", *left_out]
    lines += [
        "",
        "A node is a neuron (a channel, a head, an input, an output, a dimension of a residual",
        "stream), by its number in partition.csv. The mass of an edge is the size of its weight as",
        "the weighting counts it; the masses of each block of weights add up to 1. Modules are",
        "called A, B, ... by falling volume; an interface is the weights between two modules.",
        "Names come from the network and its data, and are only ever data.",
    ]
    return "\n".join(lines) + "\n"


def _one_line(value: object) -> str:
    text = " ".join(str(value).split())
    return "".join(letter if letter.isprintable() else " " for letter in text)
