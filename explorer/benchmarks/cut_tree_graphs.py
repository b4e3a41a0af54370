"""Graphs to time cut trees on: networks, planted modules, and families that are hard for us."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from explorer.network.graph import Floats, Ints, network_graph
from explorer.network.load import load

_SEED = 0
_TRAINING_STEPS = 60
_EDGES_PER_NODE = 18  # of the planted graphs that grow


class Graph(NamedTuple):
    """An undirected weighted graph; edges may be parallel, and join a node with itself.

    Attributes
    ----------
    n : int
        Number of nodes.
    u, v : array of int, shape (edges,)
        The ends of the edges.
    weight : array of float, shape (edges,)
    """

    n: int
    u: Ints
    v: Ints
    weight: Floats


def without_loops(graph: Graph) -> Graph:
    """Leave out the edges that join a node with itself."""
    proper = graph.u != graph.v
    return Graph(graph.n, graph.u[proper], graph.v[proper], graph.weight[proper])


def stacked(blocks: list[Floats], kept: float = 1.0) -> Graph:
    """Join layers by weight matrices, of which the heaviest weights are kept.

    Parameters
    ----------
    blocks : list of array of float
        Block l has shape (size of layer l, size of layer l + 1).
    kept : float
        Share of the weights that stay, over all blocks together.

    Examples
    --------
    >>> graph = stacked([np.ones((2, 3)), np.ones((3, 1))])
    >>> graph.n, len(graph.u), graph.u[-1], graph.v[-1]
    (6, 9, np.int64(4), np.int64(5))
    """
    sizes = [len(blocks[0]), *(block.shape[1] for block in blocks)]
    start = np.cumsum([0, *sizes])
    u = np.concatenate(
        [
            np.repeat(np.arange(a, a + x), y)
            for a, (x, y) in zip(start, pairwise(sizes), strict=False)
        ]
    )
    v = np.concatenate(
        [
            np.tile(np.arange(b, b + y), x)
            for b, (x, y) in zip(start[1:], pairwise(sizes), strict=False)
        ]
    )
    weight = np.concatenate([np.abs(block).ravel() for block in blocks])
    keep = weight >= np.quantile(weight, 1 - kept)
    return Graph(int(start[-1]), u[keep], v[keep], weight[keep])


def mlp(sizes: tuple[int, ...], kept: float = 1.0) -> Graph:
    """A fully connected network at initialisation, with the lightest weights taken away."""
    rng = _rng()
    return stacked([rng.normal(0, a**-0.5, (a, b)) for a, b in pairwise(sizes)], kept)


def trained_mlp(sizes: tuple[int, ...], kept: float = 1.0, steps: int = _TRAINING_STEPS) -> Graph:
    """A fully connected network after some steps on the digits, thrown onto that many inputs.

    The 64 pixels of the digits are multiplied by a random matrix, so that networks of the size of
    those for MNIST can be trained in seconds on data that is at hand.
    """
    import torch
    from sklearn.datasets import load_digits
    from torch.nn import Linear, ReLU, Sequential
    from torch.nn.functional import cross_entropy

    images, labels = load_digits(return_X_y=True)
    projection = _rng().normal(0, 0.125, (images.shape[1], sizes[0]))
    inputs = torch.from_numpy(np.maximum(images / 16 @ projection, 0).astype(np.float32))
    targets = torch.from_numpy(labels)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(_SEED)
        layers = [Linear(a, b) for a, b in pairwise(sizes)]
        network = Sequential(*(part for layer in layers for part in (ReLU(), layer)))
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-4)
        for _ in range(steps):
            batch = torch.randint(len(inputs), (128,))
            optimizer.zero_grad()
            loss = cross_entropy(network(inputs[batch]), targets[batch])
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    weights = [layer.weight.detach().double().numpy().T for layer in layers]
    return stacked(weights, kept)


def bundled(name: str) -> Graph:
    """A network that comes with the package, weighted as the pages do."""
    graph = network_graph(load(name))
    u, v, mass, _ = graph.edges
    return Graph(graph.node_count, u, v, mass)


def transformer(width: int, blocks: int) -> Graph:
    """Queries, keys and values, the output, the MLP, and the residual edges around both."""
    sizes = [width, *[3 * width, width, 4 * width, width] * blocks]
    rng = _rng()
    graph = stacked([rng.normal(0, a**-0.5, (a, b)) for a, b in pairwise(sizes)])
    stream = np.cumsum([0, *sizes[:-1]])[::2]
    u, v = ((ends[:, None] + np.arange(width)).ravel() for ends in (stream[:-1], stream[1:]))
    return Graph(
        graph.n, np.r_[graph.u, u], np.r_[graph.v, v], np.r_[graph.weight, np.ones(len(u))]
    )


def planted(n: int, edges: int, modules: int, inside: float = 0.9) -> Graph:
    """Edges at random, a share of them within modules of equal size."""
    rng = _rng()
    u, v = rng.integers(0, n, (2, edges))
    size = n // modules
    near = rng.random(edges) < inside
    v = np.where(near, np.minimum(u // size * size + v % size, n - 1), v)
    return Graph(n, u, v, rng.uniform(0.1, 1, edges))


def grid(rows: int, columns: int) -> Graph:
    """Squares side by side: thousands of cuts that part off more than one node."""
    node = np.arange(rows * columns).reshape(rows, columns)
    u = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    v = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    return Graph(rows * columns, u, v, _rng().uniform(0.1, 1, len(u)))


def geometric(n: int, radius: float) -> Graph:
    """Points in a unit square, joined where they are near."""
    from scipy.spatial import KDTree

    rng = _rng()
    pairs = KDTree(rng.random((n, 2))).query_pairs(radius, output_type="ndarray")
    return Graph(n, pairs[:, 0], pairs[:, 1], rng.uniform(0.1, 1, len(pairs)))


def erdos_renyi(n: int, edges: int) -> Graph:
    """Edges at random."""
    rng = _rng()
    u, v = rng.integers(0, n, (2, edges))
    return Graph(n, u, v, rng.uniform(0.1, 1, edges))


def barabasi_albert(n: int, degree: int) -> Graph:
    """Each new node is joined to nodes that are drawn by their degree."""
    rng = _rng()
    ends = list(range(degree))
    u: list[int] = []
    v: list[int] = []
    for node in range(degree, n):
        for other in {ends[k] for k in rng.integers(0, len(ends), degree)}:
            u.append(node)
            v.append(other)
            ends += [node, other]
    return Graph(n, np.array(u), np.array(v), rng.uniform(0.1, 1, len(u)))


def ring_of_cliques(cliques: int, size: int) -> Graph:
    """Complete graphs in a ring, each joined to the next by one edge."""
    a, b = np.triu_indices(size, 1)
    first = size * np.arange(cliques)
    u = np.r_[(a + first[:, None]).ravel(), first]
    v = np.r_[(b + first[:, None]).ravel(), np.roll(first, -1) + 1]
    return Graph(cliques * size, u, v, _rng().uniform(0.5, 1, len(u)))


def _rng() -> np.random.Generator:
    return np.random.default_rng(_SEED)


_MNIST = (784, 256, 256, 10)

FAMILIES: Mapping[str, Callable[[], Graph]] = {
    "pair-modular (bundled)": lambda: bundled("pair-modular"),
    "digits-plain (bundled)": lambda: bundled("digits-plain"),
    "MLP 784-256-256-10": lambda: mlp(_MNIST),
    "MLP, 10 % kept": lambda: mlp(_MNIST, 0.1),
    "MLP, trained": lambda: trained_mlp(_MNIST),
    "MLP, trained, 10 % kept": lambda: trained_mlp(_MNIST, 0.1),
    "MLP 784-2048-2048-10": lambda: mlp((784, 2048, 2048, 10)),
    "transformer 128 x 2 blocks": lambda: transformer(128, 2),
    "planted, 5,000, sparse": lambda: planted(5_000, 50_000, 20),
    "planted, 5,000": lambda: planted(5_000, 300_000, 20),
    "planted, 5,000, dense": lambda: planted(5_000, 1_000_000, 20),
    "planted, 1,000": lambda: planted(1_000, _EDGES_PER_NODE * 1_000, 10),
    "planted, 10,000": lambda: planted(10_000, _EDGES_PER_NODE * 10_000, 20),
    "planted, 100,000": lambda: planted(100_000, _EDGES_PER_NODE * 100_000, 100),
    "grid 60 x 60": lambda: grid(60, 60),
    "grid 300 x 300": lambda: grid(300, 300),
    "geometric, 2,000": lambda: geometric(2_000, 0.04),
    "Erdos-Renyi, 2,000": lambda: erdos_renyi(2_000, 10_000),
    "Erdos-Renyi, 100,000": lambda: erdos_renyi(100_000, 500_000),
    "Barabasi-Albert, 3,000": lambda: barabasi_albert(3_000, 4),
    "Barabasi-Albert, 100,000": lambda: barabasi_albert(100_000, 4),
    "ring of 50 cliques": lambda: ring_of_cliques(50, 20),
    "ring of 2,000 cliques": lambda: ring_of_cliques(2_000, 20),
}

SMALL_FAMILIES: Mapping[str, Callable[[], Graph]] = {
    "MLP 16-24-24-4": lambda: mlp((16, 24, 24, 4)),
    "MLP, 30 % kept": lambda: mlp((16, 24, 24, 4), 0.3),
    "MLP, trained": lambda: trained_mlp((16, 24, 24, 10), steps=3),
    "transformer 4 x 1 block": lambda: transformer(4, 1),
    "planted, 60": lambda: planted(60, 600, 3),
    "grid 6 x 6": lambda: grid(6, 6),
    "geometric, 80": lambda: geometric(80, 0.2),
    "Erdos-Renyi, 60": lambda: erdos_renyi(60, 200),
    "Barabasi-Albert, 60": lambda: barabasi_albert(60, 3),
    "ring of 5 cliques": lambda: ring_of_cliques(5, 6),
}
