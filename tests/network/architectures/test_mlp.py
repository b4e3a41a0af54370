"""Multilayer perceptrons: activations, edits, limits."""

import pytest
import torch

from explorer.errors import ArchitectureError
from explorer.network.architectures import MAX_NODES, MLP, build, with_weights
from tests.networks import random_network, tiny_network


def test_activations_by_hand():
    layers = tiny_network().trace(torch.tensor([[1.0, 1.0], [1.0, 0.0]])).layers
    assert layers[0].tolist() == [[1, 1], [1, 0]]
    assert layers[1].tolist() == [[0, 4], [1, 4]]  # -1 is cut off by the ReLU
    assert layers[2].tolist() == [[-3.5], [-1.5]]  # a logit may be negative


def test_forward_is_the_last_layer_and_agrees_with_torch():
    network = random_network([5, 7, 6, 3])
    inputs = torch.randn(11, 5)
    stack = torch.nn.Sequential(
        network.layers[0],
        torch.nn.ReLU(),
        network.layers[1],
        torch.nn.ReLU(),
        network.layers[2],
    )
    assert torch.equal(network(inputs), network.trace(inputs).layers[-1])
    assert torch.allclose(network(inputs), stack(inputs))


def test_an_edit_sees_every_layer_and_what_it_returns_goes_on():
    network, seen = tiny_network(), []

    def edit(layer, activations):
        seen.append(layer)
        return torch.ones_like(activations) if layer == 1 else activations

    layers = network.trace(torch.zeros(1, 2), edit).layers
    assert seen == [0, 1, 2]
    assert layers[1].tolist() == [[1, 1]]
    assert layers[2].tolist() == [[1.5]]
    assert network(torch.zeros(1, 2), edit).tolist() == [[1.5]]


def test_an_edit_that_changes_nothing_changes_nothing():
    network, inputs = random_network([5, 7, 3]), torch.randn(4, 5)
    assert torch.equal(network(inputs, lambda _, activations: activations), network(inputs))


def test_with_weights_leaves_the_original_alone():
    network = tiny_network()
    before = [weight.clone() for weight in network.weights]
    copy = with_weights(network, [torch.zeros_like(weight) for weight in network.weights])
    assert not copy.training
    assert all(not p.requires_grad for p in copy.parameters())
    assert all(torch.equal(a, b) for a, b in zip(network.weights, before, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(copy.biases, network.biases, strict=True))


def test_description_builds_the_same_architecture():
    assert build(MLP([3, 4, 2]).describe()).widths == (3, 4, 2)


@pytest.mark.parametrize(
    "widths",
    [[], [3], [3, 0, 2], [3, -1], [MAX_NODES, 1], [10**4299] * 30, [1] * 10**5, [1] * 1_001],
)
def test_widths_that_make_no_network(widths):
    with pytest.raises(ArchitectureError) as caught:
        MLP(widths)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "description",
    [
        {},
        {"kind": "cnn", "widths": [3, 2]},
        {"kind": ["mlp"], "widths": [3, 2]},
        {"kind": "mlp"},
        {"kind": "mlp", "widths": "3-2"},
        {"kind": "mlp", "widths": [3, True]},
        {"kind": "mlp", "widths": [3.0, 2.0]},
        {"kind": "mlp", "widths": {"0": 3}},
    ],
)
def test_descriptions_that_name_no_network(description):
    with pytest.raises(ArchitectureError, match=r"found .*; expected "):
        build(description)


def test_largest_network():
    assert sum(MLP([MAX_NODES - 10, 10]).widths) == MAX_NODES
