"""Cut values in torch: exact forwards, finite differences backwards, stale trees."""

import networkx as nx
import numpy as np
import pytest
import torch

from explorer.errors import GraphError
from explorer.modularity.cut_tree import gomory_hu_arrays
from explorer.modularity.cut_tree.differentiable import CutValues


def random_graph(seed: int) -> tuple[int, np.ndarray, np.ndarray, torch.Tensor]:
    graph = nx.gnp_random_graph(12, 0.5, seed=seed)
    u, v = np.array(graph.edges).T
    weight = torch.from_numpy(np.random.default_rng(seed).uniform(0.5, 2.0, len(u)))
    return 12, u, v, weight


def test_values_are_those_of_the_tree() -> None:
    n, u, v, weight = random_graph(0)
    cuts = CutValues(n, u, v)
    cuts.refresh(weight)
    parent, value = gomory_hu_arrays(n, u, v, weight.numpy())
    np.testing.assert_allclose(cuts(weight).numpy(), value[parent >= 0])


def test_gradients_are_those_of_finite_differences() -> None:
    n, u, v, weight = random_graph(1)
    cuts = CutValues(n, u, v)
    cuts.refresh(weight)
    assert torch.autograd.gradcheck(cuts, weight.requires_grad_(True))


def test_a_stale_tree_gives_upper_bounds_with_the_weights_of_now() -> None:
    n, u, v, weight = random_graph(2)
    cuts = CutValues(n, u, v)
    cuts.refresh(weight)
    assert cuts.parent is not None
    changed = weight * torch.linspace(0.2, 3.0, len(weight))
    stale = cuts(changed).numpy()
    graph = nx.Graph()
    for a, b, w in zip(u.tolist(), v.tolist(), changed.tolist(), strict=True):
        graph.add_edge(a, b, capacity=w)
    children = np.flatnonzero(cuts.parent >= 0)
    for child, bound in zip(children.tolist(), stale.tolist(), strict=True):
        least = nx.minimum_cut_value(graph, child, int(cuts.parent[child]))
        assert bound >= least - 1e-9


def test_a_tree_must_be_computed_first() -> None:
    n, u, v, weight = random_graph(3)
    with pytest.raises(GraphError, match="refresh"):
        CutValues(n, u, v)(weight)


def test_descent_on_the_lightest_cut_parts_a_graph() -> None:
    n, u, v, _ = random_graph(4)
    weight = torch.full((len(u),), 1.0, dtype=torch.float64, requires_grad=True)
    cuts = CutValues(n, u, v)
    for _ in range(30):
        cuts.refresh(weight)
        cuts(weight).min().backward()
        with torch.no_grad():
            weight -= 0.1 * weight.grad
            weight.clamp_(min=0.0)
            weight.grad = None
    cuts.refresh(weight)
    assert float(cuts(weight).detach().min()) < 1e-9
