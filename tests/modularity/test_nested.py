"""Modules of modules."""

import numpy as np
import pytest

from explorer.benchmarks.modules import agreement
from explorer.errors import PartitionError
from explorer.modularity.nested import NestedPartition, nested_modules
from explorer.modularity.partition import make_partition
from explorer.modularity.planted import planted_flat, planted_nested, planted_noisy
from tests.networks import graph_of


@pytest.mark.parametrize(("coarse", "fine"), [(2, 2), (2, 3), (3, 2), (4, 2)])
def test_both_levels_are_found(coarse, fine):
    for seed in range(20, 24):
        planted = planted_nested(coarse, fine, ratio=4, seed=seed)
        nested = nested_modules(planted.graph, (coarse * fine, coarse), seed=seed)
        assert agreement(planted.labels, nested.levels[0].labels) == 1.0
        assert agreement(planted.coarse_labels, nested.levels[1].labels) == 1.0


@pytest.mark.parametrize("method", ["layered", "leiden", "cut_tree"])
def test_both_levels_are_found_by_each_method(method):
    planted = planted_nested(2, 2, ratio=5, seed=20)
    nested = nested_modules(planted.graph, (4, 2), method=method)
    assert agreement(planted.labels, nested.levels[0].labels) == 1.0
    assert agreement(planted.coarse_labels, nested.levels[1].labels) == 1.0


def test_coarse_modules_are_split_into_as_many_as_they_hold():
    """One coarse module of three and one of one, each block of mass inside as heavy."""
    inner = np.kron(np.eye(3), np.ones((4, 4))) + 0.05
    mass = np.block([[inner, np.full((12, 4), 0.01)], [np.full((4, 12), 0.01), np.ones((4, 4))]])
    truth = np.tile(np.repeat([0, 1, 2, 3], 4), 3)
    nested = nested_modules(graph_of([mass, mass]), (4, 2))
    assert agreement(truth, nested.levels[0].labels) == 1.0
    assert nested.levels[1].count == 2


def test_each_level_is_a_coarsening_of_the_finer():
    for seed in range(3):
        graph = planted_noisy(noise=0.5, seed=seed).graph
        nested = nested_modules(graph, (9, 5, 2), seed=seed)
        assert [level.count for level in nested.levels] == [9, 5, 2]
        for level in (0, 1):
            fine, coarse = nested.levels[level], nested.levels[level + 1]
            parents = nested.parents(level)
            attached = fine.labels >= 0
            assert (parents[fine.labels[attached]] == coarse.labels[attached]).all()
            assert set(parents.tolist()) == set(range(coarse.count))


def test_counts_are_upper_bounds():
    graph = graph_of([np.kron(np.eye(2), np.ones((2, 2)))])
    nested = nested_modules(graph, (60, 30, 4))
    assert all(level.count <= 8 for level in nested.levels)


def test_one_level():
    planted = planted_flat(3)
    nested = nested_modules(planted.graph, (3,))
    assert [level.count for level in nested.levels] == [3]
    with pytest.raises(PartitionError, match="found level 0; expected one from 0 to -1"):
        nested.parents(0)


@pytest.mark.parametrize("counts", [(1,), (2, 1), (4, 2)])
def test_a_graph_without_edges(counts):
    nested = nested_modules(graph_of([np.zeros((3, 4))]), counts)
    assert [level.count for level in nested.levels] == [0] * len(counts)


@pytest.mark.parametrize(
    "counts", [(), (2, 4), (4, 4), (4, 0), (65, 2), (4.0, 2), (True,), ("4", "2")]
)
def test_counts_out_of_range(counts):
    with pytest.raises(PartitionError, match=r"found counts .*; expected falling whole numbers"):
        nested_modules(planted_flat().graph, counts)


def test_levels_that_are_not_nested_are_refused():
    graph = graph_of([np.ones((2, 2))])
    fine, other = make_partition(graph, [0, 0, 1, 1]), make_partition(graph, [0, 1, 0, 1])
    with pytest.raises(PartitionError, match="found a module of level 0 in several of the next"):
        NestedPartition((fine, other))
