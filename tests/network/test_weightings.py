"""Edge masses: worked out by hand, and their invariance."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import GraphError
from explorer.network.weightings import (
    WEIGHTINGS,
    activity_masses,
    graph_masses,
    measure_activity,
    reach,
)
from tests.networks import make_network, random_network, rescaled, tiny_network

# On these two inputs the hidden activations are (0, 4) and (1, 4): means (.5, 4), active (.5, 1).
INPUTS = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
BY_HAND = {
    # |W| / sum: (1, 2; 3, 0) / 6 and (2, 1) / 3
    "layer": ([[1 / 6, 2 / 6], [3 / 6, 0]], [[2 / 3, 1 / 3]]),
    # Backward norms of the hidden neurons (2, 1), forward ones (3, 3).
    "path": ([[2 / 9, 4 / 9], [3 / 9, 0]], [[6 / 9, 3 / 9]]),
    # Input means (1, .5); backward norms gated by the active shares: (2 x .5, 1 x 1) = (1, 1).
    "activity": ([[1 / 5, 1 / 5], [3 / 5, 0]], [[1 / 5, 4 / 5]]),
}


def edge_masses(network, weighting, inputs):
    activity = None if inputs is None else measure_activity(network, inputs)
    with torch.no_grad():
        return graph_masses(network, weighting, activity, double=True)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_masses_by_hand(weighting):
    found = edge_masses(tiny_network(), weighting, INPUTS)
    for mass, expected in zip(found, BY_HAND[weighting], strict=True):
        assert mass.dtype == torch.float64
        assert torch.allclose(mass, torch.tensor(expected, dtype=torch.float64))


def test_reach_by_hand():
    network = tiny_network()
    assert [norm.tolist() for norm in reach(network.weights)] == [[5, 4], [2, 1], [1]]
    gated = reach(network.weights, measure_activity(network, INPUTS))
    assert [norm.tolist() for norm in gated] == [[4, 2], [1, 1], [1]]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("seed", range(3))
def test_each_layer_adds_up_to_one(weighting, seed):
    network = random_network([6, 9, 8, 4], seed)
    for mass in edge_masses(network, weighting, torch.rand(20, 6)):
        assert (mass >= 0).all()
        assert float(mass.sum()) == pytest.approx(1.0, abs=1e-12)


factors = st.lists(st.floats(0.01, 100.0), min_size=11, max_size=11)


@settings(max_examples=60, deadline=None)
@given(factors, st.integers(0, 5))
def test_path_and_activity_do_not_see_a_rescaling_that_keeps_the_function(scale, seed):
    network = random_network([4, 6, 5, 3], seed)
    other = rescaled(network, [scale[:6], scale[6:]])
    inputs = torch.rand(30, 4, generator=torch.Generator().manual_seed(seed))
    assert torch.allclose(network(inputs), other(inputs), rtol=1e-3, atol=1e-4)
    for weighting in ("path", "activity"):
        before = edge_masses(network, weighting, inputs)
        after = edge_masses(other, weighting, inputs)
        for a, b in zip(before, after, strict=True):
            assert torch.allclose(a, b, rtol=1e-3, atol=1e-6)


def test_layer_sees_that_rescaling():
    network = random_network([4, 6, 3])
    other = rescaled(network, [[100.0, 1, 1, 1, 1, 1]])
    before, after = (edge_masses(n, "layer", None)[0][0].sum() for n in (network, other))
    assert float(after) > 0.8 > 0.5 > float(before)


def test_a_dead_neuron_carries_no_activity_mass():
    network = make_network([[[1.0, 1.0], [2.0, 1.0]], [[5.0, 1.0]]], [[-100.0, 0.0], [0.0]])
    first, second = edge_masses(network, "activity", torch.rand(10, 2))
    assert first[0].tolist() == [0, 0]
    assert second[0].tolist() == [0, 1]
    assert edge_masses(network, "path", None)[0][0].sum() > 0


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_a_layer_of_zeros_has_no_mass(weighting):
    network = make_network([torch.zeros(3, 2), torch.ones(2, 3)])
    for mass in edge_masses(network, weighting, torch.rand(5, 2)):
        assert torch.isfinite(mass).all()
        assert float(mass.sum()) in (0.0, pytest.approx(1.0))
    assert float(edge_masses(network, weighting, torch.rand(5, 2))[0].sum()) == 0.0


def test_activity_masses_have_a_gradient():
    network = random_network([3, 4, 2])
    weights = [weight.double().requires_grad_() for weight in network.weights]
    activity = measure_activity(network.double(), torch.rand(6, 3).double())
    assert torch.autograd.gradcheck(lambda *w: activity_masses(w, activity), weights)


def test_what_is_needed_is_said():
    with pytest.raises(GraphError, match="found weighting 'degree'; expected one of activity"):
        edge_masses(tiny_network(), "degree", None)
    with pytest.raises(GraphError, match="needs data, and this network has no task; expected"):
        edge_masses(tiny_network(), "activity", None)
