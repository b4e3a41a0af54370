"""The neurons of a module and the strongest weights of a part, as evidence shows them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from explorer.modularity.partition import Module, Partition
from explorer.network.architectures import Network
from explorer.network.graph import NetworkGraph
from explorer.observation.activations import Recording
from explorer.observation.evidence_values import Connection, NeuronSummary

_STRONGEST = 12


def neuron_summaries(
    partition: Partition, module: Module, recording: Recording | None
) -> tuple[NeuronSummary, ...]:
    """Tell of every neuron of a module how much it counts there, by falling share."""
    graph, labels = partition.graph, partition.labels
    u, v, mass, _ = graph.edges
    kept = np.where(labels[u] == labels[v], mass, 0.0)
    inside = np.bincount(u, kept, graph.node_count) + np.bincount(v, kept, graph.node_count)
    nodes = np.asarray(module.nodes, dtype=np.int64)
    nodes = nodes[np.argsort(-graph.degrees[nodes], kind="stable")]
    degrees = graph.degrees[nodes]
    volume = graph.degrees[np.asarray(module.nodes, dtype=np.int64)].sum()
    active = [None] * len(nodes) if recording is None else recording.active_share()[nodes].tolist()
    columns = (nodes, degrees / volume, inside[nodes] / degrees)
    return tuple(
        NeuronSummary(node, share, kept, seen)
        for node, share, kept, seen in zip(*(c.tolist() for c in columns), active, strict=True)
    )


@lru_cache(maxsize=16)
def _weights_of(checkpoint_id: str, network: Network, link: int) -> Tensor:
    """Keep the weights of the links looked at last: those of a large network take a while."""
    return network.edge_weight(link)


def strongest(graph: NetworkGraph, chosen: NDArray[np.bool_]) -> tuple[Connection, ...]:
    """Return the heaviest of the chosen edges with their signed weights."""
    assert graph.checkpoint is not None
    u, v, mass, block_of = graph.edges
    at = np.flatnonzero(chosen)
    if len(at) > _STRONGEST:  # first those that may be among them: all need not be sorted
        least = np.partition(mass[at], -_STRONGEST)[-_STRONGEST]
        at = at[mass[at] >= least]
    at = at[np.argsort(-mass[at], kind="stable")][:_STRONGEST]
    offsets = graph.offsets
    found = []
    for edge in at.tolist():
        link = int(block_of[edge])
        block = graph.blocks[link]
        weights = _weights_of(graph.checkpoint.id, graph.checkpoint.network, link)
        row, column = v[edge] - offsets[block.target], u[edge] - offsets[block.source]
        found.append(
            Connection(
                source=int(u[edge]),
                target=int(v[edge]),
                weight=float(weights[row, column]),
                mass=float(mass[edge] / len(graph.blocks)),
            )
        )
    return tuple(found)
