"""Null models: shuffled networks, and where a figure stands among them."""

import math

import numpy as np
import pytest
import torch

from explorer import load, network_graph
from explorer.errors import GraphError
from explorer.modularity.null_models import NULL_KINDS, compare_with_null, shuffled_graphs
from explorer.network.checkpoint import Checkpoint
from tests.networks import graph_of, make_network


@pytest.fixture
def graph():
    rng = np.random.default_rng(0)
    weights = [
        rng.normal(size=shape) * (rng.random(shape) < 0.5) for shape in ((7, 8), (6, 7), (8, 6))
    ]
    biases = [rng.normal(size=size) for size in (7, 6, 8)]
    return network_graph(Checkpoint("sparse", make_network(weights, biases), "xor4"))


@pytest.mark.parametrize("kind", NULL_KINDS)
def test_weights_only_change_places_within_their_layer(graph, kind):
    network = graph.checkpoint.network
    for shuffled in shuffled_graphs(graph, 4, kind):
        other = shuffled.checkpoint.network
        assert shuffled.weighting == graph.weighting
        assert shuffled.id != graph.id
        for before, after in zip(network.weights, other.weights, strict=True):
            assert not torch.equal(before, after)
            assert torch.equal(before.flatten().sort()[0], after.flatten().sort()[0])
            if kind == "nonzero":
                assert torch.equal(before != 0, after != 0)
        for before, after in zip(network.biases, other.biases, strict=True):
            assert torch.equal(before, after)


def test_shuffling_all_moves_the_zeros_too(graph):
    (shuffled,) = shuffled_graphs(graph, 1, "all")
    pairs = zip(graph.checkpoint.network.weights, shuffled.checkpoint.network.weights, strict=True)
    assert all(not torch.equal(a != 0, b != 0) for a, b in pairs)


@pytest.mark.parametrize("kind", NULL_KINDS)
def test_masses_of_a_graph_made_by_hand_change_places(kind):
    graph = graph_of([[[1, 2, 0], [0, 0, 5]], [[3, 4]]])
    for shuffled in shuffled_graphs(graph, 3, kind):
        for before, after in zip(graph.blocks, shuffled.blocks, strict=True):
            assert sorted(before.mass.flat) == sorted(after.mass.flat)
            assert kind == "all" or ((before.mass > 0) == (after.mass > 0)).all()


def test_the_network_is_left_as_it_was(graph):
    before = [weight.clone() for weight in graph.checkpoint.network.weights]
    list(shuffled_graphs(graph, 3))
    assert all(
        torch.equal(a, b) for a, b in zip(before, graph.checkpoint.network.weights, strict=True)
    )


def test_seeds(graph):
    def ids(seed):
        return [shuffled.id for shuffled in shuffled_graphs(graph, 3, "all", seed)]

    assert ids(0) == ids(0)
    assert not set(ids(0)) & set(ids(1))
    assert len(set(ids(0))) == 3


def test_a_layer_of_zeros_can_be_shuffled():
    network = make_network([torch.zeros(3, 2), torch.ones(1, 3)])
    graph = network_graph(Checkpoint("flat", network), "path")
    for kind in NULL_KINDS:
        assert len(list(shuffled_graphs(graph, 2, kind))) == 2


def test_unknown_shuffle(graph):
    with pytest.raises(GraphError, match="found shuffle 'some'; expected one of all, nonzero"):
        next(shuffled_graphs(graph, 1, "some"))


def test_comparison_by_hand():
    null = compare_with_null(5.0, np.array([1.0, 3.0, 5.0, 7.0]), "all")
    assert (null.mean, null.count) == (4.0, 4)
    assert null.std == pytest.approx(math.sqrt(20 / 3))
    assert null.z == pytest.approx(1 / math.sqrt(20 / 3))
    assert null.percentile == 62.5  # two below, one tie of four


@pytest.mark.parametrize(("value", "percentile"), [(0.0, 0.0), (3.0, 100.0), (2.0, 50.0)])
def test_without_spread_there_is_no_z(value, percentile):
    null = compare_with_null(value, np.full(6, 2.0), "all")
    assert math.isnan(null.z)
    assert null.std == 0
    assert null.percentile == percentile


def test_ties_up_to_rounding_are_ties():
    null = compare_with_null(0.1 + 0.2, np.full(3, 0.3), "all")
    assert null.percentile == 50.0
    assert math.isnan(null.z)


def test_values_that_are_no_numbers_are_left_out():
    null = compare_with_null(2.0, np.array([1.0, np.nan, 3.0, np.inf]), "all")
    assert (null.mean, null.count, null.percentile) == (2.0, 2, 50.0)
    for value, nulls in ((np.nan, [1.0, 2.0]), (1.0, [np.nan]), (1.0, [])):
        null = compare_with_null(value, np.array(nulls), "all")
        assert all(math.isnan(x) for x in (null.mean, null.std, null.z, null.percentile))
    assert compare_with_null(1.0, np.array([2.0]), "all").percentile == 0.0


def test_a_trained_network_is_beyond_chance():
    graph = network_graph(load("xor4-modular"))
    assert all(
        shuffled.blocks[0].mass.sum() == pytest.approx(1) for shuffled in shuffled_graphs(graph, 2)
    )
