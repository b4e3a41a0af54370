"""Tables of modules, interfaces, neurons, weights and losses."""

import pandas as pd

from explorer.modularity.partition import Partition
from explorer.network.graph import NetworkGraph
from explorer.observation.record import Connection, ModuleEvidence


def parts_table(partition: Partition) -> pd.DataFrame:
    """One row for every module, then one for every interface."""
    rows = [
        {
            "part": f"Module {module.name}",
            "neurons": str(len(module.nodes)),
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
            "weights": str(interface.edge_count),
            "share of weight": f"{interface.mass:.2%}",
            "stays inside": "",
        }
        for interface in partition.interfaces
    ]
    return pd.DataFrame(rows)


def neurons_table(graph: NetworkGraph, found: ModuleEvidence) -> pd.DataFrame:
    """The neurons of a module, the heaviest first."""
    return pd.DataFrame(
        [
            {
                "neuron": graph.names[neuron.node],
                "layer": graph.layers[graph.layer_of[neuron.node]].name,
                "share of module": neuron.share,
                "stays inside": neuron.inside,
                "active on": neuron.active_share,
            }
            for neuron in found.neurons
        ]
    )


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
