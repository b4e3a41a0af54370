"""Figures of a partition: against networkx, by hand, and beside their nulls."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import find_modules, gomory_hu_tree, load, network_graph, quality
from explorer.errors import PartitionError
from explorer.modularity.layered import layered_modularity
from explorer.modularity.partition import make_partition
from explorer.modularity.quality import (
    FIGURE_TITLES,
    figures,
    inside_mass,
    n_cut,
    newman_modularity,
)
from tests.networks import graph_of, planted_graph


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=18, max_size=18), st.integers(0, 3))
def test_newman_modularity_is_that_of_networkx(labels, seed):
    graph, _ = planted_graph((5, 8, 5), 3, 0.3, seed)
    partition = make_partition(graph, labels)
    blocks = [set(module.nodes) for module in partition.modules]
    expected = nx.community.modularity(graph.to_networkx(), blocks, weight="weight")
    assert newman_modularity(partition) == pytest.approx(expected)
    leaving = [nx.cut_size(graph.to_networkx(), block, weight="weight") for block in blocks]
    volumes = [nx.volume(graph.to_networkx(), block, weight="weight") for block in blocks]
    if len(blocks) > 1:
        expected = sum(a / b for a, b in zip(leaving, volumes, strict=True)) / (len(blocks) - 1)
        assert n_cut(partition) == pytest.approx(expected)
    assert inside_mass(partition) == pytest.approx(1 - sum(leaving) / sum(volumes))


def test_values_by_hand():
    # Masses 4 and 3 inside, 1 between: volumes 9 and 7.
    partition = make_partition(graph_of([[[4, 0], [1, 3]]]), [0, 1, 0, 1])
    assert inside_mass(partition) == pytest.approx(7 / 8)
    assert n_cut(partition) == pytest.approx(1 / 9 + 1 / 7)
    assert newman_modularity(partition) == pytest.approx(7 / 8 - (81 + 49) / 256)


def test_figures_are_in_the_order_of_their_titles():
    graph, truth = planted_graph((6, 9, 6), 3, 0.1)
    partition = make_partition(graph, truth)
    assert figures(graph, partition) == (
        layered_modularity(graph, partition.labels),
        newman_modularity(partition),
        n_cut(partition),
        inside_mass(partition),
        gomory_hu_tree(graph).trivial_share,
    )
    found = quality(graph, partition, null_count=2)
    assert [getattr(found, name).value for name in FIGURE_TITLES] == list(figures(graph, partition))


def test_modules_that_are_there_stand_out_from_chance():
    graph, truth = planted_graph((12, 24, 12), 3, 0.1)
    partition, done = make_partition(graph, truth), []
    found = quality(graph, partition, null_count=8, progress=done.append)
    assert found.partition_id == partition.id
    assert {(i + 1) / 16 for i in range(16)} <= set(done)
    assert done == sorted(done)
    assert len(done) > 16  # also of the network under way
    for kind in ("all", "nonzero"):
        assert found.layered_modularity.null(kind).z > 5
        assert found.layered_modularity.null(kind).percentile == 100
        assert found.n_cut.null(kind).percentile == 0
        assert found.inside_mass.null(kind).count == 8


def test_modules_that_are_not_there_do_not():
    graph, _ = planted_graph((12, 24, 12), 3, 1.0)
    found = quality(graph, find_modules(graph, 3), null_count=12)
    assert abs(found.layered_modularity.null("all").z) < 4


def test_one_module():
    graph, _ = planted_graph((6, 9, 6), 3, 0.1)
    found = quality(graph, find_modules(graph, 1), null_count=3)
    assert found.layered_modularity.value == pytest.approx(0, abs=1e-15)
    assert found.inside_mass.value == pytest.approx(1)
    assert math.isnan(found.n_cut.value)
    assert math.isnan(found.n_cut.null("all").mean)


def test_a_graph_without_mass():
    graph = graph_of([np.zeros((3, 2)), np.zeros((2, 3))])
    found = quality(graph, find_modules(graph), null_count=2)
    assert found.layered_modularity.value == 0
    assert math.isnan(found.inside_mass.value)
    assert math.isnan(found.trivial_cut_share.value)


def test_no_shuffles():
    graph = network_graph(load("xor4-modular"), "layer")
    found = quality(graph, find_modules(graph, 4), null_count=0)
    assert found.layered_modularity.value > 0.7
    assert math.isnan(found.layered_modularity.null("all").z)


def test_the_same_seed_gives_the_same_figures():
    graph, _ = planted_graph((6, 9, 6), 3, 0.5)
    partition = find_modules(graph, 3)
    first, again, other = (repr(quality(graph, partition, 3, seed=s)) for s in (1, 1, 2))
    assert first == again != other


def test_a_partition_of_another_graph():
    first, truth = planted_graph((6, 9, 6), 3, 0.5)
    second, _ = planted_graph((6, 9, 6), 3, 0.5, seed=1)
    with pytest.raises(PartitionError, match=r"found a partition of the graph .*; expected one of"):
        quality(second, make_partition(first, truth))


def test_it_can_be_stopped_and_keeps_the_shuffles_so_far() -> None:
    graph = network_graph(load("xor4-modular"))
    partition = find_modules(graph, k=4)
    done = [0.0]
    # In the middle of the fourth of ten.
    found = quality(
        graph, partition, null_count=5, progress=done.append, stop=lambda: done[-1] > 0.3
    )
    assert 0.3 < done[-1] < 0.4
    whole = quality(graph, partition, null_count=2)
    assert [null.count for null in found.layered_modularity.nulls] == [2, 1]
    assert found.layered_modularity.null("all") == whole.layered_modularity.null("all")
