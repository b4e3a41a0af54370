"""The evidence of a module, an interface or a neuron, in one frozen record each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GraphError, PartitionError
from explorer.modularity.partition import Interface, Module, Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, NetworkGraph, network_graph
from explorer.observation.ablation import Effect, ablate, cut_interface
from explorer.observation.activations import Recording, hidden_nodes, module_activity
from explorer.observation.activations import record_activations as record

_STRONGEST = 12
_EXAMPLES = 8


@dataclass(frozen=True)
class Connection:
    """One weight between two nodes, its value, and its mass as a share of the whole graph's."""

    source: int
    target: int
    weight: float
    mass: float


@dataclass(frozen=True)
class NeuronSummary:
    """A neuron at a glance.

    Attributes
    ----------
    node : int
    share : float
        Its weighted degree as a share of its module's volume.
    inside : float
        Share of its edges' mass that stays in its module.
    active_share : float or None
        Share of examples on which it is not zero; None without data.
    """

    node: int
    share: float
    inside: float
    active_share: float | None


@dataclass(frozen=True)
class ModuleEvidence:
    """What a module reads, does and is needed for.

    Attributes
    ----------
    module : Module
    neurons : tuple of NeuronSummary
        By falling share.
    inside, across : tuple of Connection
        Its strongest weights, inside it and to other modules.
    input_mass : array, shape (inputs,)
        Mass from every input into the module's neurons, as a share of the largest; zeros if
        nothing reaches it from the inputs.
    activity : array, shape (examples,), or None
        How active it is on every example of the explain split (1 is its average); None without
        data, without hidden neurons, or for a silent module.
    most, least : tuple of int
        Examples on which it is most and least active, and distinct.
    effect : Effect or None
        Accuracy when its hidden neurons are held at their mean.
    checkpoint_id, partition_id : str
    """

    module: Module
    neurons: tuple[NeuronSummary, ...]
    inside: tuple[Connection, ...]
    across: tuple[Connection, ...]
    input_mass: Floats
    activity: Floats | None
    most: tuple[int, ...]
    least: tuple[int, ...]
    effect: Effect | None
    checkpoint_id: str
    partition_id: str


@dataclass(frozen=True)
class InterfaceEvidence:
    """What passes between two modules.

    Attributes
    ----------
    interface : Interface
    forward, backward : tuple of Connection
        The strongest weights from the first module to the second, and from the second to the
        first.
    effect : Effect or None
        Accuracy when all weights of the interface are set to zero.
    checkpoint_id, partition_id : str
    """

    interface: Interface
    forward: tuple[Connection, ...]
    backward: tuple[Connection, ...]
    effect: Effect | None
    checkpoint_id: str
    partition_id: str


@dataclass(frozen=True)
class NeuronEvidence:
    """What one neuron does.

    Attributes
    ----------
    node : int
    incoming, outgoing : tuple of Connection
        Its strongest weights.
    activations : array, shape (examples,), or None
        On the explain split; None without data.
    most : tuple of int
        Examples with its largest activations; empty for a neuron that is never active.
    effect : Effect or None
        Accuracy when it is held at its mean; None for outputs and without data.
    checkpoint_id : str
    """

    node: int
    incoming: tuple[Connection, ...]
    outgoing: tuple[Connection, ...]
    activations: Floats | None
    most: tuple[int, ...]
    effect: Effect | None
    checkpoint_id: str


def evidence(
    checkpoint: Checkpoint, part: Module | Interface | int
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
    if isinstance(part, Module | Interface):
        if part.partition.graph.checkpoint_id != checkpoint.id:
            raise PartitionError(
                f"found a part of the network {part.partition.graph.checkpoint_id}; expected one "
                f"of {checkpoint.id}"
            )
        if isinstance(part, Module):
            return module_evidence(checkpoint, part)
        return interface_evidence(checkpoint, part)
    if isinstance(part, bool) or not isinstance(part, int | np.integer):
        raise PartitionError(f"found {part!r:.40}; expected a module, an interface or a node")
    return neuron_evidence(
        network_graph(checkpoint, "activity" if checkpoint.task else "path"), int(part)
    )


def module_evidence(checkpoint: Checkpoint, module: Module) -> ModuleEvidence:
    """Gather the evidence of a module; see ``evidence``."""
    partition = module.partition
    graph, labels = partition.graph, partition.labels
    u, v, mass, _ = graph.edges
    own_u, own_v = labels[u] == module.index, labels[v] == module.index
    recording = _recording(checkpoint)
    activity = None if recording is None else module_activity(module, recording)
    ranked = [] if activity is None else np.argsort(-activity, kind="stable").tolist()
    inputs = graph.layers[0].size if graph.layers[0].role == "input" else 0
    into = own_v & (u < inputs)
    input_mass = np.bincount(u[into], mass[into], inputs)
    hidden = hidden_nodes(module)
    return ModuleEvidence(
        module=module,
        neurons=_neurons(partition, module, recording),
        inside=_strongest(graph, own_u & own_v),
        across=_strongest(graph, own_u != own_v),
        input_mass=input_mass / max(float(input_mass.max(initial=0.0)), np.finfo(float).tiny),
        activity=activity,
        most=tuple(ranked[:_EXAMPLES]),
        least=tuple(ranked[: -_EXAMPLES - 1 : -1]),
        effect=ablate(checkpoint, hidden.tolist()) if recording is not None else None,
        checkpoint_id=checkpoint.id,
        partition_id=partition.id,
    )


def interface_evidence(checkpoint: Checkpoint, interface: Interface) -> InterfaceEvidence:
    """Gather the evidence of an interface; see ``evidence``."""
    partition = interface.partition
    graph = partition.graph
    u, v, _, _ = graph.edges
    source, target = partition.labels[u], partition.labels[v]
    first, second = interface.first, interface.second
    return InterfaceEvidence(
        interface=interface,
        forward=_strongest(graph, (source == first) & (target == second)),
        backward=_strongest(graph, (source == second) & (target == first)),
        effect=cut_interface(checkpoint, interface) if checkpoint.task else None,
        checkpoint_id=checkpoint.id,
        partition_id=partition.id,
    )


def neuron_evidence(graph: NetworkGraph, node: int) -> NeuronEvidence:
    """Gather the evidence of a neuron, its weights ranked by their mass in a graph."""
    checkpoint = graph.checkpoint
    if checkpoint is None:
        raise GraphError("found a graph made by hand; expected one made from a checkpoint")
    if not 0 <= node < graph.node_count:
        raise PartitionError(f"found node {node}; expected 0 to {graph.node_count - 1}")
    u, v, _, _ = graph.edges
    recording = _recording(checkpoint)
    values = None if recording is None else recording.values[:, node]
    active = values is not None and values.max() > 0
    ranked = np.argsort(-values, kind="stable").tolist() if active and values is not None else []
    is_output = graph.layers[graph.layer_of[node]].role == "output"
    return NeuronEvidence(
        node=node,
        incoming=_strongest(graph, v == node),
        outgoing=_strongest(graph, u == node),
        activations=values,
        most=tuple(ranked[:_EXAMPLES]),
        effect=None if recording is None or is_output else ablate(checkpoint, [node]),
        checkpoint_id=checkpoint.id,
    )


def _recording(checkpoint: Checkpoint) -> Recording | None:
    return None if checkpoint.task is None else record(checkpoint)


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
