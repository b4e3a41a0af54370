"""Rooted trees and sums over their paths, in heavy chains.

A *heavy chain* follows the child with the largest subtree. A path meets O(log n) chains, and all
but the topmost in a piece that reaches to the top of the chain, so that sums over paths need
additions of positive terms only.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Floats = NDArray[np.float64]


class Chains(NamedTuple):
    """A rooted tree, cut into heavy chains; arrays by node."""

    parent: Ints
    order: Ints  # nodes, each behind its parent
    depth: Ints
    top: Ints  # first node of the chain
    position: Ints  # chains lie one behind the other, each from the top down


@njit(cache=True)
def oriented(n: int, ends: Indices, root: int) -> Ints:
    """Give the parents in the tree whose edge k joins ends[2 k] and ends[2 k + 1]."""
    start = np.zeros(n + 2, np.int64)
    for x in ends:
        start[x + 2] += 1
    for x in range(n):
        start[x + 2] += start[x + 1]
    other = np.empty(len(ends), np.int64)
    for k in range(len(ends)):
        x = ends[k]
        other[start[x + 1]] = ends[k ^ 1]
        start[x + 1] += 1
    parent = np.full(n, -1, np.int64)
    stack = np.empty(n, np.int64)
    stack[0], size = root, 1
    while size > 0:
        size -= 1
        x = stack[size]
        for at in range(start[x], start[x + 1]):
            y = other[at]
            if y != parent[x]:
                parent[y] = x
                stack[size] = y
                size += 1
    return parent


@njit(cache=True)
def parents_first(parent: Ints) -> Ints:
    """Order the nodes so that each comes behind its parent; shorter if there is a cycle."""
    n = len(parent)
    start = np.zeros(n + 2, np.int64)
    for x in range(n):
        if parent[x] >= 0:
            start[parent[x] + 2] += 1
    for x in range(n):
        start[x + 2] += start[x + 1]
    child = np.empty(n, np.int64)
    order = np.empty(n, np.int64)
    size = 0
    for x in range(n):
        if parent[x] >= 0:
            child[start[parent[x] + 1]] = x
            start[parent[x] + 1] += 1
        else:
            order[size] = x
            size += 1
    at = 0
    while at < size:
        x = order[at]
        for c in range(start[x], start[x + 1]):
            order[size] = child[c]
            size += 1
        at += 1
    return order[:size]


@njit(cache=True)
def heavy_chains(parent: Ints) -> Chains:
    """Cut a rooted tree into heavy chains."""
    n = len(parent)
    order = parents_first(parent)
    weight = np.ones(n, np.int64)
    heavy = np.full(n, -1, np.int64)
    for at in range(n - 1, -1, -1):
        x = order[at]
        p = parent[x]
        if p >= 0:
            weight[p] += weight[x]
            if heavy[p] < 0 or weight[x] > weight[heavy[p]]:
                heavy[p] = x
    depth = np.zeros(n, np.int64)
    top = np.empty(n, np.int64)
    position = np.empty(n, np.int64)
    used = 0
    for x in order:
        p = parent[x]
        if p >= 0:
            depth[x] = depth[p] + 1
        if p < 0 or heavy[p] != x:
            y = x
            while y >= 0:
                top[y], position[y] = x, used
                used += 1
                y = heavy[y]
    return Chains(parent, order, depth, top, position)


@njit(cache=True)
def path_sums(u: Ints, v: Ints, weight: Floats, chains: Chains) -> Floats:
    """For each node x, add up the weights of the pairs whose path runs through (x, parent of x).

    If the pairs are the edges of a graph, these are the values of the fundamental cuts. Terms are
    only ever added, so that the relative error stays near the rounding unit whatever the range of
    the weights, and a cut that nothing crosses is exactly zero.

    Returns
    -------
    array of float, shape (n,)
        inf at the root.
    """
    parent, depth, top, position = chains.parent, chains.depth, chains.top, chains.position
    n = len(parent)
    # Most paths run from a leaf to a leaf with the same parent; `above` takes this first step.
    above = parent.copy()
    for x in range(n):
        if parent[x] >= 0:
            above[parent[x]] = parent[x]
    at_leaf = np.zeros(n)
    prefix = np.zeros(n)  # by position: counts for all of the chain down to here
    span = np.zeros(2 * n)  # segment tree by position: the rest
    for e in range(len(u)):
        if u[e] == v[e]:
            continue
        w = weight[e]
        at_leaf[u[e]] += w
        at_leaf[v[e]] += w
        a, b = above[u[e]], above[v[e]]
        if a == b:
            continue
        while top[a] != top[b]:
            if depth[top[a]] < depth[top[b]]:
                a, b = b, a
            prefix[position[a]] += w
            a = parent[top[a]]
        low = min(position[a], position[b]) + 1 + n
        high = max(position[a], position[b]) + 1 + n
        while low < high:
            if low & 1:
                span[low] += w
                low += 1
            if high & 1:
                high -= 1
                span[high] += w
            low >>= 1
            high >>= 1
    for at in range(1, n):
        span[2 * at] += span[at]
        span[2 * at + 1] += span[at]
    total = np.empty(n)
    node = np.empty(n, np.int64)
    for x in range(n):
        node[position[x]] = x
    below = 0.0
    for at in range(n - 1, -1, -1):
        x = node[at]
        below += prefix[at]
        total[x] = at_leaf[x] if above[x] != x else below + span[n + at]
        if top[x] == x:
            below = 0.0
        if parent[x] < 0:
            total[x] = np.inf
    return total


@njit(cache=True)
def path_gradient(u: Ints, v: Ints, edge_gradient: Floats, chains: Chains) -> Floats:
    """For each pair, add up a quantity of the tree edges on its path."""
    parent, depth, top = chains.parent, chains.depth, chains.top
    from_root = np.zeros(len(parent))
    for x in chains.order:
        if parent[x] >= 0:
            from_root[x] = from_root[parent[x]] + edge_gradient[x]
    total = np.empty(len(u))
    for e in range(len(u)):
        a, b = u[e], v[e]
        while top[a] != top[b]:
            if depth[top[a]] < depth[top[b]]:
                a, b = b, a
            a = parent[top[a]]
        meet = a if depth[a] < depth[b] else b
        total[e] = from_root[u[e]] + from_root[v[e]] - 2.0 * from_root[meet]
    return total
