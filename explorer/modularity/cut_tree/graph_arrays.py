"""A graph as arrays of edges: what the engine computes on, whatever the graph came as."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import GraphError
from explorer.network.graph import Floats, Ints, NetworkGraph

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class GraphArrays:
    """Edges of an undirected graph.

    Attributes
    ----------
    nodes : tuple
        The nodes, as they are called in the graph; the arrays count them from 0.
    u, v : array of int, shape (edges,)
        The two ends of every edge.
    capacity : array of float, shape (edges,)
    source_id : str or None
        Id of the graph, where it has one.
    names : tuple of str
        Name of every node for people.
    """

    nodes: tuple[Hashable, ...]
    u: Ints
    v: Ints
    capacity: Floats
    source_id: str | None
    names: tuple[str, ...]

    @property
    def degrees(self) -> Floats:
        """Sum of the capacities at every node; self-loops do not count."""
        n = len(self.nodes)
        proper = np.where(self.u == self.v, 0.0, self.capacity)
        return np.asarray(np.bincount(self.u, proper, n) + np.bincount(self.v, proper, n))


def graph_arrays(graph: "NetworkGraph | nx.Graph") -> GraphArrays:
    """Return the edges of a graph as arrays.

    Parameters
    ----------
    graph : NetworkGraph or networkx.Graph
        Of a networkx graph the attribute ``capacity`` of an edge counts, else ``weight``, else 1.

    Returns
    -------
    GraphArrays

    Raises
    ------
    GraphError
        If the graph is directed, or a capacity is no number.
    """
    if isinstance(graph, NetworkGraph):
        u, v, mass, _ = graph.edges
        return GraphArrays(tuple(range(graph.node_count)), u, v, mass, graph.id, graph.names)
    if graph.is_directed():
        raise GraphError("found a directed graph; expected an undirected one")
    places = {node: place for place, node in enumerate(graph)}
    ends, values = [], []
    for a, b, data in graph.edges(data=True):
        ends.append((places[a], places[b]))
        values.append(_as_number(data.get("capacity", data.get("weight", 1.0)), a, b))
    u, v = np.asarray(ends, dtype=np.int64).reshape(-1, 2).T
    capacity = np.asarray(values, dtype=np.float64)
    return GraphArrays(tuple(places), u, v, capacity, None, tuple(str(node) for node in places))


def _as_number(value: Any, a: Hashable, b: Hashable) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as problem:
        raise GraphError(
            f"found capacity {value!r:.40} at the edge {a!r:.40} - {b!r:.40}; expected a number"
        ) from problem
