"""Maximum flows by a plain Dinic algorithm over the whole graph, to check other results with."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@njit(cache=True)
def maximum_flows(n: int, u: Ints, v: Ints, capacity: Ints, source: Ints, sink: Ints) -> Ints:
    """Give the values of the maximum flows between pairs of nodes of an undirected graph.

    Arcs 2 e and 2 e + 1 are the two directions of edge e, in linked lists by tail.
    """
    edges = len(u)
    last = np.full(n, -1, np.int64)
    next_arc = np.empty(2 * edges, np.int64)
    head = np.empty(2 * edges, np.int64)
    for e in range(edges):
        head[2 * e], head[2 * e + 1] = v[e], u[e]
        next_arc[2 * e], last[u[e]] = last[u[e]], 2 * e
        next_arc[2 * e + 1], last[v[e]] = last[v[e]], 2 * e + 1
    residual = np.empty(2 * edges, np.int64)
    cursor = np.empty(n, np.int64)
    value = np.empty(len(source), np.int64)
    for k in range(len(source)):
        for e in range(edges):
            residual[2 * e] = residual[2 * e + 1] = capacity[e]
        total = 0
        while True:
            level = levels(source[k], sink[k], last, next_arc, head, residual)
            if level[sink[k]] < 0:
                break
            cursor[:] = last
            total += blocking_flow(source[k], sink[k], level, cursor, next_arc, head, residual)
        value[k] = total
    return value


@njit(cache=True)
def levels(source: int, sink: int, last: Ints, next_arc: Ints, head: Ints, residual: Ints) -> Ints:
    """Give the nodes levels, their distances from the source, -1 where it cannot reach."""
    level = np.full(len(last), -1, np.int64)
    queue = np.empty(len(last), np.int64)
    level[source] = 0
    queue[0], size, at = source, 1, 0
    while at < size and level[sink] < 0:
        x = queue[at]
        at += 1
        arc = last[x]
        while arc >= 0:
            y = head[arc]
            if residual[arc] > 0 and level[y] < 0:
                level[y] = level[x] + 1
                queue[size] = y
                size += 1
            arc = next_arc[arc]
    return level


@njit(cache=True)
def blocking_flow(
    source: int, sink: int, level: Ints, cursor: Ints, next_arc: Ints, head: Ints, residual: Ints
) -> int:
    """Send flow along shortest paths until none is left."""
    path = np.empty(len(level), np.int64)
    total, depth, x = 0, 0, source
    while True:
        if x == sink:
            amount = residual[path[0]]
            for at in range(1, depth):
                amount = min(amount, residual[path[at]])
            for at in range(depth):
                residual[path[at]] -= amount
                residual[path[at] ^ 1] += amount
            total += amount
            depth, x = 0, source
        arc = cursor[x]
        while arc >= 0 and not (residual[arc] > 0 and level[head[arc]] == level[x] + 1):
            arc = next_arc[arc]
        cursor[x] = arc
        if arc >= 0:
            path[depth] = arc
            depth += 1
            x = head[arc]
        elif x == source:
            return total
        else:
            depth -= 1
            x = head[path[depth] ^ 1]
            cursor[x] = next_arc[path[depth]]
