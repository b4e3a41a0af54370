"""Networks of which it is known what their parts do."""

import numpy as np
import torch

from explorer import network_graph
from explorer.modularity.partition import Partition, make_partition
from explorer.network.architectures import CNN, GPT
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from tests.networks import make_network, random_network

SPOTTED, SAID = "lion", "the"


def xor_by_hand() -> Checkpoint:
    """Answer all four pairs right: a hidden neuron fires for "a only", another for "b only"."""
    first, second = np.zeros((8, 8)), np.zeros((8, 8))
    for pair in range(4):
        a, b = 2 * pair, 2 * pair + 1
        first[a, [a, b]], first[b, [a, b]] = (1, -1), (-1, 1)
        second[b, [a, b]] = 2
    bias = np.tile([1.0, 0.0], 4)  # "same" wins unless one of the two fires
    return Checkpoint("xor", make_network([first, second], [np.zeros(8), bias]), "xor4")


def silent_network() -> Checkpoint:
    """Hidden neurons 8 to 11 are never active; the others are."""
    rng = np.random.default_rng(0)
    bias = [[-99.0] * 4 + [1.0] * 4, np.zeros(8)]
    weights = [rng.uniform(0.1, 1.0, (8, 8)), rng.normal(size=(8, 8))]
    return Checkpoint("silent", make_network(weights, bias), "xor4")


def word_spotter() -> Checkpoint:
    """Make a GPT in which one neuron, node 10, fires on one word and promotes another.

    The word is dimension 1 of the embedding, all others are dimension 2; the neuron reads the first
    and writes dimension 3, which the other word alone is read from.
    """
    words = task("stories").tokens
    network = GPT(tokens=len(words), width=8, heads=2, feed_forward=(6,)).copy()
    for tensor in (*network.matrices, network.embedding, network.unembedding):
        tensor.zero_()
    network.embedding[:, 1] = 1.0
    network.embedding[words.index(SPOTTED)] = torch.eye(8)[0]
    network.get_parameter("blocks.0.up")[0, 0] = 1.0
    network.get_parameter("blocks.0.down")[2, 0] = 1.0
    network.unembedding[words.index(SAID), 2] = 1.0
    return Checkpoint("spotter", network, "stories")


def random_checkpoint(kind: str) -> Checkpoint:
    """Make an untrained network of a kind: mlp, cnn or gpt."""
    generator = torch.Generator().manual_seed(3)
    if kind == "mlp":
        return Checkpoint("random", random_network([8, 9, 7, 8]), "xor4")
    if kind == "cnn":
        network = CNN(image=(4, 4), channels=(2, 4, 4), outputs=20)
        network.initialise(generator)
        return Checkpoint("random", network.copy(), "pair")
    made = task("stories")
    gpt = GPT(tokens=len(made.tokens), width=8, heads=2, feed_forward=(6,))
    gpt.initialise(generator)
    return Checkpoint("random", gpt.copy(), "stories")


def thirds(checkpoint: Checkpoint) -> Partition:
    """Deal the nodes out to three modules in turn."""
    graph = network_graph(checkpoint)
    return make_partition(graph, np.arange(graph.node_count) % 3)
