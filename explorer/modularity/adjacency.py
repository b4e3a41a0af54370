"""The neighbours of every node, and its slots, in compressed rows."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from explorer.network.graph import Floats, Ints, NetworkGraph

Indices = NDArray[np.int32]


@dataclass(frozen=True)
class Adjacency:
    """A symmetric adjacency matrix and the slots of every node.

    A *slot* is one side of a block of edges: slot 2b holds the sources of block b, slot 2b + 1 its
    targets.

    Attributes
    ----------
    matrix : sparse array, shape (nodes, nodes)
    starts, neighbours : array of int
        Row starts and columns of ``matrix``.
    slot_starts, slots, slot_degrees : arrays
        The slots that node v is in, from slot_starts[v] to slot_starts[v + 1], and its mass there.
    """

    matrix: "sparse.csr_array[np.float64]"
    starts: Ints
    neighbours: Indices
    slot_starts: Ints
    slots: Ints
    slot_degrees: Floats


_MADE: WeakKeyDictionary[NetworkGraph, Adjacency] = WeakKeyDictionary()


def adjacency_of(graph: NetworkGraph) -> Adjacency:
    """Return the adjacency of a graph; that of a large one is kept as long as the graph is."""
    if graph in _MADE:
        return _MADE[graph]
    made = _adjacency(graph)
    if graph.is_large:
        _MADE[graph] = made
    return made


def _adjacency(graph: NetworkGraph) -> Adjacency:
    u, v, mass, _ = graph.edges
    n = graph.node_count
    ends = u.astype(np.int32), v.astype(np.int32)  # half as much memory to go through
    half = sparse.coo_array((mass, ends), shape=(n, n)).tocsr()
    matrix = sparse.csr_array(half + half.T)
    nodes, slots, degrees = _slots(graph)
    order = np.lexsort((slots, nodes))
    return Adjacency(
        matrix=matrix,
        starts=matrix.indptr.astype(np.int64),
        neighbours=matrix.indices.astype(np.int32),
        slot_starts=np.concatenate([[0], np.cumsum(np.bincount(nodes, minlength=n))]),
        slots=slots[order],
        slot_degrees=degrees[order],
    )


def _slots(graph: NetworkGraph) -> tuple[Ints, Ints, Floats]:
    """Node, slot and mass of every node in every slot where it has an edge."""
    nodes, slots = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    degrees: list[Floats] = [np.empty(0)]
    for index, block in enumerate(graph.blocks):
        target, source, mass = block.coordinates()
        for slot, layer, ends in ((0, block.source, source), (1, block.target, target)):
            sums = np.bincount(ends, mass, graph.layers[layer].size).astype(np.float64)
            used = np.flatnonzero(sums > 0)
            nodes.append(used + graph.offsets[layer])
            slots.append(np.full(len(used), 2 * index + slot))
            degrees.append(sums[used])
    return np.concatenate(nodes), np.concatenate(slots), np.concatenate(degrees)
