"""The defining property of cut trees over all pairs, against several references."""

from itertools import combinations, pairwise

import igraph
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import GraphError
from explorer.modularity.cut_tree.engine import CutTreeEngine, gomory_hu_arrays, warm_up
from explorer.modularity.cut_tree.row_kernels import Rows
from explorer.modularity.cut_tree.verification import check_cut_values
from tests.modularity.cut_tree.cases import (
    assert_cut_tree,
    cut_weights,
    from_networkx,
    igraph_tree,
    lattice,
    layered,
    lowest_on_paths,
    mid_size_sparse,
    modular,
    nearly_tied,
    random_graph,
    small,
    wikipedia,
)

CLASSIC = {
    "karate": nx.karate_club_graph,
    "davis": nx.davis_southern_women_graph,
    "florentine": nx.florentine_families_graph,
    "les_miserables": nx.les_miserables_graph,
}


@pytest.mark.parametrize("name", CLASSIC)
def test_classic_graphs_agree_with_networkx_over_all_pairs(name):
    nx_graph = CLASSIC[name]()
    graph = from_networkx(nx_graph)
    nx.set_edge_attributes(
        nx_graph, {(a, b): w or 1 for a, b, w in nx_graph.edges(data="weight")}, "weight"
    )
    tree = nx.gomory_hu_tree(nx_graph, capacity="weight")
    expected = np.full((graph[0], graph[0]), np.inf)
    for (i, a), (j, b) in combinations(enumerate(nx_graph), 2):
        path = nx.shortest_path(tree, a, b)
        least = min(tree[x][y]["weight"] for x, y in pairwise(path))
        expected[i, j] = expected[j, i] = least
    nodes = list(nx_graph)
    for i, j in np.random.default_rng(0).integers(0, graph[0], (40, 2)):
        if i != j:
            flow = nx.minimum_cut_value(nx_graph, nodes[i], nodes[j], capacity="weight")
            assert flow == expected[i, j]
    assert_cut_tree(graph, *gomory_hu_arrays(*graph), expected)


def test_wikipedia_example():
    graph, values = wikipedia()
    parent, value = gomory_hu_arrays(*graph)
    assert_cut_tree(graph, parent, value, flows_by_igraph(graph))
    table = lowest_on_paths(parent, value)
    assert [table[a, b] for a, b, _ in values] == [expected for _, _, expected in values]


def flows_by_igraph(graph):
    n, u, v, weight = graph
    network = igraph.Graph(n=n, edges=np.c_[u, v])
    capacity = weight.tolist()
    table = np.full((n, n), np.inf)
    for a, b in combinations(range(n), 2):
        table[a, b] = table[b, a] = network.maxflow_value(a, b, capacity=capacity)
    return table


FAMILIES = {
    mid_size_sparse: 6500,
    nearly_tied: 1000,
    modular: 1000,
    lattice: 500,
    layered: 500,
    small: 1000,
}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_ten_thousand_random_graphs_agree_with_igraph(family):
    rng = np.random.default_rng(1)
    for k in range(FAMILIES[family]):
        graph = family(rng)
        expected = lowest_on_paths(*igraph_tree(graph))
        if k % 100 == 0:
            np.testing.assert_array_equal(expected, flows_by_igraph(graph))
        assert_cut_tree(graph, *gomory_hu_arrays(*graph), expected)


def flows_by_brute_force(graph):
    n, u, v, weight = graph
    table = np.full((n, n), np.inf)
    for side in range(1, 2 ** (n - 1)):
        inside = (side >> np.arange(n)) & 1 == 1
        value = weight[inside[u] != inside[v]].sum()
        np.minimum(table, value, out=table, where=inside[:, None] != inside[None, :])
    return table


def test_brute_force_over_all_cuts():
    rng = np.random.default_rng(2)
    for n in [2, 3, 4, 5, 6, 7, 8, 9, 10] * 5:
        graph = random_graph(rng, n, rng.uniform(0.3, 1.0), rng.choice([0.8, 3]))
        assert_cut_tree(graph, *gomory_hu_arrays(*graph), flows_by_brute_force(graph))


def test_real_weights_over_nine_decades_to_a_billionth():
    rng = np.random.default_rng(3)
    for _ in range(300):
        n, u, v, weight = mid_size_sparse(rng)
        weight = 10 ** rng.uniform(-7, 2, len(weight))
        parent, value = gomory_hu_arrays(n, u, v, weight)
        engine = lowest_on_paths(parent, value)
        reference_parent, _ = igraph_tree((n, u, v, weight))
        reference = lowest_on_paths(reference_parent, cut_weights(u, v, weight, reference_parent))
        np.testing.assert_allclose(engine, reference, rtol=1e-9, atol=0)


graphs = st.integers(1, 14).flatmap(
    lambda n: st.lists(
        st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(0, 9)), max_size=40
    ).map(lambda edges: (n, *np.array(edges, dtype=np.int64).reshape(-1, 3).T))
)


@given(graphs, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_relabelled(graph, random):
    n, u, v, weight = graph
    new = np.array(random.sample(range(n), n))
    table = lowest_on_paths(*gomory_hu_arrays(n, u, v, weight))
    relabelled = lowest_on_paths(*gomory_hu_arrays(n, new[v], new[u], weight))
    np.testing.assert_array_equal(relabelled[np.ix_(new, new)], table)


@given(graphs, st.integers(-900, 900))
@settings(max_examples=150, deadline=None)
def test_scaled(graph, exponent):
    n, u, v, weight = graph
    parent, value = gomory_hu_arrays(n, u, v, weight)
    scaled_parent, scaled = gomory_hu_arrays(n, u, v, np.ldexp(weight, exponent))
    np.testing.assert_array_equal(scaled_parent, parent)
    np.testing.assert_array_equal(scaled, np.ldexp(value, exponent))


@given(graphs, graphs)
@settings(max_examples=150, deadline=None)
def test_disjoint_union(one, two):
    n, m = one[0], two[0]
    u, v, weight = (np.concatenate([one[k], two[k] + (n if k < 3 else 0)]) for k in (1, 2, 3))
    table = lowest_on_paths(*gomory_hu_arrays(n + m, u, v, weight))
    np.testing.assert_array_equal(table[:n, :n], lowest_on_paths(*gomory_hu_arrays(*one)))
    np.testing.assert_array_equal(table[n:, n:], lowest_on_paths(*gomory_hu_arrays(*two)))
    assert (table[:n, n:] == 0).all()


def test_no_node_and_one_node_and_no_edge():
    parent, value = gomory_hu_arrays(0, [], [], [])
    assert len(parent) == len(value) == 0
    assert (parent.dtype, value.dtype) == (np.int64, np.float64)
    parent, value = gomory_hu_arrays(1, [], [], [])
    assert (parent.tolist(), value.tolist()) == ([-1], [np.inf])
    parent, value = gomory_hu_arrays(1, [0], [0], [5.0])
    assert (parent.tolist(), value.tolist()) == ([-1], [np.inf])
    parent, value = gomory_hu_arrays(3, [], [], [])
    assert sorted(value) == [0, 0, np.inf]
    assert (parent == -1).sum() == 1


def test_zero_weights_parallel_edges_and_loops():
    graph = 4, [0, 1, 1, 2, 2, 0], [1, 0, 2, 1, 2, 3], [1.0, 2.0, 4.0, 0.5, 9.0, 0.0]
    table = lowest_on_paths(*gomory_hu_arrays(*graph))
    assert table[0].tolist() == [np.inf, 3, 3, 0]
    assert table[1, 2] == 4.5


def test_a_cut_that_nothing_crosses_is_exactly_zero():
    weight = [0.1, 0.2, 0.3, 0.1, 0.2, 0.3]
    _, value = gomory_hu_arrays(6, [0, 1, 2, 3, 4, 5], [1, 2, 0, 4, 5, 3], weight)
    assert value.min() == 0.0


@pytest.mark.parametrize("n", [2, 3, 1000])
def test_long_paths_and_stars(n):
    k = np.arange(n - 1)
    weight = np.random.default_rng(0).integers(1, 1000, n - 1)
    for u, v in ((k, k + 1), (np.zeros_like(k), k + 1)):
        parent, value = gomory_hu_arrays(n, u, v, weight)
        edges = {frozenset(edge) for edge in zip(u.tolist(), v.tolist(), strict=True)}
        child = np.flatnonzero(parent >= 0)
        assert {frozenset(e) for e in zip(child.tolist(), parent[child].tolist())} == edges  # noqa: B905
        assert sorted(value[child]) == sorted(weight)


def test_cached_topology_gives_the_same_trees():
    rng = np.random.default_rng(4)
    n, u, v, weight = modular(rng)
    engine = CutTreeEngine(n, u, v)
    for _ in range(50):
        weight = np.floor(10 ** rng.uniform(-0.5, 5, len(u)))
        for cached, fresh in zip(
            engine.solve(weight), gomory_hu_arrays(n, u, v, weight), strict=True
        ):
            np.testing.assert_array_equal(cached, fresh)


@pytest.mark.parametrize("family", [modular, lattice])
def test_rows_grow_when_contractions_need_more_room(family):
    rng = np.random.default_rng(6)
    for _ in range(100):
        graph = family(rng)
        n, u, v, weight = graph
        engine = CutTreeEngine(n, u, v)
        arcs = 2 * len(u)
        tight = [engine._rows.first, engine._rows.end, *(a[:arcs] for a in engine._rows[2:])]
        engine._rows = Rows(*tight)
        np.testing.assert_array_equal(engine.solve(weight)[1], gomory_hu_arrays(*graph)[1])


@pytest.mark.parametrize("planted", [False, True])
def test_larger_graphs_against_flows(planted):
    rng = np.random.default_rng(7)
    u, v = rng.integers(0, 400, (2, 1600))
    if planted:
        v = np.where(rng.random(1600) < 0.95, u // 20 * 20 + v % 20, v)
    graph = 400, u, v, np.floor(10 ** rng.uniform(0, 6, 1600))
    assert check_cut_values(*graph, *gomory_hu_arrays(*graph), full=True) < 1e-15


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ((-1, [], [], []), "number of nodes is -1"),
        ((2.5, [], [], []), "number of nodes is 2.5"),
        ((2, [0], [2], [1.0]), "v holds indices from 2 to 2; expected 0 to n - 1 with n = 2"),
        ((2, [-1], [1], [1.0]), "u holds indices from -1"),
        ((0, [0], [0], [1.0]), "with n = 0"),
        ((2, [0], [1, 0], [1.0]), "u has 1 entries and v has 2"),
        ((2, [0], [1], [1.0, 2.0]), r"capacity has shape \(2,\); expected \(1,\)"),
        ((2, [0], [1], 1.0), r"capacity has shape \(\)"),
        ((2, [[0]], [1], [1.0]), "u has 2 dimensions"),
        ((2, [0.0], [1], [1.0]), "u holds float64"),
        ((2, [True], [1], [1.0]), "u holds bool"),
        ((2, [0], [1], ["a"]), "capacity holds <U1"),
        ((2, [0], [1], [1j]), "capacity holds complex128"),
        ((2, [0], [1], [np.nan]), r"capacity\[0\] is nan"),
        ((2, [0, 0], [1, 1], [1.0, np.inf]), r"capacity\[1\] is inf"),
        ((2, [0, 0], [1, 1], [1.0, -1e-300]), r"capacity\[1\] is -1e-300"),
        ((2, [0, 0], [1, 1], [1e308, 1e308]), "sum is finite"),
    ],
)
def test_refuses_what_is_no_graph(graph, message):
    with pytest.raises(GraphError, match=message):
        gomory_hu_arrays(*graph)


def test_input_is_left_alone():
    graph = mid_size_sparse(np.random.default_rng(5))
    before = [array.copy() for array in graph[1:]]
    gomory_hu_arrays(*graph)
    for array, copy in zip(graph[1:], before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_warm_up():
    warm_up()
