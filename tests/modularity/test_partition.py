"""Partitions: labels, modules, interfaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import PartitionError
from explorer.modularity.partition import Partition, make_partition, module_name
from tests.networks import graph_of, planted_graph

# Two inputs, three hidden neurons (the last without edges), one output. Halves of the mass:
# first block 3 + 1 (crossing), second block 2 + 2.
MASSES = ([[3, 1], [0, 0], [0, 0]], [[2, 2, 0]])


@pytest.fixture
def partition() -> Partition:
    return make_partition(graph_of(MASSES), [7, 3, 7, 3, 9, 7])


def test_modules_are_numbered_by_volume_and_lone_nodes_are_in_none(partition):
    assert partition.labels.tolist() == [0, 1, 0, 1, -1, 0]
    assert partition.count == 2
    assert [(m.name, m.nodes) for m in partition.modules] == [("A", (0, 2, 5)), ("B", (1, 3))]


def test_masses_by_hand(partition):
    assert partition.crossing.tolist() == pytest.approx(np.array([[5 / 8, 0], [3 / 8, 0]]))
    a, b = partition.modules
    assert (a.volume, b.volume) == pytest.approx((13 / 16, 3 / 16))
    assert (a.inside, b.inside) == pytest.approx((5 / 8, 0))
    (interface,) = partition.interfaces
    assert (interface.name, interface.first, interface.second) == ("A-B", 0, 1)
    assert (interface.forward, interface.backward) == pytest.approx((0, 3 / 8))
    assert interface.mass == pytest.approx(3 / 8)
    assert interface.edge_count == 2


labels = st.lists(st.integers(-5, 5), min_size=18, max_size=18)


@settings(max_examples=60, deadline=None)
@given(labels, st.integers(0, 3))
def test_masses_of_modules_and_interfaces_add_up(chosen, seed):
    graph, _ = planted_graph((5, 8, 5), 3, 0.2, seed)
    partition = make_partition(graph, chosen)
    volumes = [module.volume for module in partition.modules]
    assert volumes == sorted(volumes, reverse=True)
    assert sum(volumes) == pytest.approx(1)
    inside = np.trace(partition.crossing)
    assert inside + sum(i.mass for i in partition.interfaces) == pytest.approx(1)
    assert sorted(node for m in partition.modules for node in m.nodes) == list(range(18))
    assert sorted(i.mass for i in partition.interfaces)[::-1] == [
        i.mass for i in partition.interfaces
    ]
    assert all(i.mass == pytest.approx(i.forward + i.backward) for i in partition.interfaces)
    assert all(0 <= module.inside <= 1 for module in partition.modules)


@settings(max_examples=30, deadline=None)
@given(labels, st.permutations(range(-5, 6)))
def test_names_of_labels_do_not_matter(chosen, renamed):
    graph, _ = planted_graph((5, 8, 5), 3, 0.2)
    other = make_partition(graph, [renamed[label + 5] for label in chosen])
    partition = make_partition(graph, chosen)
    assert other.id == partition.id
    assert make_partition(graph, partition.labels).id == partition.id


def test_parts_are_looked_up_by_name(partition):
    assert partition.module("B").index == 1
    assert partition.module("B").partition_id == partition.id
    assert partition.interface("A-B").partition_id == partition.id
    with pytest.raises(PartitionError, match="found no module 'C'; expected one of A, B"):
        partition.module("C")
    with pytest.raises(PartitionError, match="found no interface 'B-A'; expected one of A-B"):
        partition.interface("B-A")


def test_modules_apart_have_no_interface():
    apart = make_partition(graph_of([[[1, 0], [0, 1]]]), [0, 1, 0, 1])
    assert apart.interfaces == ()
    with pytest.raises(PartitionError, match="there are none"):
        apart.interface("A-B")


def test_a_graph_without_mass_has_no_modules():
    partition = make_partition(graph_of([np.zeros((2, 2))]), [0, 0, 1, 1])
    assert partition.labels.tolist() == [-1] * 4
    assert (partition.count, partition.modules, partition.interfaces) == (0, (), ())


def test_more_modules_than_letters():
    graph = graph_of([np.eye(30)])
    names = [m.name for m in make_partition(graph, list(range(30)) * 2).modules]
    assert names[25:28] == ["Z", "AA", "AB"]
    assert names == [module_name(i) for i in range(30)]


def test_labels_that_do_not_fit():
    graph = graph_of(MASSES)
    with pytest.raises(PartitionError, match=r"labels of shape \(2,\); expected one for each of 6"):
        make_partition(graph, [0, 1])
    for wrong in ([0, 0, 0, 0, 0, 0], [0, 0, 0, -1, -1, 0], [0, 2, 0, 0, -1, 0]):
        with pytest.raises(PartitionError, match="expected those that make_partition makes"):
            Partition(graph, np.array(wrong))


def test_labels_cannot_be_changed(partition):
    with pytest.raises(ValueError, match="read-only"):
        partition.labels[0] = 1
