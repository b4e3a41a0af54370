"""Small networks and graphs whose figures are known, for the tests."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch

from explorer.network.architectures import MLP, with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import EdgeBlock, Layer, NetworkGraph

# A network of two inputs, two hidden neurons and one output, small enough to work out by hand.
TINY_WEIGHTS = ([[1.0, -2.0], [3.0, 0.0]], [[2.0, -1.0]])
TINY_BIASES = ([0.0, 1.0], [0.5])


def make_network(weights: Sequence[object], biases: Sequence[object] | None = None) -> MLP:
    matrices = [torch.as_tensor(weight, dtype=torch.float32) for weight in weights]
    zeros = [torch.zeros(len(matrix)) for matrix in matrices]
    vectors = (
        zeros if biases is None else [torch.as_tensor(bias, dtype=torch.float32) for bias in biases]
    )
    widths = [matrices[0].shape[1], *(len(matrix) for matrix in matrices)]
    return with_weights(MLP(widths), matrices, vectors)


def tiny_network() -> MLP:
    return make_network(TINY_WEIGHTS, TINY_BIASES)


def random_network(widths: Sequence[int], seed: int = 0) -> MLP:
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(widths))
    return make_network(
        [rng.normal(size=(b, a)) for a, b in pairs], [rng.normal(size=b) / 4 for _, b in pairs]
    )


def rescaled(network: MLP, scales: Sequence[Sequence[float]]) -> MLP:
    """Scale hidden neurons: what comes in times a factor, what goes out divided by it."""
    weights = [weight.clone() for weight in network.weights]
    biases = [bias.clone() for bias in network.biases]
    for layer, scale in enumerate(scales):
        factor = torch.tensor(scale, dtype=torch.float32)
        weights[layer] *= factor[:, None]
        biases[layer] *= factor
        weights[layer + 1] /= factor[None, :]
    return with_weights(network, weights, biases)


def graph_of(masses: Sequence[object], weighting: str = "layer") -> NetworkGraph:
    """Make a graph by hand from one matrix of masses a block, each divided by its sum."""
    matrices = [np.array(mass, dtype=np.float64) for mass in masses]
    sizes = [matrices[0].shape[1], *(len(matrix) for matrix in matrices)]
    roles = ["input", *["hidden"] * (len(sizes) - 2), "output"]
    return NetworkGraph(
        tuple(Layer(f"layer {i}", roles[i], size) for i, size in enumerate(sizes)),
        tuple(
            EdgeBlock(i, i + 1, matrix / (matrix.sum() or 1.0)) for i, matrix in enumerate(matrices)
        ),
        tuple(f"node {i}" for i in range(sum(sizes))),
        weighting,
    )


def planted_graph(
    sizes: Sequence[int], count: int, noise: float, seed: int = 0
) -> tuple[NetworkGraph, np.ndarray]:
    """Make a layered graph with modules of equal size and the true module of every node.

    Inside a module masses are drawn from 0.5 to 1.5; between modules, ``noise`` times that.
    """
    rng = np.random.default_rng(seed)
    truth = [rng.permutation(np.arange(size) % count) for size in sizes]
    masses = [
        rng.uniform(0.5, 1.5, size=(len(b), len(a)))
        * np.where(b[:, None] == a[None, :], 1.0, noise)
        for a, b in pairwise(truth)
    ]
    return graph_of(masses), np.concatenate(truth)


def planted_network(
    sizes: Sequence[int], count: int, noise: float, seed: int = 0
) -> tuple[Checkpoint, np.ndarray]:
    """Make a network with planted modules; between modules weights are ``noise`` times smaller."""
    rng = np.random.default_rng(seed)
    truth = [rng.permutation(np.arange(size) % count) for size in sizes]
    weights = [
        rng.normal(size=(len(b), len(a))) * np.where(b[:, None] == a[None, :], 1.0, noise)
        for a, b in pairwise(truth)
    ]
    return Checkpoint("planted", make_network(weights)), np.concatenate(truth)


def two_digits_apart() -> Checkpoint:
    """Make a network for the pair task: two readers of one digit each, with nothing between them.

    Each reader is the best linear one, through a pair of hidden neurons for every class, so that
    the ReLU loses nothing.
    """
    from explorer.network.tasks import task

    data = task("pair").split("train")
    first, second, third = np.zeros((40, 32)), np.eye(40), np.zeros((20, 40))
    for head in range(2):
        pixels = data.inputs[:, 16 * head : 16 * head + 16].double().numpy()
        wanted = np.eye(10)[data.targets[:, head].numpy()] - 0.1
        slopes = np.linalg.lstsq(pixels, wanted, rcond=None)[0].T
        rows = slice(20 * head, 20 * head + 10), slice(20 * head + 10, 20 * head + 20)
        columns, outputs = slice(16 * head, 16 * head + 16), slice(10 * head, 10 * head + 10)
        first[rows[0], columns], first[rows[1], columns] = slopes, -slopes
        third[outputs, rows[0]], third[outputs, rows[1]] = np.eye(10), -np.eye(10)
    return Checkpoint("two digits", make_network([first, second, third]), "pair")
