"""Partitions of a network's neurons into modules, and the interfaces between modules."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from explorer.errors import PartitionError
from explorer.network.graph import Floats, Ints, NetworkGraph

UNATTACHED = -1


@dataclass(frozen=True)
class Module:
    """A set of neurons, one block of a partition.

    Attributes
    ----------
    name : str
        A letter: A for the module of the largest volume, then B, C, ...
    index : int
        Its label in ``Partition.labels``.
    nodes : tuple of int
        Its nodes, by their number in the graph.
    volume : float
        Sum of its nodes' weighted degrees, as a share of the whole graph's.
    inside : float
        Mass of the edges inside it, as a share of the mass of all edges at its nodes.
    partition : Partition
    """

    name: str
    index: int
    nodes: tuple[int, ...]
    volume: float
    inside: float
    partition: "Partition" = field(repr=False, compare=False)

    @property
    def partition_id(self) -> str:
        """Id of the partition that the module belongs to."""
        return self.partition.id


@dataclass(frozen=True)
class Interface:
    """The weights between two modules.

    Attributes
    ----------
    name : str
        The two modules' names, as in ``A-B``.
    first, second : int
        Labels of the two modules, ``first < second``.
    mass : float
        Mass of all edges between them, as a share of the whole graph's.
    forward, backward : float
        The part of ``mass`` that leads from the first to the second (in the direction from inputs
        to outputs), and back.
    edge_count : int
        Number of edges of positive mass.
    partition : Partition
    """

    name: str
    first: int
    second: int
    mass: float
    forward: float
    backward: float
    edge_count: int
    partition: "Partition" = field(repr=False, compare=False)

    @property
    def partition_id(self) -> str:
        """Id of the partition that the interface belongs to."""
        return self.partition.id


@dataclass(frozen=True, eq=False)
class Partition:
    """Every node's module.

    Attributes
    ----------
    graph : NetworkGraph
    labels : array of int, shape (nodes,)
        Module of every node, 0 for the module of the largest volume; -1 for a node without any
        edge, which belongs nowhere.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> partition = find_modules(network_graph(load("xor4-modular")))
    >>> [module.name for module in partition.modules]
    ['A', 'B', 'C', 'D']
    """

    graph: NetworkGraph
    labels: Ints

    def __post_init__(self) -> None:
        if self.labels.shape != (self.graph.node_count,):
            raise PartitionError(
                f"found labels of shape {self.labels.shape}; expected one for each of "
                f"{self.graph.node_count:,} nodes"
            )
        used = np.unique(self.labels[self.labels >= 0])
        unattached = self.labels < 0
        if len(used) != self.count or (unattached != (self.graph.degrees == 0)).any():
            raise PartitionError(
                "found labels with gaps, or -1 at a node with edges, or a module for one without; "
                "expected those that make_partition makes"
            )
        self.labels.setflags(write=False)

    @cached_property
    def id(self) -> str:
        """Hash of the graph's id and the labels."""
        digest = hashlib.sha256(self.graph.id.encode())
        digest.update(self.labels.astype(np.int64).tobytes())
        return digest.hexdigest()[:16]

    @property
    def count(self) -> int:
        """Number of modules."""
        return int(self.labels.max(initial=UNATTACHED)) + 1

    @cached_property
    def crossing(self) -> Floats:
        """Mass from module to module, shape (count, count); divided by the mass of the graph."""
        u, v, mass, _ = self.graph.edges
        between = np.zeros((self.count, self.count))
        np.add.at(between, (self.labels[u], self.labels[v]), mass)
        return np.asarray(between / max(mass.sum(), np.finfo(float).tiny))

    @cached_property
    def modules(self) -> tuple[Module, ...]:
        """The modules, by falling volume."""
        between = self.crossing
        volumes = between.sum(axis=0) + between.sum(axis=1)
        return tuple(
            Module(
                name=module_name(index),
                index=index,
                nodes=tuple(np.flatnonzero(self.labels == index).tolist()),
                volume=float(volumes[index] / 2),
                inside=float(between[index, index] / (volumes[index] - between[index, index])),
                partition=self,
            )
            for index in range(self.count)
        )

    @cached_property
    def interfaces(self) -> tuple[Interface, ...]:
        """The interfaces over which any mass passes, by falling mass."""
        u, v, _, _ = self.graph.edges
        edges = np.zeros((self.count, self.count), dtype=np.int64)
        np.add.at(edges, (self.labels[u], self.labels[v]), 1)
        found = [
            Interface(
                name=f"{module_name(a)}-{module_name(b)}",
                first=a,
                second=b,
                mass=float(self.crossing[a, b] + self.crossing[b, a]),
                forward=float(self.crossing[a, b]),
                backward=float(self.crossing[b, a]),
                edge_count=int(edges[a, b] + edges[b, a]),
                partition=self,
            )
            for a in range(self.count)
            for b in range(a + 1, self.count)
            if edges[a, b] + edges[b, a] > 0
        ]
        return tuple(sorted(found, key=lambda interface: -interface.mass))

    def module(self, name: str) -> Module:
        """Look a module up by its name.

        Raises
        ------
        PartitionError
            If there is none of this name.
        """
        for module in self.modules:
            if module.name == name:
                return module
        known = ", ".join(module.name for module in self.modules)
        raise PartitionError(f"found no module {name!r:.40}; expected one of {known}")

    def interface(self, name: str) -> Interface:
        """Look an interface up by its name, such as ``A-B``.

        Raises
        ------
        PartitionError
            If nothing passes between two modules of these names.
        """
        for interface in self.interfaces:
            if interface.name == name:
                return interface
        known = ", ".join(interface.name for interface in self.interfaces) or "none: there are none"
        raise PartitionError(f"found no interface {name!r:.40}; expected one of {known}")


def make_partition(graph: NetworkGraph, labels: Sequence[int] | Ints) -> Partition:
    """Make a partition of any labels: modules are numbered by falling volume.

    Parameters
    ----------
    graph : NetworkGraph
    labels : sequence of int, shape (nodes,)
        Any number a module. Nodes without an edge become unattached, whatever their label.

    Returns
    -------
    Partition
    """
    given = np.asarray(labels, dtype=np.int64).copy()
    if given.shape != (graph.node_count,):
        raise PartitionError(
            f"found labels of shape {given.shape}; expected one for each of {graph.node_count:,} "
            f"nodes"
        )
    attached = graph.degrees > 0
    result = np.full(graph.node_count, UNATTACHED, dtype=np.int64)
    if attached.any():
        _, compact = np.unique(given[attached], return_inverse=True)
        volumes = np.bincount(compact, graph.degrees[attached])
        rank = np.empty(len(volumes), dtype=np.int64)
        rank[np.argsort(-volumes, kind="stable")] = np.arange(len(volumes))
        result[attached] = rank[compact]
    return Partition(graph, result)


def module_name(index: int) -> str:
    """Name of the module with this label: A to Z, then AA, AB, ...

    Examples
    --------
    >>> [module_name(index) for index in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
