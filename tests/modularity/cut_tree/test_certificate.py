"""The certificate: balanced cuts of a tree, and how far a set is from being one."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import find_modules, gomory_hu_tree, load, network_graph
from explorer.errors import GraphError
from explorer.modularity.cut_tree.certificate import boundary_ratio


def two_cliques(size: int, bridge: float) -> nx.Graph:
    graph = nx.disjoint_union(nx.complete_graph(size), nx.complete_graph(size))
    nx.set_edge_attributes(graph, 1.0, "weight")
    graph.add_edge(0, size, weight=bridge)
    return graph


@given(st.integers(3, 8), st.floats(0.01, 1.5))
def test_two_cliques_part_at_their_bridge(size: int, bridge: float) -> None:
    graph = two_cliques(size, bridge)
    (cut,) = gomory_hu_tree(graph).balanced_cuts(graph)
    assert cut.size == size
    assert cut.value == pytest.approx(bridge)
    assert cut.balance == pytest.approx(1.0)
    assert cut.cut_per_volume == pytest.approx(bridge / (size * (size - 1) + bridge))


def test_parts_that_are_not_connected_are_cut_for_nothing() -> None:
    graph = nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(5))
    cut = gomory_hu_tree(graph).balanced_cuts(graph)[0]
    assert cut.value == 0.0
    assert cut.cut_per_volume == 0.0


def test_a_star_has_none_and_light_groups_are_left_out() -> None:
    complete = nx.complete_graph(8)
    assert gomory_hu_tree(complete).balanced_cuts(complete) == ()
    graph = nx.complete_graph(20)
    nx.set_edge_attributes(graph, 1.0, "weight")
    graph.add_edge(20, 21, weight=0.5)
    graph.add_edge(0, 20, weight=0.1)
    tree = gomory_hu_tree(graph)
    assert tree.balanced_cuts(graph) == ()
    assert [cut.size in (2, 20) for cut in tree.balanced_cuts(graph, least_balance=0.0)] == [True]


@pytest.mark.parametrize("balance", [-0.1, 1.1, float("nan")])
def test_a_balance_out_of_range_is_refused(balance: float) -> None:
    graph = nx.path_graph(3)
    with pytest.raises(GraphError, match="least_balance"):
        gomory_hu_tree(graph).balanced_cuts(graph, balance)


def test_another_graph_is_refused() -> None:
    tree = gomory_hu_tree(nx.path_graph(3))
    with pytest.raises(GraphError, match="other nodes"):
        tree.balanced_cuts(nx.path_graph(4))
    with pytest.raises(GraphError, match="other nodes"):
        tree.verify(nx.path_graph(4))


def test_every_side_of_a_tree_of_a_network_keeps_the_bound() -> None:
    graph = network_graph(load("digits-modular"))
    tree = gomory_hu_tree(graph)
    for node in tree.nodes:
        if tree.parent[node] >= 0 and tree.capacity[node] > 0:
            inside = np.isin(np.arange(graph.node_count), list(tree.cut_side(node)))
            assert boundary_ratio(graph, inside) <= 1 + 1e-12


def test_the_modular_network_is_certified_and_the_plain_one_is_not() -> None:
    modular = network_graph(load("pair-modular"))
    best = gomory_hu_tree(modular).balanced_cuts(modular)[0]
    assert best.balance >= 0.8
    plain = network_graph(load("pair-plain"))
    assert gomory_hu_tree(plain).balanced_cuts(plain) == ()
    for module in find_modules(plain).modules:
        inside = np.isin(np.arange(plain.node_count), module.nodes)
        assert boundary_ratio(plain, inside) > 1
