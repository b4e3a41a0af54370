"""The methods of a tree that look at its graph again: verify and gradient."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from explorer import gomory_hu_tree, load, network_graph
from explorer.modularity.cut_tree.tree import CutTree


@pytest.mark.parametrize("full", [False, True])
def test_trees_of_known_graphs_verify(full: bool) -> None:
    for graph in (
        nx.karate_club_graph(),
        nx.les_miserables_graph(),
        nx.florentine_families_graph(),
    ):
        assert gomory_hu_tree(graph).verify(graph, full=full) < 1e-12
    network = network_graph(load("xor4-modular"))
    assert gomory_hu_tree(network).verify(network, full=full) < 1e-9


def test_a_wrong_value_and_a_cut_that_is_not_minimum_are_found() -> None:
    graph = nx.karate_club_graph()
    tree = gomory_hu_tree(graph)
    capacity = tree.capacity.copy()
    child = int(np.flatnonzero(tree.parent >= 0)[3])
    capacity[child] += 1.0
    assert replace(tree, capacity=capacity).verify(graph) > 0.01
    path = nx.path_graph(3)
    nx.set_edge_attributes(path, {(0, 1): 1.0, (1, 2): 3.0}, "weight")
    star = CutTree((0, 1, 2), np.array([2, 2, -1]), np.array([1.0, 4.0, np.inf]))
    assert star.verify(path) < 1e-12
    assert star.verify(path, full=True) == pytest.approx(0.25)


def test_the_gradient_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(0)
    graph = nx.gnp_random_graph(14, 0.4, seed=1)
    for a, b in graph.edges:
        graph.edges[a, b]["weight"] = float(rng.uniform(0.5, 2.0))
    tree = gomory_hu_tree(graph)
    by_value = np.where(tree.parent >= 0, rng.normal(size=len(tree.nodes)), 0.0)
    found = tree.gradient(by_value)
    proper = tree.parent >= 0
    for place, (a, b) in enumerate(graph.edges):
        changed = graph.copy()
        changed.edges[a, b]["weight"] += 1e-6
        moved = gomory_hu_tree(changed)
        assert (moved.parent == tree.parent).all()
        difference = (moved.capacity[proper] - tree.capacity[proper]) / 1e-6
        assert found[place] == pytest.approx(difference @ by_value[proper], abs=1e-6)
