"""Compressed rows of a graph, and the rows ordered by degree that the cut tree works on.

A *row* is the slice of arcs that leave one node. The two arcs of an edge are *mates*. A row only
ever loses arcs at its front: the arc to be removed changes places with the first one. While nodes
leave in the order of the rows, the arc to be removed is the first one already, and removal is one
comparison and one increment.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Rows(NamedTuple):
    """Arcs in rows, with room behind the last row for those that contractions create.

    An item is a node, or what a contraction put in the place of several.
    """

    first: NDArray[np.int64]  # by item: its row is first .. end
    end: NDArray[np.int64]
    head: NDArray[np.int32]  # by arc: the item that it enters
    mate: NDArray[np.int32]  # by arc: the other direction of the edge
    residual: NDArray[np.int64]  # by arc: capacity, less the flow in it
    logged: NDArray[np.uint8]  # by arc: 1 while it is in `changed`
    changed: NDArray[np.int32]  # arcs whose residual differs from the capacity


def empty_rows(nodes: int, arcs: int) -> Rows:
    """Make room for the rows of a graph and for what a typical number of contractions adds."""
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
def compressed_rows(
    n: int, u: NDArray[np.int64], v: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Give the rows of a graph: where each starts, its neighbours and their edges."""
    start = np.zeros(n + 1, np.int64)
    for e in range(len(u)):
        if u[e] != v[e]:
            start[u[e] + 1] += 1
            start[v[e] + 1] += 1
    for x in range(n):
        start[x + 1] += start[x]
    neighbour = np.empty(start[n], np.int32)
    edge = np.empty(start[n], np.int32)
    at = start[:-1].copy()
    for e in range(len(u)):
        a, b = u[e], v[e]
        if a != b:
            neighbour[at[a]], edge[at[a]] = b, e
            at[a] += 1
            neighbour[at[b]], edge[at[b]] = a, e
            at[b] += 1
    return start, neighbour, edge


@njit(cache=True)
def peel_leaves(
    n: int, u: NDArray[np.int64], v: NDArray[np.int64], weight: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], int]:
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
def ranked_rows(
    nodes: NDArray[np.int64],
    rank: NDArray[np.int32],
    start: NDArray[np.int64],
    neighbour: NDArray[np.int32],
    edge: NDArray[np.int32],
    weight: NDArray[np.int64],
    rows: Rows,
) -> int:
    """Write rows over the ranks of the nodes, each sorted by rank, parallel edges merged.

    Ranks are visited upwards, and each writes itself into the rows of its neighbours. When rank r
    has its turn, the lower part of its row is complete and sorted: those neighbours get the arc
    back to r, and both mates are known. Merging is essential, since the quick certificate looks
    at one arc at a time.

    Returns
    -------
    int
        The first arc that no row uses.
    """
    first, end = rows.first, rows.end
    head, mate, residual = rows.head, rows.mate, rows.residual
    used = 0
    for r in range(len(nodes)):
        first[r] = end[r] = used
        used += start[nodes[r] + 1] - start[nodes[r]]
    for r in range(len(nodes)):
        for arc in range(first[r], end[r]):
            x = head[arc]
            back = end[x]
            end[x] = back + 1
            head[back], residual[back], mate[back] = r, residual[arc], arc
            mate[arc] = back
        for at in range(start[nodes[r]], start[nodes[r] + 1]):
            x = rank[neighbour[at]]
            if x > r and weight[edge[at]] > 0:
                arc = end[x]
                if arc > first[x] and head[arc - 1] == r:
                    residual[arc - 1] += weight[edge[at]]
                else:
                    head[arc], residual[arc] = r, weight[edge[at]]
                    end[x] = arc + 1
    return used


@njit(cache=True)
def drop_arc(arc: int, row: int, rows: Rows) -> None:
    """Take an arc out of its row; the mate is the caller's concern."""
    front = rows.first[row]
    if arc != front:
        rows.head[arc] = rows.head[front]
        rows.residual[arc] = rows.residual[front]
        rows.mate[arc] = rows.mate[front]
        rows.mate[rows.mate[front]] = arc
    rows.first[row] = front + 1


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
