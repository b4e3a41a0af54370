"""Cut a tree into parts of small n-cut, compiled."""

import numpy as np
from numba import njit

from explorer.network.graph import Floats, Ints


@njit(cache=True)
def lowest_common_ancestors(parent: Ints, depth: Ints, u: Ints, v: Ints) -> Ints:
    """Lowest common ancestor in a rooted tree of each pair of nodes, by walking up."""
    result = np.empty(len(u), dtype=np.int64)
    for edge in range(len(u)):
        a, b = u[edge], v[edge]
        while a != b:
            if depth[a] < depth[b]:
                a, b = b, a
            a = parent[a]
        result[edge] = a
    return result


@njit(cache=True)
def greedy_n_cut(
    parent: Ints, order: Ints, meeting: Ints, u: Ints, v: Ints, mass: Floats, count: int
) -> Ints:
    """Remove tree edges one by one, each time the one after which the n-cut is least.

    Parameters
    ----------
    parent : array of int, shape (nodes,)
        The tree; -1 at the root.
    order : array of int, shape (nodes,)
        Every node after its parent.
    meeting : array of int, shape (edges,)
        Lowest common ancestor of the two ends of every edge of the graph.
    u, v, mass : arrays, shape (edges,)
        The graph.
    count : int
        Parts wanted; fewer where the tree has fewer nodes.

    Returns
    -------
    array of int, shape (nodes,)
        Part of every node.
    """
    n = len(parent)
    top = np.zeros(n, dtype=np.int64)  # the highest node of the part that a node is in
    removed = np.zeros(n, dtype=np.bool_)
    root = order[0]
    removed[root] = True
    top[:] = root
    for _ in range(min(count, n) - 1):
        # Of the part of every node: twice the mass inside, and the volume, at and below the node.
        inside, volume = np.zeros(n), np.zeros(n)
        for edge in range(len(u)):
            volume[u[edge]] += mass[edge]
            volume[v[edge]] += mass[edge]
            if top[u[edge]] == top[v[edge]]:
                inside[meeting[edge]] += 2.0 * mass[edge]
        for at in range(n - 1, 0, -1):
            node = order[at]
            if not removed[node]:
                inside[parent[node]] += inside[node]
                volume[parent[node]] += volume[node]
        # What stays inside the rest of a part is what does not touch the side that is cut off.
        touching = np.zeros(n)
        _touching(parent, order, removed, meeting, top, u, v, mass, touching)
        best, best_value = -1, -np.inf
        for at in range(1, n):
            node = order[at]
            if removed[node]:
                continue
            whole = top[node]
            rest = volume[whole] - volume[node]
            if volume[node] <= 0.0 or rest <= 0.0:
                continue
            kept = inside[whole] - inside[node] - 2.0 * touching[node]
            value = inside[node] / volume[node] + kept / rest - inside[whole] / volume[whole]
            if value > best_value:
                best, best_value = node, value
        if best < 0:
            break
        removed[best] = True
        for at in range(n):
            node = order[at]
            top[node] = node if removed[node] else top[parent[node]]
    labels = np.empty(n, dtype=np.int64)
    names = np.full(n, -1, dtype=np.int64)
    used = 0
    for at in range(n):
        node = order[at]
        if names[top[node]] < 0:
            names[top[node]] = used
            used += 1
        labels[node] = names[top[node]]
    return labels


@njit(cache=True)
def _touching(
    parent: Ints,
    order: Ints,
    removed: np.ndarray,
    meeting: Ints,
    top: Ints,
    u: Ints,
    v: Ints,
    mass: Floats,
    result: Floats,
) -> None:
    """Mass, within a part, of the edges that the tree edge above each node separates."""
    for edge in range(len(u)):
        if top[u[edge]] == top[v[edge]]:
            result[u[edge]] += mass[edge]
            result[v[edge]] += mass[edge]
            result[meeting[edge]] -= 2.0 * mass[edge]
    for at in range(len(order) - 1, 0, -1):
        node = order[at]
        if not removed[node]:
            result[parent[node]] += result[node]
