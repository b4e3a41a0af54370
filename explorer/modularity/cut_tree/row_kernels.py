"""Compressed rows of a graph, which contractions may edit.

A *row* is the slice of arcs that leave one node. The two arcs of an edge are *mates*. A row only
ever loses arcs at its front: the arc to be removed changes places with the first one.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Indices = NDArray[np.int32]


class Layout(NamedTuple):
    """The rows of a graph, without weights."""

    start: Ints  # by node: its row is start[x] .. start[x + 1]
    head: Indices  # by arc: the node that it enters
    mate: Indices  # by arc: the other direction of the edge
    edge: Indices  # by arc


class Rows(NamedTuple):
    """Weighted rows that can be edited, with room behind the last one for new rows.

    An item is a node, or what a contraction put in the place of several.
    """

    first: Ints  # by item: its row is first .. end
    end: Ints
    head: Indices  # by arc: the item that it enters
    mate: Indices  # by arc: the other direction of the edge
    residual: Ints  # by arc: capacity, less the flow in it
    logged: NDArray[np.uint8]  # by arc: 1 while it is in `changed`
    changed: Indices  # arcs whose residual differs from the capacity


@njit(cache=True)
def layout(n: int, u: Ints, v: Ints) -> Layout:
    """Lay out the rows of a graph; self-loops are left out."""
    start = np.zeros(n + 2, np.int64)
    for e in range(len(u)):
        if u[e] != v[e]:
            start[u[e] + 2] += 1
            start[v[e] + 2] += 1
    for x in range(n):
        start[x + 2] += start[x + 1]
    head = np.empty(start[n + 1], np.int32)
    mate = np.empty(start[n + 1], np.int32)
    edge = np.empty(start[n + 1], np.int32)
    for e in range(len(u)):
        a, b = u[e], v[e]
        if a != b:
            there, back = start[a + 1], start[b + 1]
            start[a + 1], start[b + 1] = there + 1, back + 1
            head[there], mate[there], edge[there] = b, back, e
            head[back], mate[back], edge[back] = a, there, e
    return Layout(start[:-1], head, mate, edge)


@njit(cache=True)
def merge_parallel(n: int, edges: int, rows: Layout) -> tuple[Indices, Ints, Ints]:
    """Find the pairs of neighbours, and give each a number.

    The quick certificate of the cut tree looks at one arc at a time, so that it would be wrong
    with parallel edges.

    Returns
    -------
    pair : array of int32, shape (edges,)
        The pair that an edge joins; -1 for self-loops.
    u, v : array of int64
        The pairs.
    """
    pair = np.full(edges, -1, np.int32)
    u = np.empty(len(rows.head) // 2, np.int64)
    v = np.empty(len(rows.head) // 2, np.int64)
    seen_from = np.full(n, -1, np.int64)
    seen_as = np.empty(n, np.int32)
    pairs = 0
    for x in range(n):
        for arc in range(rows.start[x], rows.start[x + 1]):
            y = rows.head[arc]
            if y < x:
                continue
            if seen_from[y] != x:
                seen_from[y], seen_as[y] = x, pairs
                u[pairs], v[pairs] = x, y
                pairs += 1
            pair[rows.edge[arc]] = seen_as[y]
    return pair, u[:pairs], v[:pairs]


@njit(cache=True)
def add_up(pair: Indices, weight: Ints, pairs: int) -> Ints:
    """Add up the weights of parallel edges."""
    total = np.zeros(pairs, np.int64)
    for e in range(len(pair)):
        if pair[e] >= 0:
            total[pair[e]] += weight[e]
    return total


@njit(cache=True)
def peel_leaves(n: int, u: Ints, v: Ints, weight: Ints) -> tuple[Ints, Indices, Indices, int]:
    """Take nodes of one edge away, again and again.

    Such a node is a minimum cut between itself and its neighbour, and goes with the neighbour in
    every other cut. The exclusive or of a node's edges is its edge once only one is left, so that
    no rows are needed.

    Returns
    -------
    degree : array of int, shape (n,)
        Weighted degree of what is left; -1 for nodes that were taken away.
    leaf, support : array of int, shape (n,)
        The nodes in the order in which they went, and the neighbours they hung on.
    count : int
        How many went; the rest of `leaf` and `support` is not set.
    """
    degree = np.zeros(n, np.int64)
    edges = np.zeros(n, np.int64)
    mixed = np.zeros(n, np.int64)
    for e in range(len(u)):
        a, b, w = u[e], v[e], weight[e]
        if a != b and w > 0:
            degree[a] += w
            degree[b] += w
            edges[a] += 1
            edges[b] += 1
            mixed[a] ^= e
            mixed[b] ^= e
    leaf = np.empty(n, np.int32)
    support = np.empty(n, np.int32)
    count = 0
    for start in range(n):
        x = start
        while edges[x] == 1:
            e = mixed[x]
            y = v[e] if u[e] == x else u[e]
            leaf[count], support[count] = x, y
            count += 1
            edges[x], degree[x] = 0, -1
            edges[y] -= 1
            degree[y] -= weight[e]
            mixed[y] ^= e
            # A support that comes later in the scan is seen there.
            x = y if y < start else x
    return degree, leaf, support, count


@njit(cache=True)
def empty_rows(nodes: int, arcs: int) -> Rows:
    """Make room for a graph and for what a typical number of contractions adds."""
    size = arcs + arcs // 4 + 1024
    return Rows(
        np.empty(3 * nodes, np.int64),
        np.empty(3 * nodes, np.int64),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int64),
        np.zeros(size, np.uint8),
        np.empty(size // 2 + 1, np.int32),
    )


@njit(cache=True)
def fill_rows(source: Layout, weight: Ints, edited: bool, rows: Rows) -> None:
    """Write a graph into rows; unless they were edited, only the weights."""
    arcs = len(source.head)
    if edited:
        nodes = len(source.start) - 1
        rows.first[:nodes] = source.start[:-1]
        rows.end[:nodes] = source.start[1:]
        rows.head[:arcs] = source.head
        rows.mate[:arcs] = source.mate
    residual, edge = rows.residual, source.edge
    for arc in range(arcs):
        residual[arc] = weight[edge[arc]]


@njit(cache=True)
def drop_arc(arc: int, item: int, rows: Rows) -> None:
    """Take an arc out of the row of an item; the mate is the caller's concern."""
    front = rows.first[item]
    if arc != front:
        rows.head[arc] = rows.head[front]
        rows.residual[arc] = rows.residual[front]
        rows.mate[arc] = rows.mate[front]
        rows.mate[rows.mate[front]] = arc
    rows.first[item] = front + 1


@njit(cache=True)
def with_room(rows: Rows, used: int, needed: int) -> Rows:
    """Give rows in which at least `needed` arcs are free behind the first `used` ones."""
    if used + needed <= len(rows.head):
        return rows
    size = (used + needed) * 3 // 2
    head = np.empty(size, np.int32)
    mate = np.empty(size, np.int32)
    residual = np.empty(size, np.int64)
    head[:used] = rows.head[:used]
    mate[:used] = rows.mate[:used]
    residual[:used] = rows.residual[:used]
    logged = np.zeros(size, np.uint8)
    changed = np.empty(size // 2 + 1, np.int32)
    return Rows(rows.first, rows.end, head, mate, residual, logged, changed)
