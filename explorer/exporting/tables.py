"""The partition and its figures of an export, as tables and plain data."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from explorer.exporting.files import ExportFile, as_csv, json_file, text_file
from explorer.modularity.partition import Partition, module_name
from explorer.modularity.quality import Quality

_NODES = ("node", "name", "layer", "role", "index", "module")


def table_files(partition: Partition, quality: Quality) -> tuple[ExportFile, ...]:
    """Return the partition, the interfaces, the figures and what was left out of the graph."""
    return (
        text_file(
            "partition.csv",
            "every node with its layer and module; no module for one without any edge",
            lambda: as_csv(_NODES, _node_rows(partition)),
        ),
        json_file(
            "partition.json",
            "the same with ids and settings, and the figures of every module",
            lambda: _partition(partition),
            indent=None,
        ),
        text_file(
            "interfaces.csv",
            "the weight between every two modules, as shares of the whole",
            lambda: as_csv(
                ("interface", "first", "second", "mass", "forward", "backward", "weights"),
                (
                    (i.name, *i.name.split("-"), i.mass, i.forward, i.backward, i.edge_count)
                    for i in partition.interfaces
                ),
            ),
        ),
        json_file(
            "quality.json",
            "how modular it is: each figure beside the same search on shuffled networks",
            lambda: asdict(quality),
        ),
        json_file(
            "pruning.json",
            "which edges the graph leaves out; null where it has all",
            lambda: None if partition.graph.pruning is None else asdict(partition.graph.pruning),
        ),
    )


def _node_rows(partition: Partition) -> Iterator[tuple[int, str, str, str, int, str]]:
    graph = partition.graph
    labels = partition.labels.tolist()
    for node, layer in enumerate(graph.layer_of.tolist()):
        yield (
            node,
            graph.names[node],
            graph.layers[layer].name,
            graph.layers[layer].role,
            node - int(graph.offsets[layer]),
            module_name(labels[node]) if labels[node] >= 0 else "",
        )


def _partition(partition: Partition) -> dict[str, Any]:
    graph = partition.graph
    return {
        "partition": partition.id,
        "graph": graph.id,
        "network": graph.checkpoint_id,
        "weighting": graph.weighting,
        "modules": [
            {
                "name": module.name,
                "volume": module.volume,
                "inside": module.inside,
                "nodes": list(module.nodes),
            }
            for module in partition.modules
        ],
        "nodes": [dict(zip(_NODES, row, strict=True)) for row in _node_rows(partition)],
    }
