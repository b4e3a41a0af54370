"""The checks accept what is right and see what is wrong."""

import networkx as nx
import numpy as np
import pytest

from explorer.errors import GraphError
from explorer.modularity.cut_tree.engine import gomory_hu_arrays
from explorer.modularity.cut_tree.verification import check_cut_values
from tests.modularity.cut_tree.cases import cut_weights, from_networkx, mid_size_sparse, modular


@pytest.mark.parametrize("family", [mid_size_sparse, modular])
def test_accepts_trees_of_the_engine(family):
    rng = np.random.default_rng(0)
    for _ in range(100):
        graph = family(rng)
        assert check_cut_values(*graph, *gomory_hu_arrays(*graph), full=True) == 0.0


def test_real_weights_agree_to_rounding():
    n, u, v, _ = mid_size_sparse(np.random.default_rng(1))
    weight = np.random.default_rng(2).uniform(0, 1, len(u))
    tree = gomory_hu_arrays(n, u, v, weight)
    assert check_cut_values(n, u, v, weight, *tree, full=True) < 1e-12


def test_sees_a_wrong_value():
    graph = from_networkx(nx.les_miserables_graph())
    parent, value = gomory_hu_arrays(*graph)
    value[np.flatnonzero(parent >= 0)[3]] *= 1.001
    assert check_cut_values(*graph, parent, value) == pytest.approx(0.001 / 1.001)


def test_sees_an_equivalent_flow_tree_that_is_no_cut_tree():
    """The lightest edges on its paths are right, but {1} is no minimum cut between 1 and 0."""
    graph = 4, [0, 1, 2], [1, 2, 3], [3.0, 1.0, 3.0]
    value = [np.inf, 3.0, 1.0, 3.0]
    assert check_cut_values(*graph, [1, -1, 1, 2], [3.0, np.inf, 1.0, 3.0], full=True) == 0.0
    assert check_cut_values(*graph, [-1, 0, 0, 2], value) == 0.25


def test_full_sees_cuts_that_are_no_minimum():
    rng = np.random.default_rng(3)
    n, u, v, weight = modular(rng)
    parent = np.concatenate([[-1], [rng.integers(0, x) for x in range(1, n)]])
    value = cut_weights(u, v, weight, parent)
    assert check_cut_values(n, u, v, weight, parent, value) == 0.0
    assert check_cut_values(n, u, v, weight, parent, value, full=True) > 0.0


def test_nothing_to_check():
    assert check_cut_values(0, [], [], [], [], [], full=True) == 0.0
    assert check_cut_values(1, [], [], [], [-1], [np.inf], full=True) == 0.0
    assert check_cut_values(2, [], [], [], [-1, 0], [np.inf, 0.0], full=True) == 0.0


@pytest.mark.parametrize(
    ("parent", "message"),
    [
        ([-1, -1, 0], "2 roots"),
        ([1, 2, 0], "0 roots"),
        ([-1, 2, 1], "leads from 1 nodes to the root; expected all 3"),
        ([-1, 0, 3], "parent holds indices"),
        ([-1, 0], "parent has shape"),
        ([-1.0, 0.0, 0.0], "parent holds float64"),
    ],
)
def test_refuses_what_is_no_tree(parent, message):
    with pytest.raises(GraphError, match=message):
        check_cut_values(3, [0], [1], [1.0], parent, [np.inf, 1.0, 0.0])
