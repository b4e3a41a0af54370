"""Modules of two networks are matched by what means the same in both."""

import numpy as np
import pytest

from explorer import find_modules, load, network_graph
from explorer.modularity.partition import make_partition
from explorer.views.compare_runs import (
    comparison_table,
    describe_match,
    match_modules,
    renamed,
    weights_in_interfaces,
)


@pytest.fixture(scope="module")
def pair():
    return find_modules(network_graph(load("pair-modular")))


def swapped(partition):
    """The same modules, the other way round in number."""
    labels = partition.labels.copy()
    labels[labels >= 0] = partition.count - 1 - labels[labels >= 0]
    return type(partition)(partition.graph, labels)


def test_modules_are_matched_by_inputs_and_outputs_whatever_their_numbers(pair):
    other = swapped(pair)
    match = match_modules(pair, other)
    assert [(a, b) for a, b, _ in match.pairs] == [(0, 1), (1, 0)]
    assert all(share == 1 for _, _, share in match.pairs)
    inputs_and_outputs = 32 + 20
    assert match.shared <= inputs_and_outputs
    assert (renamed(other, match).labels == pair.labels).all()


def test_all_neurons_count_where_one_run_continued_the_other(pair):
    assert match_modules(pair, pair, same_neurons=True).shared == (pair.labels >= 0).sum()


def test_a_module_without_a_partner_is_named(pair):
    labels = np.where(np.arange(len(pair.labels)) % 3 == 2, 2, pair.labels)
    three = make_partition(pair.graph, labels)
    match = match_modules(pair, three)
    assert len(match.pairs) == 2
    assert len(match.only_second) == 1
    assert sorted(set(renamed(three, match).labels.tolist()) - {-1}) == [0, 1, 2]
    assert "y has 1 without a partner" in describe_match(match, ("x", "y"))


def test_networks_with_nothing_in_common_are_not_matched(pair):
    other = find_modules(network_graph(load("xor4-modular")))
    match = match_modules(pair, other)
    assert match.shared == 0
    assert match.pairs == ()
    assert "cannot be matched" in describe_match(match, ("x", "y"))
    assert sorted(set(renamed(other, match).labels.tolist()) - {-1}) == list(range(other.count))


def test_figures_that_are_not_known_have_no_difference():
    table = comparison_table(
        [{"a %": 0.5, "b": None, "c #": 2, "d": 1.0}, {"a %": 0.4, "b": 1.0, "c #": 5, "d": 1.0}],
        ["same", "same"],
    )
    assert list(table.columns) == ["figure", "same (1)", "same (2)", "difference"]
    assert table.values.tolist() == [
        ["a", "50.0%", "40.0%", "-10.0%"],
        ["b", "–", "1.000", ""],
        ["c", "2", "5", "+3"],
        ["d", "1.000", "1.000", "equal"],
    ]


def test_weights_in_interfaces_are_those_that_stand_out(pair):
    one_module = make_partition(pair.graph, np.zeros(len(pair.labels), dtype=int))
    at_random = make_partition(pair.graph, np.arange(len(pair.labels)) % 2)
    assert weights_in_interfaces(one_module) == 0
    assert 5 * weights_in_interfaces(pair) < weights_in_interfaces(at_random)
    total = sum(int((block.mass > block.mass.mean()).sum()) for block in pair.graph.blocks)
    assert 0.3 * total < weights_in_interfaces(at_random) < 0.7 * total
