"""Ablation: by hand on a tiny network, and on one made of two parts that share nothing."""

import math

import numpy as np
import pytest
import torch

from explorer import find_modules, load, network_graph
from explorer.errors import GraphError, TaskError
from explorer.modularity.partition import make_partition
from explorer.network.architectures import with_weights
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import accuracy, task
from explorer.observation.ablation import ablate, cut_interface
from explorer.observation.activations import hidden_nodes
from explorer.observation.functional import functional_modularity
from tests.networks import make_network, random_network, tiny_network, two_digits_apart
from tests.observation.cases import xor_by_hand


def test_the_network_by_hand_is_right():
    effect = ablate(xor_by_hand(), [])
    assert [change.before for change in effect.heads] == [1.0] * 4


@pytest.mark.parametrize("kind", ["mean", "zero"])
def test_ablating_nothing_changes_nothing(kind):
    effect = ablate(xor_by_hand(), [], kind)
    assert all(change.lost == 0 for change in (*effect.heads, *effect.classes))


def test_zero_ablation_by_hand():
    """Without "a only" of pair 1, that half of the examples that differ is taken for same."""
    effect = ablate(xor_by_hand(), [8], "zero")
    assert [change.after for change in effect.heads] == [0.75, 1, 1, 1]
    same, differ = effect.classes[:2]
    assert (same.head, same.label, same.after, same.count) == ("pair 1", "same", 1.0, 128)
    assert (differ.label, differ.after, differ.lost) == ("differ", 0.5, 0.5)
    assert all(change.lost == 0 for change in effect.classes[2:])


def test_mean_ablation_by_hand():
    """At its mean of 1/4 the neuron adds 1/2 to "differ", which then says less than "same"."""
    assert [c.after for c in ablate(xor_by_hand(), [8], "mean").heads] == [0.75, 1, 1, 1]
    # Both held at 1/4 add up to 1, a tie: "same" is said always.
    assert [c.after for c in ablate(xor_by_hand(), [8, 9], "mean").heads] == [0.5, 1, 1, 1]


def test_inputs_and_outputs_can_be_held_too():
    network = xor_by_hand()
    assert ablate(network, [0, 1], "zero").heads[0].after == 0.5
    assert ablate(network, [16], "zero").heads[0].after == 1.0  # of 0 and 0 the first wins
    assert ablate(network, [17], "zero").heads[0].after == 0.5  # "same" always wins


def test_the_mean_is_that_of_the_training_split():
    checkpoint = load("digits-plain")
    nodes = np.arange(64, 90)
    with torch.no_grad():
        means = checkpoint.network.trace(checkpoint.task.split("train").inputs).layers[1].mean(0)

    def edit(layer, activations):
        if layer == 1:
            activations = activations.clone()
            activations[:, :26] = means[:26]
        return activations

    examples = checkpoint.task.split("score")
    with torch.no_grad():
        logits = checkpoint.network(examples.inputs, edit)
    expected = accuracy(checkpoint.task, logits, examples.targets)
    effect = ablate(checkpoint, nodes, split="score")
    assert effect.heads[0].after == expected[0]
    assert (effect.split, effect.checkpoint_id) == ("score", checkpoint.id)


def test_classes_add_up_to_the_head():
    effect = ablate(load("pair-plain"), range(32, 50))
    for head in effect.heads:
        classes = [c for c in effect.classes if c.head == head.head]
        assert sum(c.count for c in classes) == head.count
        for side in ("before", "after"):
            total = sum(getattr(c, side) * c.count for c in classes)
            assert total / head.count == pytest.approx(getattr(head, side))


def test_what_cannot_be_ablated():
    network = xor_by_hand()
    with pytest.raises(GraphError, match="found ablation 'median'; expected 'mean' or 'zero'"):
        ablate(network, [8], "median")
    for nodes in ([24], [-1], [0, 99]):
        with pytest.raises(GraphError, match=r"found nodes .* expected 0 to 23"):
            ablate(network, nodes)
    with pytest.raises(TaskError, match="tiny has no task"):
        ablate(Checkpoint("tiny", tiny_network()), [2])


def test_cutting_an_interface_zeroes_the_weights_that_cross_and_no_others():
    checkpoint = Checkpoint("random", random_network([8, 6, 6, 8]), "xor4")
    graph = network_graph(checkpoint)
    labels = np.arange(28) % 3
    partition = make_partition(graph, labels)
    layers = np.split(partition.labels, graph.offsets[1:-1])
    examples = checkpoint.task.split("explain")
    for interface in partition.interfaces:
        pair = {interface.first, interface.second}
        weights = [weight.clone() for weight in checkpoint.network.weights]
        for layer, weight in enumerate(weights):
            for j, i in np.ndindex(*weight.shape):
                if {layers[layer][i], layers[layer + 1][j]} == pair:
                    weight[j, i] = 0
        cut = with_weights(checkpoint.network, weights)
        expected = accuracy(checkpoint.task, cut(examples.inputs), examples.targets)
        effect = cut_interface(checkpoint, interface)
        assert tuple(change.after for change in effect.heads) == expected


def test_two_parts_that_share_nothing_have_functional_modularity_one():
    checkpoint = two_digits_apart()
    partition = find_modules(network_graph(checkpoint), 2)
    assert functional_modularity(partition) == pytest.approx(1.0, abs=0.06)
    for module in partition.modules:
        effect = ablate(checkpoint, hidden_nodes(module), split="test")
        assert sorted(change.lost > 0.3 for change in effect.heads) == [False, True]
        assert min(abs(change.lost) for change in effect.heads) == 0.0


def test_modules_across_the_tasks_have_none():
    checkpoint = two_digits_apart()
    graph = network_graph(checkpoint)
    across = make_partition(graph, np.arange(graph.node_count) % 2)
    assert functional_modularity(across) < 0.5


def test_a_network_that_only_guesses_has_nothing_to_lose():
    rng = np.random.default_rng(0)
    silent = make_network(
        [rng.normal(size=(6, 8)), 1e-6 * rng.normal(size=(8, 6))], [np.zeros(6), [1, 0] * 4]
    )
    graph = network_graph(Checkpoint("guess", silent, "xor4"))
    partition = make_partition(graph, np.arange(22) % 2)
    assert functional_modularity(partition) == 0.0


def test_where_functional_modularity_says_nothing():
    digits = network_graph(load("digits-plain"), "path")
    assert functional_modularity(find_modules(digits, 2)) is None
    pair = network_graph(load("pair-plain"), "path")
    assert functional_modularity(find_modules(pair, 1)) is None


def test_a_class_without_examples_has_no_accuracy():
    effect = ablate(load("digits-plain"), [70])
    assert all(not math.isnan(c.before) for c in effect.classes)
    assert sum(c.count for c in effect.classes) == len(task("digits").split("explain"))
