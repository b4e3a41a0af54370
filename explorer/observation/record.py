"""Gather the evidence of a module, an interface or a neuron."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GraphError
from explorer.modularity.partition import Interface, Module, Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, NetworkGraph
from explorer.observation.ablation import ablate, cut_interface, usual_ablation
from explorer.observation.activations import SPLIT, Recording
from explorer.observation.activations import record_activations as record
from explorer.observation.effects import Effect
from explorer.observation.evidence_values import (
    Connection,
    InterfaceEvidence,
    ModuleEvidence,
    NeuronEvidence,
    NeuronSummary,
)
from explorer.observation.gather_facts import facts_from, graph_for
from explorer.observation.part_examples import part_activity
from explorer.observation.parts import Part, ablated_nodes, checked_part

__all__ = [
    "Connection",
    "InterfaceEvidence",
    "ModuleEvidence",
    "NeuronEvidence",
    "NeuronSummary",
    "evidence",
    "interface_evidence",
    "module_evidence",
    "neuron_evidence",
]

_STRONGEST = 12
_EXAMPLES = 8


def evidence(
    checkpoint: Checkpoint, part: Part
) -> ModuleEvidence | InterfaceEvidence | NeuronEvidence:
    """Gather what there is to see of a part of a network, on its explain split.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
        A module or interface of a partition of this network, or the number of a neuron's node.

    Returns
    -------
    ModuleEvidence, InterfaceEvidence or NeuronEvidence

    Raises
    ------
    PartitionError
        If the part belongs to another network, or there is no such node.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("pair-modular")
    >>> partition = find_modules(network_graph(checkpoint), k=2)
    >>> found = evidence(checkpoint, partition.module("A"))
    >>> sorted(change.lost > 0.1 for change in found.effect.heads)
    [False, True]
    """
    part = checked_part(checkpoint, part)
    if isinstance(part, Module):
        return module_evidence(checkpoint, part)
    if isinstance(part, Interface):
        return interface_evidence(checkpoint, part)
    return neuron_evidence(graph_for(checkpoint, part), part)


def module_evidence(checkpoint: Checkpoint, module: Module) -> ModuleEvidence:
    """Gather the evidence of a module; see ``evidence``."""
    partition = module.partition
    graph, labels = partition.graph, partition.labels
    u, v, mass, _ = graph.edges
    own_u, own_v = labels[u] == module.index, labels[v] == module.index
    recording = _recording(checkpoint)
    activity = _activity(checkpoint, module, recording)
    most, least = _ends(activity)
    inputs = graph.layers[0].size if graph.layers[0].role == "input" else 0
    into = own_v & (u < inputs)
    input_mass = np.bincount(u[into], mass[into], inputs)
    effects, effect = _effects(checkpoint, module)
    return ModuleEvidence(
        module=module,
        neurons=_neurons(partition, module, recording),
        inside=_strongest(graph, own_u & own_v),
        across=_strongest(graph, own_u != own_v),
        input_mass=input_mass / max(float(input_mass.max(initial=0.0)), np.finfo(float).tiny),
        activity=activity,
        most=most,
        least=least,
        effect=effect,
        checkpoint_id=checkpoint.id,
        partition_id=partition.id,
        effects=effects,
        facts=facts_from(checkpoint, module, activity, effect, graph, SPLIT),
    )


def interface_evidence(checkpoint: Checkpoint, interface: Interface) -> InterfaceEvidence:
    """Gather the evidence of an interface; see ``evidence``."""
    partition = interface.partition
    graph = partition.graph
    u, v, _, _ = graph.edges
    source, target = partition.labels[u], partition.labels[v]
    first, second = interface.first, interface.second
    activity = _activity(checkpoint, interface, None)
    most, least = _ends(activity)
    effect = cut_interface(checkpoint, interface) if checkpoint.task else None
    return InterfaceEvidence(
        interface=interface,
        forward=_strongest(graph, (source == first) & (target == second)),
        backward=_strongest(graph, (source == second) & (target == first)),
        effect=effect,
        checkpoint_id=checkpoint.id,
        partition_id=partition.id,
        activity=activity,
        most=most,
        least=least,
        facts=facts_from(checkpoint, interface, activity, effect, graph, SPLIT),
    )


def neuron_evidence(graph: NetworkGraph, node: int) -> NeuronEvidence:
    """Gather the evidence of a neuron, its weights ranked by their mass in a graph."""
    checkpoint = graph.checkpoint
    if checkpoint is None:
        raise GraphError("found a graph made by hand; expected one made from a checkpoint")
    node = cast("int", checked_part(checkpoint, node))
    u, v, _, _ = graph.edges
    recording = _recording(checkpoint)
    values = None if recording is None else recording.values[:, node]
    active = values is not None and values.max() > 0
    ranked = np.argsort(-values, kind="stable").tolist() if active and values is not None else []
    effects, effect = _effects(checkpoint, node)
    activity = _activity(checkpoint, node, recording)
    # Facts are the same whatever graph the weights are shown of.
    usual = graph if graph.weighting == "activity" else graph_for(checkpoint, node)
    return NeuronEvidence(
        node=node,
        incoming=_strongest(graph, v == node),
        outgoing=_strongest(graph, u == node),
        activations=values,
        most=tuple(ranked[:_EXAMPLES]),
        effect=effect,
        checkpoint_id=checkpoint.id,
        effects=effects,
        facts=facts_from(checkpoint, node, activity, effect, usual, SPLIT),
    )


def _recording(checkpoint: Checkpoint) -> Recording | None:
    return None if checkpoint.task is None else record(checkpoint)


def _activity(checkpoint: Checkpoint, part: Part, recording: Recording | None) -> Floats | None:
    return None if checkpoint.task is None else part_activity(checkpoint, part, SPLIT, recording)


def _ends(activity: Floats | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows of largest and of smallest activity."""
    ranked = [] if activity is None else np.argsort(-activity, kind="stable").tolist()
    return tuple(ranked[:_EXAMPLES]), tuple(ranked[: -_EXAMPLES - 1 : -1])


def _effects(
    checkpoint: Checkpoint, part: Module | int
) -> tuple[tuple[Effect, ...], Effect | None]:
    """Ablate a part in both ways; the second value is the usual one of the task."""
    nodes = ablated_nodes(checkpoint, part).tolist()
    if checkpoint.task is None or (isinstance(part, int) and not nodes):
        return (), None
    effects = tuple(ablate(checkpoint, nodes, kind) for kind in ("zero", "mean"))
    usual = usual_ablation(checkpoint.task)
    return effects, next(effect for effect in effects if effect.kind == usual)


def _neurons(
    partition: Partition, module: Module, recording: Recording | None
) -> tuple[NeuronSummary, ...]:
    graph, labels = partition.graph, partition.labels
    u, v, mass, _ = graph.edges
    kept = np.where(labels[u] == labels[v], mass, 0.0)
    inside = np.bincount(u, kept, graph.node_count) + np.bincount(v, kept, graph.node_count)
    nodes = np.asarray(module.nodes, dtype=np.int64)
    volume = graph.degrees[nodes].sum()
    active = None if recording is None else (recording.values != 0).mean(axis=0)
    return tuple(
        NeuronSummary(
            node=int(node),
            share=float(graph.degrees[node] / volume),
            inside=float(inside[node] / graph.degrees[node]),
            active_share=None if active is None else float(active[node]),
        )
        for node in nodes[np.argsort(-graph.degrees[nodes], kind="stable")]
    )


def _strongest(graph: NetworkGraph, chosen: NDArray[np.bool_]) -> tuple[Connection, ...]:
    """Return the heaviest of the chosen edges with their signed weights."""
    assert graph.checkpoint is not None
    u, v, mass, block_of = graph.edges
    at = np.flatnonzero(chosen)
    at = at[np.argsort(-mass[at], kind="stable")][:_STRONGEST]
    offsets = graph.offsets
    found = []
    edge_weights = graph.checkpoint.network.edge_weights
    for edge in at.tolist():
        block = graph.blocks[block_of[edge]]
        weights = edge_weights[block_of[edge]]
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
