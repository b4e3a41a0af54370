"""Graphs and references for the tests of cut trees."""

from itertools import pairwise

import igraph
import networkx as nx
import numpy as np
from numba import njit

from explorer.modularity.cut_tree.tree_path_kernels import oriented

Graph = tuple[int, np.ndarray, np.ndarray, np.ndarray]


@njit(cache=True)
def lowest_on_paths(parent, value):
    """All-pairs minima over tree paths, by walking."""
    n = len(parent)
    depth = np.zeros(n, np.int64)
    for x in range(n):
        y = x
        while parent[y] >= 0:
            y = parent[y]
            depth[x] += 1
    table = np.full((n, n), np.inf)
    for a in range(n):
        for b in range(a):
            x, y = a, b
            while x != y:
                if depth[x] < depth[y]:
                    x, y = y, x
                table[a, b] = min(table[a, b], value[x])
                x = parent[x]
            table[b, a] = table[a, b]
    return table


@njit(cache=True)
def cut_weights(u, v, weight, parent):
    """Add up what removing each tree edge cuts, by marking subtrees, without path sums."""
    n = len(parent)
    total = np.full(n, np.inf)
    inside = np.empty(n, np.bool_)
    for x in range(n):
        if parent[x] < 0:
            continue
        for y in range(n):
            z = y
            while z >= 0 and z != x:
                z = parent[z]
            inside[y] = z == x
        total[x] = 0.0
        for e in range(len(u)):
            if inside[u[e]] != inside[v[e]]:
                total[x] += weight[e]
    return total


def igraph_tree(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    n, u, v, weight = graph
    tree = igraph.Graph(n=n, edges=np.c_[u, v]).gomory_hu_tree(capacity=weight.tolist())
    ends = np.array(tree.get_edgelist(), dtype=np.int32).reshape(-1, 2)
    parent = oriented(n, ends.ravel(), 0)
    child = np.where(parent[ends[:, 0]] == ends[:, 1], ends[:, 0], ends[:, 1])
    value = np.full(n, np.inf)
    value[child] = tree.es["flow"]
    return parent, value


def from_networkx(graph: nx.Graph, attribute: str = "weight") -> Graph:
    number = {node: k for k, node in enumerate(graph)}
    edges = [(number[a], number[b], w) for a, b, w in graph.edges(data=attribute, default=1)]
    u, v, weight = zip(*edges, strict=True)
    return len(number), np.array(u), np.array(v), np.array(weight, dtype=float)


def random_graph(rng, n: int, density: float, decades: float) -> Graph:
    """Integer weights, so that every reference adds them up exactly."""
    u, v = np.triu_indices(n, 1)
    kept = rng.random(len(u)) < density
    u, v = u[kept], v[kept]
    swap = rng.random(len(u)) < 0.5
    u, v = np.where(swap, v, u), np.where(swap, u, v)
    return n, u, v, np.floor(10 ** rng.uniform(0, decades, len(u)))


def mid_size_sparse(rng) -> Graph:
    return random_graph(rng, int(rng.integers(20, 46)), rng.uniform(0.1, 0.5), 9)


def small(rng) -> Graph:
    n = int(rng.integers(2, 13))
    edges = int(rng.integers(0, 3 * n))
    u, v = rng.integers(0, n, (2, edges))
    return n, u, v, rng.integers(0, 6, edges).astype(float)


def nearly_tied(rng) -> Graph:
    n, u, v, weight = mid_size_sparse(rng)
    return n, u, v, rng.integers(1, 4, len(weight)).astype(float)


def modular(rng) -> Graph:
    """Blocks with nested blocks in them: most cuts are not trivial."""
    n = int(rng.integers(20, 46))
    u, v = np.triu_indices(n, 1)
    outer, inner = rng.integers(0, 4, n), rng.integers(0, 3, n)
    near = (outer[u] == outer[v]) * (1 + (inner[u] == inner[v]))
    kept = rng.random(len(u)) < 0.15 + 0.25 * near
    weight = np.floor(10 ** (rng.uniform(0, 1.5, len(u)) + 2 * near))
    return n, u[kept], v[kept], weight[kept]


def lattice(rng) -> Graph:
    a, b = rng.integers(3, 8, 2)
    node = np.arange(a * b).reshape(a, b)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    return int(a * b), u, v, np.floor(10 ** rng.uniform(0, 2, len(u)))


def layered(rng) -> Graph:
    sizes = rng.integers(2, 14, int(rng.integers(2, 5)))
    start = np.concatenate([[0], np.cumsum(sizes)])
    pairs = [
        np.meshgrid(np.arange(start[k], start[k + 1]), np.arange(start[k + 1], start[k + 2]))
        for k, _ in enumerate(pairwise(sizes))
    ]
    u = np.concatenate([a.ravel() for a, _ in pairs])
    v = np.concatenate([b.ravel() for _, b in pairs])
    kept = rng.random(len(u)) < rng.uniform(0.2, 1.0)
    u, v = u[kept], v[kept]
    return int(start[-1]), u, v, np.floor(np.abs(rng.normal(0, 1e6, len(u))))


def wikipedia() -> tuple[Graph, list[tuple[int, int, float]]]:
    """Give the example of Wikipedia's article on the tree, and its values."""
    edges = [
        (0, 1, 1), (0, 2, 7), (1, 2, 1), (1, 3, 3), (1, 4, 2),
        (2, 4, 4), (3, 4, 1), (3, 5, 6), (4, 5, 2),
    ]  # fmt: skip
    u, v, weight = zip(*edges, strict=True)
    graph = 6, np.array(u), np.array(v), np.array(weight, dtype=float)
    return graph, [(0, 2, 8), (1, 4, 7), (2, 4, 6), (3, 5, 8), (3, 4, 6), (1, 5, 6)]


def assert_cut_tree(graph: Graph, parent, value, expected) -> None:
    """Compare all pairs with `expected`, and each value with the weight of its tree edge's cut.

    Where all pairs agree, the value of a tree edge is the minimum between its ends; where it is
    also the weight of the cut, the sides are those of a minimum cut.
    """
    _, u, v, weight = graph
    np.testing.assert_array_equal(cut_weights(u, v, weight, parent), value)
    np.testing.assert_array_equal(lowest_on_paths(parent, value), expected)
