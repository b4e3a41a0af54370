"""The cut tree as people use it: values, sides, shapes, errors."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from explorer import find_modules, gomory_hu_tree, load, module_tree, network_graph
from explorer.errors import GraphError, PartitionError
from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import make_partition
from tests.networks import graph_of, planted_graph


def weighted(graph: nx.Graph, seed: int = 0) -> nx.Graph:
    rng = np.random.default_rng(seed)
    for _, _, data in graph.edges(data=True):
        data["weight"] = float(rng.integers(1, 9))
    return graph


GRAPHS = {
    "karate": nx.karate_club_graph(),
    "petersen": weighted(nx.petersen_graph()),
    "barbell": weighted(nx.barbell_graph(5, 2)),
    "random": weighted(nx.gnp_random_graph(16, 0.3, seed=4)),
    "path": weighted(nx.path_graph(7)),
    "layered": planted_graph((5, 6, 5), 2, 0.01)[0].to_networkx(),
    "letters": nx.relabel_nodes(weighted(nx.cycle_graph(5)), dict(enumerate("abcde"))),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_the_tree_has_all_minimum_cuts(name):
    graph = GRAPHS[name]
    tree = gomory_hu_tree(graph)
    assert tree.nodes == tuple(graph)
    for u, v in combinations(graph, 2):
        expected = nx.minimum_cut_value(graph, u, v, capacity="weight")
        assert tree.minimum_cut_value(u, v) == pytest.approx(expected, abs=1e-12)
        assert tree.minimum_cut_value(v, u) == tree.minimum_cut_value(u, v)


@pytest.mark.parametrize("name", GRAPHS)
def test_each_side_is_one_of_a_minimum_cut(name):
    graph = GRAPHS[name]
    tree = gomory_hu_tree(graph)
    for index, node in enumerate(tree.nodes):
        if tree.parent[index] >= 0:
            side = tree.cut_side(node)
            assert node in side
            assert tree.nodes[tree.parent[index]] not in side
            assert len(side) == tree.subtree_size[index]
            cut = nx.cut_size(graph, side, weight="weight")
            assert cut == pytest.approx(tree.capacity[index], abs=1e-12)


@pytest.mark.parametrize("name", GRAPHS)
def test_shape(name):
    tree = gomory_hu_tree(GRAPHS[name])
    (root,) = np.flatnonzero(tree.parent < 0)
    degrees = dict(GRAPHS[name].degree(weight="weight"))
    assert degrees[tree.nodes[root]] == pytest.approx(max(degrees.values()))
    assert tree.capacity[root] == np.inf
    assert sorted(tree.order.tolist()) == list(range(len(tree.nodes)))
    assert tree.depth[root] == 0
    assert tree.subtree_size[root] == len(tree.nodes)
    seen = set()
    for node in tree.order.tolist():
        assert node == root or tree.parent[node] in seen
        seen.add(node)


def test_networkx_holds_the_same_tree():
    tree = gomory_hu_tree(GRAPHS["karate"])
    found = tree.to_networkx()
    assert nx.is_tree(found)
    assert set(found) == set(GRAPHS["karate"])
    for node, parent, capacity in zip(tree.nodes, tree.parent, tree.capacity, strict=True):
        if parent >= 0:
            assert found[node][tree.nodes[parent]]["weight"] == capacity


def test_network_graphs_keep_their_names():
    graph = network_graph(load("xor4-modular"))
    tree = gomory_hu_tree(graph)
    assert tree.names == graph.names
    assert tree.source_id == graph.id
    assert tree.to_networkx().nodes[0]["name"] == "bit 1a"


def test_a_star():
    tree = gomory_hu_tree(nx.complete_graph(6))
    assert tree.is_star
    assert tree.trivial_share == 1.0


def test_two_groups_are_no_star():
    tree = gomory_hu_tree(nx.barbell_graph(5, 0))
    assert not tree.is_star
    assert tree.trivial_share == pytest.approx(8 / 9)


def test_nodes_without_edges_are_no_cuts():
    graph = nx.complete_graph(5)
    graph.add_nodes_from(["x", "y"])
    tree = gomory_hu_tree(graph)
    assert tree.trivial_share == 1.0
    assert tree.is_star
    assert tree.minimum_cut_value("x", "y") == tree.minimum_cut_value(0, "x") == 0.0
    assert int(tree.isolates_one.sum()) == 4


def test_the_root_can_be_the_node_that_is_cut_off():
    """All but the root hang below one child: that cut isolates the root, lone nodes or not."""
    parent, capacity = np.array([-1, 0, 1, 1, 0]), np.array([np.inf, 1.0, 2.0, 2.0, 0.0])
    tree = CutTree(tuple("abcde"), parent, capacity)
    assert tree.isolates_one.tolist() == [False, True, True, True, False]
    assert tree.trivial_share == 1.0


def test_parts_that_are_not_connected():
    tree = gomory_hu_tree(nx.disjoint_union(nx.complete_graph(4), nx.complete_graph(4)))
    assert tree.minimum_cut_value(0, 7) == 0.0
    assert tree.minimum_cut_value(0, 3) == tree.minimum_cut_value(4, 7) == 3.0
    assert tree.trivial_share == pytest.approx(6 / 7)


@pytest.mark.parametrize("graph", [nx.empty_graph(0), nx.empty_graph(1), nx.empty_graph(3)])
def test_graphs_without_edges(graph):
    tree = gomory_hu_tree(graph)
    assert len(tree.parent) == len(graph)
    assert np.isnan(tree.trivial_share)
    assert not tree.is_star


def test_what_counts_of_a_networkx_graph():
    graph = nx.MultiGraph()
    graph.add_edge("a", "b", weight=2)
    graph.add_edge("a", "b", weight=1, capacity=5)
    graph.add_edge("b", "c")
    graph.add_edge("c", "c", weight=100)
    tree = gomory_hu_tree(graph)
    assert tree.minimum_cut_value("a", "b") == 7
    assert tree.minimum_cut_value("a", "c") == 1
    assert tree.nodes[int(np.flatnonzero(tree.parent < 0)[0])] == "b"


def test_values_cannot_be_changed():
    tree = gomory_hu_tree(nx.path_graph(3))
    for values in (tree.parent, tree.capacity):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0


@pytest.mark.parametrize(
    ("weight", "words"),
    [(-1.0, "-1.0"), (float("nan"), "nan"), (float("inf"), "inf"), ("heavy", "'heavy'")],
)
def test_weights_that_are_no_capacities(weight, words):
    graph = nx.path_graph(3)
    graph[0][1]["weight"] = weight
    with pytest.raises(GraphError, match="expected") as caught:
        gomory_hu_tree(graph)
    assert words in str(caught.value)


def test_a_directed_graph():
    with pytest.raises(GraphError, match="found a directed graph; expected an undirected one"):
        gomory_hu_tree(nx.DiGraph([(0, 1)]))


def test_nodes_that_cannot_be_asked_for():
    tree = gomory_hu_tree(nx.star_graph(3))
    with pytest.raises(GraphError, match="found node 9"):
        tree.minimum_cut_value(0, 9)
    with pytest.raises(GraphError, match="found the node 1 twice"):
        tree.minimum_cut_value(1, 1)
    with pytest.raises(GraphError, match="found the root 0; expected"):
        tree.cut_side(0)
    with pytest.raises(GraphError, match="found node 'a'"):
        tree.cut_side("a")


@pytest.mark.parametrize("count", [2, 3, 5])
def test_the_module_tree_is_that_of_the_contracted_graph(count):
    graph, truth = planted_graph((10, 15, 10), 5, 0.2)
    partition = make_partition(graph, truth % count)
    tree = module_tree(graph, partition)
    assert set(tree.nodes) == {module.name for module in partition.modules}
    assert tree.source_id == partition.id
    contracted = nx.Graph()
    contracted.add_nodes_from(tree.nodes)
    for interface in partition.interfaces:
        contracted.add_edge(*interface.name.split("-"), weight=interface.mass)
    for u, v in combinations(tree.nodes, 2):
        expected = nx.minimum_cut_value(contracted, u, v, capacity="weight")
        assert tree.minimum_cut_value(u, v) == pytest.approx(expected)


def test_module_trees_of_few_modules():
    graph = graph_of([np.eye(2)])
    assert module_tree(graph, find_modules(graph, 1)).parent.tolist() == [-1]
    apart = module_tree(graph, make_partition(graph, [0, 1, 0, 1]))
    assert apart.minimum_cut_value("A", "B") == 0.0
    nothing = graph_of([np.zeros((2, 2))])
    assert module_tree(nothing, find_modules(nothing)).nodes == ()


def test_a_module_tree_needs_a_partition_of_its_graph():
    first, truth = planted_graph((5, 5), 2, 0.1)
    second, _ = planted_graph((5, 5), 2, 0.1, seed=1)
    with pytest.raises(PartitionError, match=r"found a partition of the graph .*; expected one of"):
        module_tree(second, make_partition(first, truth))
