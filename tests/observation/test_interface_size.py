"""How many weights between modules must stay, on networks where it is known."""

import numpy as np
import pytest
import torch

from explorer import load, network_graph
from explorer.errors import PartitionError
from explorer.modularity.partition import make_partition
from explorer.network.architectures import GPT
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import abilities
from explorer.network.tasks import task as find_task
from explorer.observation.interface_size import interface_size
from tests.networks import graph_of, make_network, two_digits_apart


def joined(strengths, weak: float = 1e-3) -> Checkpoint:
    """Two digits read apart, and weights between the halves that do harm or nothing."""
    apart = two_digits_apart()
    weights = [weight.clone() for weight in apart.network.weights]
    weights[1][20:, :20] = weak / 20
    for row, strength in enumerate(strengths):
        weights[1][20 + row, row] = strength
    return Checkpoint("joined", make_network(weights), "pair")


def halves(checkpoint):
    sides = [np.repeat([0, 1], size // 2) for size in checkpoint.network.widths]
    return make_partition(network_graph(checkpoint, "layer"), np.concatenate(sides))


def test_nothing_between_modules():
    found = interface_size(halves(two_digits_apart()))
    assert (found.kept, found.between) == (0, 0)
    assert found.total == 32 * 40 + 40 * 40 + 40 * 20
    assert found.before == found.after > 0.7


def test_weights_that_do_nothing_need_not_stay():
    found = interface_size(halves(joined([])))
    assert (found.kept, found.between) == (0, 400)
    assert found.after >= found.before - 0.01


def test_weights_that_are_needed_stay():
    """Three neurons of the right half are dead without a neuron of the left that is always on."""
    base = joined([])
    weights = [weight.clone() for weight in base.network.weights]
    biases = [bias.clone() for bias in base.network.biases]
    biases[0][0] = 50.0  # a neuron of the left half that is always on
    weights[2][:10, 0] *= 0.0
    for row in range(3):
        weights[1][20 + row, 0] = 1.0
        biases[1][20 + row] = -50.0
    network = make_network(weights, biases)
    checkpoint = Checkpoint("needs three", network, "pair")
    found = interface_size(halves(checkpoint))
    assert found.kept == 3
    assert found.between == 400
    assert found.after >= found.before - 0.01
    strict = interface_size(halves(checkpoint), tolerance=1.0)
    assert strict.kept == 0
    assert strict.after < found.after - 0.05


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_network_counted_loses_no_more(split):
    checkpoint = load("digits-plain")
    graph = network_graph(checkpoint)
    labels = np.arange(graph.node_count) % 2
    found = interface_size(make_partition(graph, labels), split)
    assert 0 < found.kept < found.between
    assert found.split == split
    able = abilities(checkpoint.task, checkpoint.network, split)
    assert found.before == able[0].share
    assert found.before - 0.01 - 1e-9 <= found.after


def test_weights_behind_the_edges_of_a_gpt_are_counted():
    made = find_task("characters")
    network = GPT(tokens=len(made.tokens), width=8, heads=2, feed_forward=(4,))
    network.initialise(torch.Generator().manual_seed(0))
    checkpoint = Checkpoint("untrained", network.copy(), "characters")
    graph = network_graph(checkpoint, "layer")
    found = interface_size(make_partition(graph, network.bins(2)), tolerance=-1.0)
    # Untrained, nothing may be cut: half of all weights lead to the other module.
    assert found.total == 4 * 8 * 8 + 2 * 8 * 4
    assert found.kept == found.between == found.total // 2


def test_a_graph_by_hand_has_no_network():
    graph = graph_of([np.eye(2)])
    with pytest.raises(PartitionError, match="found a graph without its network"):
        interface_size(make_partition(graph, [0, 1, 0, 1]))
