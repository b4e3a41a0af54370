"""Tables of modules, interfaces, neurons, weights and losses."""

from collections.abc import Sequence

import pandas as pd

from explorer.modularity.partition import Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import NetworkGraph
from explorer.observation.activations import SPLIT, record_activations
from explorer.observation.record import Connection, ModuleEvidence
from explorer.observation.streaming import observed

_BEFORE, _AFTER = 6, 2  # tokens around the one at which a neuron is most active


def parts_table(partition: Partition) -> pd.DataFrame:
    """One row for every module, then one for every interface."""
    rows = [
        {
            "part": f"Module {module.name}",
            "neurons": f"{len(module.nodes):,}",
            "weights": "",
            "share of weight": f"{module.volume:.1%}",
            "stays inside": f"{module.inside:.1%}",
        }
        for module in partition.modules
    ]
    rows += [
        {
            "part": f"Interface {interface.name}",
            "neurons": "",
            "weights": f"{interface.edge_count:,}",
            "share of weight": f"{interface.mass:.2%}",
            "stays inside": "",
        }
        for interface in partition.interfaces
    ]
    return pd.DataFrame(rows)


def neurons_table(
    graph: NetworkGraph, found: ModuleEvidence, limit: int | None = None
) -> pd.DataFrame:
    """The neurons of a module, the heaviest first; with the texts at which each is most active.

    Parameters
    ----------
    graph : NetworkGraph
    found : ModuleEvidence
    limit : int, optional
        Rows at most.
    """
    shown = found.neurons[:limit]
    checkpoint = graph.checkpoint
    snippets = {} if checkpoint is None else _snippets(checkpoint, [one.node for one in shown])
    return pd.DataFrame(
        [
            {
                "neuron": graph.names[neuron.node],
                "layer": graph.layers[graph.layer_of[neuron.node]].name,
                "share of module": neuron.share,
                "stays inside": neuron.inside,
                "active on": neuron.active_share,
            }
            | ({"strongest at": snippets[neuron.node]} if snippets else {})
            for neuron in shown
        ]
    )


def _snippets(checkpoint: Checkpoint, nodes: Sequence[int]) -> dict[int, str]:
    """Where each node is most active in texts that were brought to a network; else nothing."""
    task = checkpoint.task
    if task is None or not (task.is_text and task.opened):
        return {}
    values = record_activations(checkpoint).values
    inputs = observed(task, SPLIT)
    length = inputs.shape[1]
    snippets = {}
    for node in nodes:
        own = values[:, node]
        text, place = divmod(int(own.argmax()), length)
        first = max(0, place - _BEFORE)
        tokens = [task.tokens[at] for at in inputs[text, first : place + _AFTER].tolist()]
        tokens[place - first] = f"[{tokens[place - first]}]"
        snippets[node] = task.joint.join(tokens) if own.max() > 0 else ""
    return snippets


def connections_table(partition: Partition, connections: tuple[Connection, ...]) -> pd.DataFrame:
    """Weights, the heaviest first, with the modules that they join."""
    graph, labels = partition.graph, partition.labels
    modules = partition.modules

    def where(node: int) -> str:
        return f"{graph.names[node]} ({modules[labels[node]].name})" if labels[node] >= 0 else ""

    return pd.DataFrame(
        [
            {
                "from": where(connection.source),
                "to": where(connection.target),
                "weight": round(connection.weight, 3),
                "share of weight": connection.mass,
            }
            for connection in connections
        ]
    )
