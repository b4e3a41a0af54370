"""The compiled default loss against autograd, and against the figure it is made of."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.modularity.layered import layered_modularity as figure
from explorer.network.architectures import Activity, Trace, activity_of
from explorer.network.graph import graph_from_masses
from explorer.network.weightings import graph_masses, measure_activity
from explorer.training.losses import averaged_activity, backpropagate, l1_gradients
from explorer.training.losses.chains import FlatActivity
from explorer.training.losses.layered import LayeredModularity
from tests.training.losses.test_losses import CONFIG, gradients, network_of


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("graph", ["activity", "path", "layer"])
@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_it_equals_autograd(kind, graph, count):
    network, inputs = network_of(kind)
    with torch.no_grad():
        network.matrices[1][0, 0] = 0.0
        network.matrices[1][2] = 0.0  # a neuron that nothing reaches
    loss = LayeredModularity(replace(CONFIG, graph=graph, module_count=count), network)
    labels = np.random.default_rng(count).integers(-1, count, sum(loss.sizes))
    loss.labels = labels
    activity = measure_activity(network, inputs)
    value, slopes = gradients(loss, network, activity, strength=2.5)
    network.zero_grad()
    masses = graph_masses(network, graph, activity)
    slow = loss.penalty(masses, network)
    (2.5 * slow).backward()
    assert value == pytest.approx(float(slow.detach()), abs=1e-6)
    for weight, slope in zip(network.parameters(), slopes, strict=True):
        wanted = torch.zeros_like(weight) if weight.grad is None else weight.grad
        torch.testing.assert_close(slope, wanted, rtol=1e-5, atol=1e-6)
    if (labels >= 0).all():
        made = graph_from_masses(network, masses, graph)
        assert value == pytest.approx(1 - figure(made, labels) / (1 - 1 / count), abs=1e-5)


def test_a_network_without_any_mass_has_no_slope():
    network, inputs = network_of("mlp")
    with torch.no_grad():
        network.matrices[1].zero_()
    loss = LayeredModularity(CONFIG, network)
    loss.labels = np.zeros(sum(loss.sizes), dtype=np.int64)
    value, slopes = gradients(loss, network, measure_activity(network, inputs))
    assert value == pytest.approx(1.0, abs=1e-6)
    assert all(bool(slope.isfinite().all()) for slope in slopes)


def test_averages_of_activity():
    network, inputs = network_of("gpt")
    with torch.no_grad():
        first, second = network.trace(inputs), network.trace(inputs.flip(1)[:3])
    start = averaged_activity(None, first)
    after = averaged_activity(start, second)
    assert isinstance(start, FlatActivity)
    for name in ("mean", "active_share"):
        old, new = getattr(activity_of(first), name), getattr(activity_of(second), name)
        for a, b, found in zip(old, new, getattr(after, name), strict=True):
            torch.testing.assert_close(found, 0.95 * a + 0.05 * b, rtol=1e-4, atol=1e-6)
    # What a file gave back has no flat arrays behind it.
    loose = Activity(start.mean, start.active_share)
    again = averaged_activity(loose, second)
    assert all(torch.equal(a, b) for a, b in zip(after.mean, again.mean, strict=True))


def test_averages_of_sites_that_are_not_contiguous():
    site = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(0)).movedim(1, -1)
    trace = Trace(site, (site,), (site,), {})
    zero = Activity((torch.zeros(4),), (torch.zeros(4),))
    found = averaged_activity(zero, trace)
    torch.testing.assert_close(found.mean[0], 0.05 * activity_of(trace).mean[0])


def test_gradients_that_are_known_are_added():
    network, inputs = network_of("mlp")
    weights = network.matrices
    network(inputs).sum().backward()
    wanted = [weight.grad + 0.5 * weight.detach().sign() for weight in weights]
    network.zero_grad()
    loose = 3.0 * weights[0].sum()
    backpropagate(
        network(inputs).sum(),
        [*weights, loose],
        [*l1_gradients(weights, 0.5), torch.tensor(2.0)],
    )
    wanted[0] = wanted[0] + 6.0
    for weight, gradient in zip(weights, wanted, strict=True):
        torch.testing.assert_close(weight.grad, gradient)
