"""Finding modules that were planted."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from explorer import find_modules, load, network_graph
from explorer.errors import PartitionError
from explorer.modularity.finding import CANDIDATE_COUNTS, METHODS, choose_count
from explorer.modularity.layered import layered_modularity
from explorer.network.graph import Layer, NetworkGraph
from tests.networks import graph_of, planted_graph, planted_network

SIZES = (12, 24, 24, 12)


def agreement(partition, truth) -> float:
    attached = partition.labels >= 0
    return adjusted_rand_score(truth[attached], partition.labels[attached])


@pytest.mark.parametrize("count", [2, 3, 4, 6])
@pytest.mark.parametrize("noise", [0.0, 0.05, 0.3])
def test_planted_modules_are_found(count, noise):
    """With much noise another partition may be better than the planted one, but none is missed."""
    for seed in range(3):
        graph, truth = planted_graph(SIZES, count, noise, seed)
        found = find_modules(graph, count)
        gain = layered_modularity(graph, found.labels) - layered_modularity(graph, truth)
        assert gain >= -1e-12
        assert agreement(found, truth) == 1.0 or (gain > 1e-4 and noise > 0.1)


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_modules_of_a_planted_network_are_found(count):
    checkpoint, truth = planted_network(SIZES, count, 0.05)
    for weighting in ("path", "layer"):
        assert agreement(find_modules(network_graph(checkpoint, weighting), count), truth) == 1.0


def test_modules_of_a_network_too_large_for_a_dense_matrix_are_found():
    graph, truth = planted_graph((120, 240, 120), 4, 0.2)
    assert agreement(find_modules(graph, 4), truth) == 1.0


@pytest.mark.parametrize("count", [2, 3, 4, 6])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_the_number_of_modules_is_found(count, noise):
    graph, truth = planted_graph((12, 24, 12), count, noise, 1)
    assert agreement(find_modules(graph), truth) == 1.0


def test_the_number_of_modules_of_trained_networks():
    assert choose_count(network_graph(load("pair-modular"))) == 2
    assert choose_count(network_graph(load("xor4-modular"))) == 4


def test_the_same_graph_and_seed_give_the_same_modules():
    graph, _ = planted_graph(SIZES, 4, 0.8)
    for seed in range(3):
        first, second = find_modules(graph, 4, seed=seed), find_modules(graph, 4, seed=seed)
        assert first.id == second.id


def test_one_module():
    graph, _ = planted_graph(SIZES, 2, 0.1)
    partition = find_modules(graph, 1)
    assert partition.count == 1
    assert partition.labels.tolist() == [0] * sum(SIZES)


def test_a_number_of_modules_is_an_upper_bound():
    graph = graph_of([np.kron(np.eye(2), np.ones((4, 4)))])
    assert find_modules(graph, 2).count == 2
    assert 2 <= find_modules(graph, 8).count <= 8


@pytest.mark.parametrize("k", [0, -1, 65, 2.0, "2", True, float("nan")])
def test_k_out_of_range(k):
    graph, _ = planted_graph((3, 3), 2, 0.1)
    with pytest.raises(PartitionError, match=r"found k = .*; expected a whole number from 1 to 64"):
        find_modules(graph, k)


def test_k_may_be_numpys():
    graph, truth = planted_graph(SIZES, 3, 0.1)
    assert agreement(find_modules(graph, np.int64(3)), truth) == 1.0


@pytest.mark.parametrize("k", [None, 1, 2, 8])
def test_graphs_without_edges(k):
    empty = NetworkGraph((Layer("alone", "input", 3),), (), ("a", "b", "c"), "layer")
    for graph in (empty, graph_of([np.zeros((3, 4)), np.zeros((2, 3))])):
        partition = find_modules(graph, k)
        assert partition.count == 0
        assert set(partition.labels.tolist()) == {-1}


@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (1, 3), (2, 2), (1, 1, 1), (1, 5, 1)])
def test_the_smallest_graphs(sizes):
    graph = graph_of([np.ones((b, a)) for a, b in pairwise(sizes)])
    for k in (None, 1, 2, 3, 64):
        assert 1 <= find_modules(graph, k).count <= sum(sizes)


def test_dead_neurons_are_in_no_module():
    mass = np.kron(np.eye(2), np.ones((4, 4)))
    mass[3] = 0
    labels = find_modules(graph_of([mass]), 2).labels
    assert labels[8 + 3] == -1
    assert (np.delete(labels, 8 + 3) >= 0).all()


def test_candidates_are_those_of_the_documentation():
    assert ", ".join(map(str, CANDIDATE_COUNTS)) in find_modules.__doc__


@pytest.mark.parametrize("method", METHODS)
def test_a_search_says_how_far_it_is_and_ends_where_that_raises(method):
    """Also in the middle of what takes longest, the eigenvectors of a large graph."""
    graph, _ = planted_graph((150, 350, 150), 3, 0.3)
    shares: list[float] = []
    found = find_modules(graph, 3, method, progress=shares.append)
    assert found.id == find_modules(graph, 3, method).id
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > (1 if method == "leiden" else 20)

    def stop(share: float) -> None:
        if share >= shares[len(shares) // 2]:
            raise StopIteration

    with pytest.raises(StopIteration):
        find_modules(graph, 3, method, progress=stop)


def test_choosing_a_number_says_how_far_it_is():
    graph = network_graph(load("xor4-modular"))
    shares: list[float] = []
    assert choose_count(graph, progress=shares.append) == 4
    assert shares == sorted(shares)
    assert shares[0] < 0.05
    assert 0.9 < shares[-1] <= 1.0
