"""Where the weight of a part comes from: images, inputs, the embedding, other modules."""

from collections import defaultdict
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.partition import Interface, Module, Partition
from explorer.network.architectures import CNN, GPT, Network
from explorer.network.graph import Bools, Floats, Ints, NetworkGraph
from explorer.network.tasks import Task
from explorer.observation.activations import record_activations
from explorer.observation.facts import Share
from explorer.observation.figures import small_figure
from explorer.observation.streaming import observed

EMBEDDING = "embedding"
_MOST = 12
_ROWS = 2**10  # of an embedding at once: what stays in the cache takes an eighth of the time


def reads_of(graph: NetworkGraph, part: Module | Interface | int) -> tuple[Share, ...]:
    """Share out the mass that comes into a part by where it comes from.

    - A module: the edges into its nodes, but for those from its own neurons. An input counts as
      such, whatever module it was put in.
    - An interface: all its edges.
    - A neuron: the edges into it.

    Sources are the input image that a pixel belongs to, or else the input; the module of any other
    neuron, or for a neuron its layer. What a network reads past its graph counts as one more block
    of edges of mass 1, as every block does: a transformer's embedding (mean over tokens of
    |embedding| of a residual dimension), and the only image of a convolutional network (|kernel|
    times reach of a channel of the first layer).

    Parameters
    ----------
    graph : NetworkGraph
        Of a checkpoint.
    part : Module, Interface or int

    Returns
    -------
    tuple of Share
        The largest first, at most 12.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> graph = network_graph(load("xor4-modular"))
    >>> module = find_modules(graph).module("A")
    >>> [(share.name[:5], round(share.share, 1)) for share in reads_of(graph, module)[:2]]
    [('bit 3', 0.5), ('bit 3', 0.5)]
    """
    u, v, mass, _ = graph.edges
    roles = np.array([layer.role for layer in graph.layers])
    is_input = (roles == "input")[graph.layer_of]
    partition = None if isinstance(part, int) else part.partition
    chosen = _into(part, partition, u, v, is_input)
    found: dict[str, float] = defaultdict(float)
    sums = np.bincount(u[chosen], mass[chosen], graph.node_count)
    # Neurons of one group (a module, a layer) share a name and are summed together.
    keys = np.where(is_input, -1 - np.arange(graph.node_count), _groups(graph, partition))
    sent = np.flatnonzero(sums)
    _, first, group = np.unique(keys[sent], return_index=True, return_inverse=True)
    for at, total in zip(first.tolist(), np.bincount(group, sums[sent]).tolist(), strict=True):
        found[_source_name(graph, partition, int(sent[at]))] += total
    if not isinstance(part, Interface):
        name, unseen = _unseen(graph)
        own = [part] if isinstance(part, int) else list(part.nodes)
        found[name] += float(unseen[own].sum())
    total = sum(found.values())
    shares = [Share(name, small_figure(value / total)) for name, value in found.items() if value]
    return tuple(sorted(shares, key=lambda s: (-s.share, s.name))[:_MOST])


def _into(
    part: Module | Interface | int, partition: Partition | None, u: Ints, v: Ints, is_input: Bools
) -> Bools:
    if partition is None:
        return np.asarray(v == part)
    source, target = partition.labels[u], partition.labels[v]
    if isinstance(part, Module):
        return np.asarray((target == part.index) & (is_input[u] | (source != part.index)))
    assert isinstance(part, Interface)
    ends = np.isin(source, (part.first, part.second)) & np.isin(target, (part.first, part.second))
    return np.asarray(ends & (source != target))


def _groups(graph: NetworkGraph, partition: Partition | None) -> Ints:
    return graph.layer_of if partition is None else partition.labels + 1


def _source_name(graph: NetworkGraph, partition: Partition | None, node: int) -> str:
    layer = graph.layers[int(graph.layer_of[node])]
    if layer.role == "input":
        task = None if graph.checkpoint is None else graph.checkpoint.task
        return _input_name(graph, task, node)
    if partition is None:
        return layer.name
    label = int(partition.labels[node])
    return f"module {partition.modules[label].name}" if label >= 0 else ""


def _input_name(graph: NetworkGraph, task: Task | None, node: int) -> str:
    images = () if task is None else task.images
    if task is not None and graph.layers[0].size == len(task.inputs):
        for image in images:
            if image.start <= node < image.start + image.rows * image.columns:
                return image.name
    return graph.names[node]


def _unseen(graph: NetworkGraph) -> tuple[str, Floats]:
    """Name what is read past the graph, and its mass into every node."""
    mass = np.zeros(graph.node_count)
    checkpoint = graph.checkpoint
    name = ""
    if checkpoint is not None and checkpoint.network.reads == "tokens":
        sizes = _embedding_sizes(checkpoint.id, checkpoint.network, checkpoint.task)
        if sizes is not None:
            name = EMBEDDING
            mass[: len(sizes)] = sizes
    if checkpoint is not None and isinstance(checkpoint.network, CNN):
        network = checkpoint.network
        if graph.layers[0].role != "input":
            images = () if checkpoint.task is None else checkpoint.task.images
            name = images[0].name if images else "image"
            kernel = network.get_parameter("convolutions.0.weight").double()
            sizes = kernel.abs().sum(dim=(1, 2, 3)).numpy()
            reach = np.ones(graph.node_count)
            if checkpoint.task is not None:
                reach = record_activations(checkpoint).reach
            mass[: len(sizes)] = sizes * reach[: len(sizes)]
    return name, mass / (mass.sum() or 1.0)


def _embedding(network: Network) -> Tensor | None:
    """Embedding of a network that reads tokens, shape (tokens, residual dimensions)."""
    if isinstance(network, GPT):
        return network.embedding
    if network.kind != "transformer":
        return None
    body: Any = network.get_submodule("inner")
    found: Tensor = body.get_input_embeddings().weight
    return found if found.shape[1] == network.neuron_layers[0].size else None


@lru_cache(maxsize=4)
def _embedding_sizes(checkpoint_id: str, network: Network, task: Task | None) -> Floats | None:
    """Mean of |embedding| of every residual dimension over the tokens of the data."""
    embedding = _embedding(network)
    if embedding is None:
        return None
    tokens = None if task is None else observed(task, "explain").flatten()
    chosen = embedding if tokens is None else embedding[tokens]
    total = torch.zeros(chosen.shape[1], dtype=torch.float64)
    for rows in torch.split(chosen, _ROWS):
        total += rows.abs().double().sum(dim=0)
    return np.asarray((total / len(chosen)).numpy())
