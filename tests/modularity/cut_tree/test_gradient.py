"""The gradient of cut values, by finite differences and by hand."""

import numpy as np
import pytest

from explorer.errors import GraphError
from explorer.modularity.cut_tree.engine import gomory_hu_arrays
from explorer.modularity.cut_tree.gradient import cut_value_gradient
from tests.modularity.cut_tree.cases import mid_size_sparse, modular


@pytest.mark.parametrize("family", [mid_size_sparse, modular])
def test_finite_differences_of_a_loss_of_all_values(family):
    rng = np.random.default_rng(0)
    n, u, v, _ = family(rng)
    weight = rng.uniform(1, 2, len(u))
    parent, value = gomory_hu_arrays(n, u, v, weight)
    inner = parent >= 0
    loss_gradient = np.where(inner, 1 / np.where(inner, value, 1.0), 0.0)  # of sum log value
    gradient = cut_value_gradient(n, u, v, parent, loss_gradient)
    step = 1e-6
    for e in range(len(u)):
        losses = []
        for sign in (1, -1):
            moved = weight.copy()
            moved[e] += sign * step
            moved_parent, moved_value = gomory_hu_arrays(n, u, v, moved)
            losses.append(np.log(moved_value[moved_parent >= 0]).sum())
        assert (losses[0] - losses[1]) / (2 * step) == pytest.approx(gradient[e], rel=1e-5)


def test_counts_the_tree_edges_on_each_path():
    parent = [-1, 0, 1, 2, 0]
    gradient = cut_value_gradient(
        5, [3, 3, 0, 2, 1], [4, 0, 4, 2, 3], parent, [np.nan, 1.0, 10.0, 100.0, 1000.0]
    )
    assert gradient.tolist() == [1111, 111, 1000, 0, 110]


def test_empty():
    assert len(cut_value_gradient(0, [], [], [], [])) == 0
    assert len(cut_value_gradient(2, [], [], [-1, 0], [0.0, 1.0])) == 0


def test_refuses_a_gradient_of_another_length():
    with pytest.raises(GraphError, match="gradient has shape"):
        cut_value_gradient(2, [0], [1], [-1, 0], [1.0])
