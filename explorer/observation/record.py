"""Gather the evidence of a module, an interface or a neuron."""

from typing import cast

import numpy as np

from explorer.errors import GraphError
from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, NetworkGraph
from explorer.observation.ablation import cut_interface
from explorer.observation.activations import SPLIT, Recording
from explorer.observation.activations import record_activations as record
from explorer.observation.connections import neuron_summaries, strongest
from explorer.observation.evidence_values import (
    Connection,
    InterfaceEvidence,
    ModuleEvidence,
    NeuronEvidence,
    NeuronSummary,
)
from explorer.observation.gather_facts import activity_of_part, facts_from, graph_for
from explorer.observation.on_demand import effects_of, ends_of, with_effects
from explorer.observation.part_examples import part_activity
from explorer.observation.parts import Part, checked_part
from explorer.observation.streaming import takes_long

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
    "with_effects",
]

AnyEvidence = ModuleEvidence | InterfaceEvidence | NeuronEvidence

_EXAMPLES = 8


def evidence(checkpoint: Checkpoint, part: Part, effects: bool | None = None) -> AnyEvidence:
    """Gather what there is to see of a part of a network, on its explain split.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
        A module or interface of a partition of this network, or the number of a neuron's node.
    effects : bool, optional
        Whether to run the network without the part, too: what is lost then and what it promotes.
        By default unless that takes long (see ``takes_long``); ``with_effects`` does it later.

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
        return module_evidence(checkpoint, part, effects)
    if isinstance(part, Interface):
        return interface_evidence(checkpoint, part, effects)
    return neuron_evidence(graph_for(checkpoint, part), part, effects)


def module_evidence(
    checkpoint: Checkpoint, module: Module, effects: bool | None = None
) -> ModuleEvidence:
    """Gather the evidence of a module; see ``evidence``."""
    runs = _may_run(checkpoint, effects)
    partition = module.partition
    graph, labels = partition.graph, partition.labels
    u, v, mass, _ = graph.edges
    own_u, own_v = labels[u] == module.index, labels[v] == module.index
    recording = _recording(checkpoint)
    activity = _activity(checkpoint, module, recording)
    most, least = ends_of(activity, checkpoint.task)
    inputs = graph.layers[0].size if graph.layers[0].role == "input" else 0
    into = own_v & (u < inputs)
    input_mass = np.bincount(u[into], mass[into], inputs)
    changed, effect = effects_of(checkpoint, module) if runs else ((), None)
    return ModuleEvidence(
        module=module,
        neurons=neuron_summaries(partition, module, recording),
        inside=strongest(graph, own_u & own_v),
        across=strongest(graph, own_u != own_v),
        input_mass=input_mass / max(float(input_mass.max(initial=0.0)), np.finfo(float).tiny),
        activity=activity,
        most=most,
        least=least,
        effect=effect,
        checkpoint_id=checkpoint.id,
        partition_id=partition.id,
        effects=changed,
        facts=facts_from(checkpoint, module, activity, effect, graph, SPLIT, runs),
    )


def interface_evidence(
    checkpoint: Checkpoint, interface: Interface, effects: bool | None = None
) -> InterfaceEvidence:
    """Gather the evidence of an interface; see ``evidence``."""
    runs = _may_run(checkpoint, effects)
    partition = interface.partition
    graph = partition.graph
    u, v, _, _ = graph.edges
    source, target = partition.labels[u], partition.labels[v]
    first, second = interface.first, interface.second
    activity = None
    if checkpoint.task is not None:
        activity = activity_of_part(checkpoint, interface, SPLIT, runs)
    most, least = ends_of(activity, checkpoint.task)
    effect = cut_interface(checkpoint, interface) if runs else None
    return InterfaceEvidence(
        interface=interface,
        forward=strongest(graph, (source == first) & (target == second)),
        backward=strongest(graph, (source == second) & (target == first)),
        effect=effect,
        checkpoint_id=checkpoint.id,
        partition_id=partition.id,
        activity=activity,
        most=most,
        least=least,
        facts=facts_from(checkpoint, interface, activity, effect, graph, SPLIT, runs),
    )


def neuron_evidence(graph: NetworkGraph, node: int, effects: bool | None = None) -> NeuronEvidence:
    """Gather the evidence of a neuron, its weights ranked by their mass in a graph."""
    checkpoint = graph.checkpoint
    if checkpoint is None:
        raise GraphError("found a graph made by hand; expected one made from a checkpoint")
    node = cast("int", checked_part(checkpoint, node))
    runs = _may_run(checkpoint, effects)
    u, v, _, _ = graph.edges
    recording = _recording(checkpoint)
    values = None if recording is None else recording.values[:, node]
    size = values
    if values is not None and checkpoint.task is not None and checkpoint.task.opened:
        size = np.asarray(np.abs(values))  # what has no ReLU goes either way
    active = size is not None and size.max() > 0
    ranked = np.argsort(-size, kind="stable").tolist() if active and size is not None else []
    changed, effect = effects_of(checkpoint, node) if runs else ((), None)
    activity = _activity(checkpoint, node, recording)
    # Facts are the same whatever graph the weights are shown of, unless another takes long to make.
    shown = graph.weighting == "activity" or takes_long(checkpoint) or graph.is_large
    usual = graph if shown else graph_for(checkpoint, node)
    return NeuronEvidence(
        node=node,
        incoming=strongest(graph, v == node),
        outgoing=strongest(graph, u == node),
        activations=values,
        most=tuple(ranked[:_EXAMPLES]),
        effect=effect,
        checkpoint_id=checkpoint.id,
        effects=changed,
        facts=facts_from(checkpoint, node, activity, effect, usual, SPLIT, runs),
    )


def _may_run(checkpoint: Checkpoint, effects: bool | None) -> bool:
    """Whether the network is run without a part: only on data, and unless it takes long."""
    if checkpoint.task is None:
        return False
    return not takes_long(checkpoint) if effects is None else effects


def _recording(checkpoint: Checkpoint) -> Recording | None:
    return None if checkpoint.task is None else record(checkpoint)


def _activity(checkpoint: Checkpoint, part: Part, recording: Recording | None) -> Floats | None:
    return None if checkpoint.task is None else part_activity(checkpoint, part, SPLIT, recording)
