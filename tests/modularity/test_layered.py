"""Layered modularity: its value, its bounds, and its twin with a gradient."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.modularity.adjacency import adjacency_of
from explorer.modularity.layered import (
    layered_modularity,
    maximise_layered_modularity,
)
from explorer.modularity.local_moving_kernels import move_nodes
from explorer.training import losses
from tests.networks import graph_of, planted_graph


def q_of(graph, labels) -> float:
    return layered_modularity(graph, np.asarray(labels))


def test_value_by_hand():
    # First block: inside (3 + 2) / 8; columns (4, 4) / 8, rows (5, 3) / 8: chance 1 / 2.
    # Second block: inside 1 / 4; columns (1, 3) / 4, row 1: chance 1 / 4.
    graph = graph_of([[[3, 2], [1, 2]], [[1, 3]]])
    assert q_of(graph, [0, 1, 0, 1, 0]) == pytest.approx((5 / 8 - 1 / 2 + 1 / 4 - 1 / 4) / 2)


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_perfect_modules_reach_the_bound(count):
    graph = graph_of([np.eye(12), np.eye(12)])
    assert q_of(graph, np.tile(np.arange(12) % count, 3)) == pytest.approx(1 - 1 / count)


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4])
def test_a_split_by_depth_and_one_module_are_worth_nothing(depth):
    graph, _ = planted_graph((6, 9, 7, 5), 3, 0.3)
    split = (graph.layer_of >= depth).astype(int)
    assert q_of(graph, split) == pytest.approx(0, abs=1e-15)


chosen_labels = st.lists(st.integers(0, 4), min_size=19, max_size=19)


@settings(max_examples=60, deadline=None)
@given(chosen_labels, st.permutations(range(5)), st.integers(0, 3), st.floats(0, 1))
def test_bounds_and_relabelling(chosen, renamed, seed, noise):
    graph, _ = planted_graph((6, 8, 5), 3, noise, seed)
    value = q_of(graph, chosen)
    assert -1 <= value <= 1 - 1 / len(set(chosen)) + 1e-12
    assert q_of(graph, [renamed[label] for label in chosen]) == pytest.approx(value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-1, 3), min_size=19, max_size=19), st.integers(0, 3))
def test_the_loss_is_the_same_figure(chosen, seed):
    graph, _ = planted_graph((6, 8, 5), 3, 0.4, seed)
    masses = [torch.from_numpy(block.mass.copy()) for block in graph.blocks]
    by_layer = torch.split(torch.tensor(chosen), [6, 8, 5])
    found = losses.layered_modularity(masses, by_layer, 4)
    assert float(found) == pytest.approx(q_of(graph, chosen))


def test_the_gradient_of_the_loss():
    by_layer = torch.split(torch.tensor([0, 1, 2, 0, 1, -1, 1, 0]), [3, 3, 2])
    masses = [torch.rand(3, 3).double(), torch.rand(2, 3).double()]
    for mass in masses:
        mass.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda *m: losses.layered_modularity(m, by_layer, 3), tuple(masses)
    )


@settings(max_examples=40, deadline=None)
@given(chosen_labels, st.integers(0, 20), st.integers(1, 3))
def test_node_moves_never_lower_the_value(chosen, seed, sweeps):
    graph, _ = planted_graph((6, 8, 5), 3, 0.5, seed)
    adjacency = adjacency_of(graph)
    labels = np.array(chosen, dtype=np.int64)
    before = q_of(graph, labels)
    moves = move_nodes(
        adjacency.starts,
        adjacency.neighbours,
        adjacency.matrix.data,
        adjacency.slot_starts,
        adjacency.slots,
        adjacency.slot_degrees,
        2 * len(graph.blocks),
        labels,
        5,
        np.random.default_rng(seed).permutation(19),
        sweeps,
    )
    assert (q_of(graph, labels) > before) if moves else (labels.tolist() == chosen)


def test_moves_end_where_no_single_move_helps():
    graph, _ = planted_graph((6, 8, 5), 3, 0.5, 1)
    labels = maximise_layered_modularity(graph, 3)
    best = q_of(graph, labels)
    for node in range(19):
        for module in range(3):
            other = labels.copy()
            other[node] = module
            assert q_of(graph, other) <= best + 1e-9


def test_a_good_start_is_not_made_worse():
    graph, truth = planted_graph((30, 40, 30), 5, 0.7)
    start = maximise_layered_modularity(graph, 5, seed=3)
    again = maximise_layered_modularity(graph, 5, start, seed=4)
    assert q_of(graph, again) >= q_of(graph, start) - 1e-12
    assert q_of(graph, maximise_layered_modularity(graph, 5, truth)) >= q_of(graph, truth) - 1e-12


def test_a_start_may_have_more_modules_and_nodes_that_were_in_none():
    graph, truth = planted_graph((12, 12, 12), 3, 0.0)
    start = np.where(np.arange(36) % 5 == 0, -1, truth + 3 * (np.arange(36) % 2))
    labels = maximise_layered_modularity(graph, 3, start)
    assert q_of(graph, labels) == pytest.approx(q_of(graph, truth))
