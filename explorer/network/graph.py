"""The weighted graph of a network: neurons are nodes, weights are edges with a mass."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.errors import GraphError
from explorer.network.architectures import Activity, Layer, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.edge_block import Bools, EdgeBlock, Floats, Ints
from explorer.network.kept_activity import activity_on_data
from explorer.network.node_names import node_names
from explorer.network.pruning import Pruning, pruned_blocks, resolved_keep
from explorer.network.weightings import graph_masses, masses_by_link

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "Bools",
    "EdgeBlock",
    "Floats",
    "Ints",
    "Layer",
    "NetworkGraph",
    "Pruning",
    "graph_from_masses",
    "network_graph",
]

LARGE, MANY_EDGES = 10_000, 500_000


@dataclass(frozen=True, eq=False)
class NetworkGraph:
    """Neurons and the masses of the weights between them.

    Nodes are numbered through all layers: those of layer l are ``offsets[l]`` to
    ``offsets[l + 1]``.

    Attributes
    ----------
    layers : tuple of Layer
    blocks : tuple of EdgeBlock
        One for every weight matrix; the masses of a block add up to 1 (or are all 0).
    names : tuple of str
        Name of every node, for people.
    weighting : str
        How masses were made of weights; see ``explorer.network.weightings``.
    checkpoint : Checkpoint or None
        What the graph was made from; None for a graph made by hand.
    pruning : Pruning or None
        What was left out; None where nothing was.
    activity : Activity or None
        What the network did on data, where a pruned graph was weighted by it.
    id : str
        Hash of the layers and masses.
    """

    layers: tuple[Layer, ...]
    blocks: tuple[EdgeBlock, ...]
    names: tuple[str, ...] = field(repr=False)
    weighting: str
    checkpoint: Checkpoint | None = field(default=None, repr=False, compare=False)
    pruning: Pruning | None = None
    activity: Activity | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.names) != sum(layer.size for layer in self.layers):
            raise GraphError(
                f"found {len(self.names)} names for {sum(x.size for x in self.layers)} nodes; "
                f"expected one each"
            )
        for block in self.blocks:
            block.check((self.layers[block.target].size, self.layers[block.source].size))

    @property
    def checkpoint_id(self) -> str | None:
        """Id of the checkpoint that this graph was made from."""
        return None if self.checkpoint is None else self.checkpoint.id

    @cached_property
    def id(self) -> str:
        """Hash of the layers and masses."""
        digest = hashlib.sha256(repr((self.layers, self.weighting)).encode())
        for block in self.blocks:
            block.update(digest)
        return digest.hexdigest()[:16]

    @cached_property
    def offsets(self) -> Ints:
        """First node of every layer, and the count of all nodes at the end."""
        return np.cumsum([0, *(layer.size for layer in self.layers)], dtype=np.int64)

    @property
    def node_count(self) -> int:
        """Count of nodes."""
        return int(self.offsets[-1])

    @property
    def is_large(self) -> bool:
        """Whether it has more than 10,000 nodes or 500,000 edges: searches take shortcuts."""
        return self.node_count > LARGE or self.edge_count > MANY_EDGES

    @cached_property
    def edge_count(self) -> int:
        """Count of edges of positive mass."""
        return sum(block.count for block in self.blocks)

    @cached_property
    def layer_of(self) -> Ints:
        """The layer of every node."""
        return np.repeat(np.arange(len(self.layers)), [layer.size for layer in self.layers])

    @cached_property
    def edges(self) -> tuple[Ints, Ints, Floats, Ints]:
        """Edges of positive mass: source nodes, target nodes, masses, and the block of each."""
        parts = []
        for index, block in enumerate(self.blocks):
            target, source, mass = block.coordinates()
            parts.append(
                (
                    source + self.offsets[block.source],
                    target + self.offsets[block.target],
                    mass,
                    np.full(len(source), index),
                )
            )
        if not parts:
            empty = np.empty(0, dtype=np.int64)
            return empty, empty, np.empty(0), empty
        u, v, mass, block_of = (np.concatenate(column) for column in zip(*parts, strict=True))
        return u, v, mass, block_of

    @cached_property
    def degrees(self) -> Floats:
        """Sum of the masses of all edges at each node."""
        u, v, mass, _ = self.edges
        count = self.node_count
        return np.asarray(np.bincount(u, mass, count) + np.bincount(v, mass, count), np.float64)

    def to_networkx(self) -> "nx.Graph":
        """Undirected networkx graph with attributes ``name``, ``layer``, ``index``, ``role``.

        Edges carry ``weight``; those of mass 0 are left out.

        Examples
        --------
        >>> from explorer import load, network_graph
        >>> graph = network_graph(load("xor4-modular"), weighting="path").to_networkx()
        >>> len(graph), graph.nodes[0]["role"]
        (80, 'input')
        """
        import networkx as nx

        graph: nx.Graph = nx.Graph(weighting=self.weighting, id=self.id)
        for node, layer in enumerate(self.layer_of.tolist()):
            graph.add_node(
                node,
                name=self.names[node],
                layer=layer,
                index=node - int(self.offsets[layer]),
                role=self.layers[layer].role,
            )
        u, v, mass, _ = self.edges
        # A transformer's dimension and head lead into each other: both masses join in one edge.
        ends = np.sort(np.stack([u, v]), axis=0)
        pairs, at = np.unique(ends, axis=1, return_inverse=True)
        joint = np.bincount(at.reshape(-1), mass, pairs.shape[1])
        graph.add_weighted_edges_from(zip(*pairs.tolist(), joint.tolist(), strict=True))
        return graph


def network_graph(
    checkpoint: Checkpoint,
    weighting: str = "activity",
    keep: int | float | None = None,
    progress: Callable[[float], None] | None = None,
    activity: Activity | None = None,
) -> NetworkGraph:
    """Turn a network into a weighted graph.

    Parameters
    ----------
    checkpoint : Checkpoint
    weighting : {"activity", "path", "layer"}
        How the mass of an edge is made of the weights; see ``explorer.network.weightings`` for
        the formulas. ``activity`` needs a task, and uses its explain split (of a text, the
        first so many examples, which are thousands of tokens); see ``activity_on_data``.
    keep : int or float, optional
        Which edges to keep: a number for every neuron, or a share of the mass; see ``Pruning``.
        By default all of up to 2,000,000, and of more the 32 strongest of every neuron.
    progress : callable, optional
        Called with the share that is done; what it raises stops the work.
    activity : Activity, optional
        What the network does on data, where that has been measured before (see
        ``NetworkGraph.activity``); for a pruned graph.

    Returns
    -------
    NetworkGraph
        Inputs and outputs of an MLP are nodes too; a GPT's residual dimensions are, one for all
        depths, and its embeddings are not.

    Raises
    ------
    GraphError
        If the weighting is unknown, or needs data and the checkpoint has no task, or ``keep`` is
        neither a number of edges nor a share.

    Examples
    --------
    >>> from explorer import load
    >>> graph = network_graph(load("xor4-modular"))
    >>> [layer.size for layer in graph.layers]
    [8, 32, 32, 8]
    >>> [round(float(block.mass.sum()), 6) for block in graph.blocks]
    [1.0, 1.0, 1.0]
    >>> pruned = network_graph(load("xor4-modular"), keep=4)
    >>> pruned.pruning.edges < pruned.pruning.all_edges
    True
    """
    network, task = checkpoint.network, checkpoint.task
    wanted = resolved_keep(network, keep)
    if weighting != "activity":
        activity = None
    elif task is not None and activity is None:
        activity = activity_on_data(checkpoint, part_of(progress, 0.0, 0.9))
        progress = part_of(progress, 0.9, 1.0)
    if wanted is None:
        with torch.no_grad():
            masses = graph_masses(network, weighting, activity, double=True)
        return graph_from_masses(network, masses, weighting, checkpoint)
    by_link = masses_by_link(network, weighting, activity)
    blocks, pruning = pruned_blocks(network, by_link, wanted, progress)
    names = node_names(network, task)
    return NetworkGraph(
        network.neuron_layers, blocks, names, weighting, checkpoint, pruning, activity
    )


def part_of(
    progress: Callable[[float], None] | None, start: float, end: float
) -> Callable[[float], None] | None:
    """Report on a part of the work: its shares as shares of the whole.

    Examples
    --------
    >>> part_of(print, 0.5, 1.0)(0.5)
    0.75
    """
    if progress is None:
        return None
    return lambda share: progress(start + share * (end - start))


def graph_from_masses(
    network: Network,
    masses: Sequence[Tensor],
    weighting: str,
    checkpoint: Checkpoint | None = None,
) -> NetworkGraph:
    """Make the graph of a network from edge masses, one matrix a link.

    Parameters
    ----------
    network : Network
    masses : sequence of Tensor, shape (target neurons, source neurons)
    weighting : str
        How the masses were made.
    checkpoint : Checkpoint, optional
        What they were made from.
    """
    blocks = tuple(
        EdgeBlock(source, target, mass.detach().double().numpy())
        for (source, target), mass in zip(network.links, masses, strict=True)
    )
    names = node_names(network, None if checkpoint is None else checkpoint.task)
    return NetworkGraph(network.neuron_layers, blocks, names, weighting, checkpoint)
