"""Every method of finding modules, behind the one verb."""

import random
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from explorer import find_modules, gomory_hu_tree, load, network_graph
from explorer.benchmarks.modules import agreement
from explorer.errors import PartitionError
from explorer.modularity.finding import METHODS, choose_count
from explorer.modularity.planted import (
    planted_flat,
    planted_layered,
    planted_nested,
    planted_noisy,
)
from explorer.modularity.reweighted_cut_tree import cut_into_parts
from tests.networks import graph_of, planted_network

SEEDS = range(20, 23)
OWN = ("layered", "cut_tree")  # those that know layers


def test_layered_is_the_default():
    graph = planted_flat(ratio=3).graph
    assert find_modules(graph, 4).id == find_modules(graph, 4, method="layered").id
    assert METHODS[0] == "layered"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [2, 3, 5])
def test_flat_modules_are_found(method, count):
    for seed in SEEDS:
        planted = planted_flat(count, ratio=15, layers=3, seed=seed)
        found = find_modules(planted.graph, count, method=method, seed=seed)
        assert agreement(planted.labels, found.labels) == 1.0


@pytest.mark.parametrize("method", OWN)
def test_modules_of_unequal_size_are_found(method):
    for seed in SEEDS:
        planted = planted_layered(ratio=10, seed=seed)
        found = find_modules(planted.graph, 3, method=method, seed=seed)
        assert agreement(planted.labels, found.labels) == 1.0


@pytest.mark.parametrize("method", OWN)
def test_modules_are_found_under_noise(method):
    for seed in SEEDS:
        planted = planted_noisy(noise=0.1, seed=seed)
        found = find_modules(planted.graph, 4, method=method, seed=seed)
        assert agreement(planted.labels, found.labels) > 0.9
        assert ((found.labels < 0) == (planted.labels < 0)).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [2, 3])
def test_the_number_of_modules_is_found(method, count):
    planted = planted_flat(count, ratio=30, layers=3, seed=20)
    found = find_modules(planted.graph, method=method)
    assert agreement(planted.labels, found.labels) == 1.0


@pytest.mark.parametrize("count", [5, 7, 10])
def test_a_large_number_of_modules_is_found(count):
    planted = planted_flat(count, size=6, layers=3, ratio=15, seed=20)
    assert choose_count(planted.graph) == count


def test_the_number_of_nested_modules_is_that_of_a_level():
    for seed in SEEDS:
        assert choose_count(planted_nested(3, 2, seed=seed).graph, seed) in (3, 6)


def test_the_number_of_modules_of_a_network_of_three_tasks():
    checkpoint, truth = planted_network((12, 24, 24, 12), 3, 0.1)
    for weighting in ("path", "layer"):
        found = find_modules(network_graph(checkpoint, weighting))
        assert agreement(truth, found.labels) == 1.0


@pytest.mark.parametrize("method", METHODS)
def test_trained_networks_fall_into_their_tasks(method):
    for name, count in (("pair-modular", 2), ("xor4-modular", 4)):
        checkpoint = load(name)
        found = find_modules(network_graph(checkpoint), method=method)
        assert found.count == count
        outputs = found.labels[-len(checkpoint.task.outputs) :]
        heads = [set(outputs[outputs_of].tolist()) for outputs_of in checkpoint.task.head_slices]
        assert sorted(map(tuple, heads)) == [(head,) for head in range(count)]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_modules(method):
    graph = planted_noisy(noise=0.4).graph
    for seed in SEEDS:
        first = find_modules(graph, 4, method=method, seed=seed)
        assert first.id == find_modules(graph, 4, method=method, seed=seed).id


def test_leiden_leaves_pythons_random_numbers_alone():
    graph = planted_flat(ratio=3).graph
    random.seed(5)
    expected = random.random()
    random.seed(5)
    find_modules(graph, 4, method="leiden")
    assert random.random() == expected


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [None, 1, 2, 3, 64])
@pytest.mark.parametrize("sizes", [(1, 1), (2, 1), (1, 3), (2, 2), (1, 5, 1)])
def test_the_smallest_graphs(method, k, sizes):
    graph = graph_of([np.ones((b, a)) for a, b in pairwise(sizes)])
    assert 1 <= find_modules(graph, k, method=method).count <= min(k or 64, sum(sizes))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [None, 1, 3])
def test_graphs_without_edges(method, k):
    graph = graph_of([np.zeros((3, 4)), np.zeros((2, 3))])
    assert find_modules(graph, k, method=method).count == 0


@pytest.mark.parametrize("method", METHODS)
def test_parts_that_are_not_connected(method):
    graph = graph_of([np.kron(np.eye(4), np.ones((3, 2)))])
    assert find_modules(graph, 4, method=method).count == 4
    assert 1 <= find_modules(graph, 2, method=method).count <= 4


@pytest.mark.parametrize("method", METHODS)
def test_k_out_of_range(method):
    graph = planted_flat().graph
    for k in (0, 65, 2.0, True):
        with pytest.raises(PartitionError, match="expected a whole number from 1 to 64"):
            find_modules(graph, k, method=method)


@pytest.mark.parametrize("method", ["louvain", "", None, 3])
def test_unknown_methods(method):
    with pytest.raises(PartitionError, match=r"found method .*; expected one of layered, leiden"):
        find_modules(planted_flat().graph, 2, method=method)


def test_parts_of_a_tree_are_those_of_least_n_cut():
    """By trying all tree edges: the first cut is the best, and each next one given the others."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        graph = nx.gnp_random_graph(12, 0.4, seed=int(rng.integers(1000)))
        u, v = np.array(graph.edges).T
        mass = rng.uniform(0.1, 1, len(u))
        nx.set_edge_attributes(graph, dict(zip(graph.edges, mass, strict=True)), "weight")
        if min(dict(graph.degree).values()) == 0:
            continue
        tree = gomory_hu_tree(graph).to_networkx()
        for count in (2, 3, 4):
            labels = cut_into_parts(gomory_hu_tree(graph), u, v, mass, count)
            after = {
                edge: n_cut_of(graph, nx.restricted_view(tree, [], [edge])) for edge in tree.edges
            }
            best = min(after, key=after.get)
            tree.remove_edge(*best)
            parts = {frozenset(np.flatnonzero(labels == c).tolist()) for c in set(labels)}
            assert n_cut_of(graph, tree) == pytest.approx(n_cut_of_parts(graph, parts))
            assert len(parts) == count


def n_cut_of(graph, forest) -> float:
    return n_cut_of_parts(graph, nx.connected_components(forest))


def n_cut_of_parts(graph, parts) -> float:
    return sum(
        nx.cut_size(graph, part, weight="weight") / nx.volume(graph, part, weight="weight")
        for part in parts
    )
