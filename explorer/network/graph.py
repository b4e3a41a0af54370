"""The weighted graph of a network: neurons are nodes, weights are edges with a mass."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.errors import GraphError
from explorer.network.checkpoint import Checkpoint
from explorer.network.weightings import edge_masses

if TYPE_CHECKING:
    import networkx as nx

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """A set of neurons side by side: ``role`` is input, hidden or output."""

    name: str
    role: str
    size: int


@dataclass(frozen=True, eq=False)
class EdgeBlock:
    """The edges from one layer to another: ``mass`` has shape (target size, source size)."""

    source: int
    target: int
    mass: Floats


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
    id : str
        Hash of the layers and masses.
    """

    layers: tuple[Layer, ...]
    blocks: tuple[EdgeBlock, ...]
    names: tuple[str, ...] = field(repr=False)
    weighting: str
    checkpoint: Checkpoint | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.names) != sum(layer.size for layer in self.layers):
            raise GraphError(
                f"found {len(self.names)} names for {sum(x.size for x in self.layers)} nodes; "
                f"expected one each"
            )
        for block in self.blocks:
            shape = (self.layers[block.target].size, self.layers[block.source].size)
            if block.mass.shape != shape:
                raise GraphError(f"found edge masses of shape {block.mass.shape}; expected {shape}")
            if not (np.isfinite(block.mass).all() and (block.mass >= 0).all()):
                raise GraphError("found edge masses that are negative or not finite; expected >= 0")
            block.mass.setflags(write=False)

    @property
    def checkpoint_id(self) -> str | None:
        """Id of the checkpoint that this graph was made from."""
        return None if self.checkpoint is None else self.checkpoint.id

    @cached_property
    def id(self) -> str:
        """Hash of the layers and masses."""
        digest = hashlib.sha256(repr((self.layers, self.weighting)).encode())
        for block in self.blocks:
            digest.update(f"{block.source},{block.target}".encode())
            digest.update(block.mass.tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def offsets(self) -> Ints:
        """First node of every layer, and the count of all nodes at the end."""
        return np.cumsum([0, *(layer.size for layer in self.layers)], dtype=np.int64)

    @property
    def node_count(self) -> int:
        """Count of nodes."""
        return int(self.offsets[-1])

    @cached_property
    def layer_of(self) -> Ints:
        """The layer of every node."""
        return np.repeat(np.arange(len(self.layers)), [layer.size for layer in self.layers])

    @cached_property
    def edges(self) -> tuple[Ints, Ints, Floats, Ints]:
        """Edges of positive mass: source nodes, target nodes, masses, and the block of each."""
        parts = []
        for index, block in enumerate(self.blocks):
            target, source = np.nonzero(block.mass)
            parts.append(
                (
                    source + self.offsets[block.source],
                    target + self.offsets[block.target],
                    block.mass[target, source],
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
        graph.add_weighted_edges_from(zip(u.tolist(), v.tolist(), mass.tolist(), strict=True))
        return graph


def network_graph(checkpoint: Checkpoint, weighting: str = "activity") -> NetworkGraph:
    """Turn a network into a weighted graph.

    Parameters
    ----------
    checkpoint : Checkpoint
    weighting : {"activity", "path", "layer"}
        How the mass of an edge is made of the weights; see ``explorer.network.weightings`` for
        the formulas. ``activity`` needs a task, and uses its explain split.

    Returns
    -------
    NetworkGraph
        Inputs and outputs are nodes too.

    Raises
    ------
    GraphError
        If the weighting is unknown, or needs data and the checkpoint has no task.

    Examples
    --------
    >>> from explorer import load
    >>> graph = network_graph(load("xor4-modular"))
    >>> [layer.size for layer in graph.layers]
    [8, 32, 32, 8]
    >>> [round(float(block.mass.sum()), 6) for block in graph.blocks]
    [1.0, 1.0, 1.0]
    """
    network, task = checkpoint.network, checkpoint.task
    inputs = None if task is None else task.split("explain").inputs
    masses = edge_masses(network, weighting, inputs)
    last = len(network.widths) - 1
    layers = tuple(
        Layer("inputs", "input", size)
        if index == 0
        else Layer("outputs", "output", size)
        if index == last
        else Layer(f"hidden {index}", "hidden", size)
        for index, size in enumerate(network.widths)
    )
    blocks = tuple(EdgeBlock(i, i + 1, mass.numpy()) for i, mass in enumerate(masses))
    return NetworkGraph(layers, blocks, _names(checkpoint), weighting, checkpoint)


def _names(checkpoint: Checkpoint) -> tuple[str, ...]:
    widths, task = checkpoint.network.widths, checkpoint.task
    inputs = task.inputs if task else tuple(f"input {i + 1}" for i in range(widths[0]))
    outputs = task.outputs if task else tuple(f"output {i + 1}" for i in range(widths[-1]))
    hidden = (
        f"neuron {layer}.{index + 1}"
        for layer, width in enumerate(widths[1:-1], start=1)
        for index in range(width)
    )
    return (*inputs, *hidden, *outputs)
