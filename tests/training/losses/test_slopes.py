"""What inputs do to outputs, and that it finds parts which masses do not show."""

import numpy as np
import pytest
import torch

from explorer.modularity.layered import maximise_layered_modularity
from explorer.network.architectures import CNN, GPT, MLP
from explorer.network.graph import graph_from_masses
from explorer.network.weightings import graph_masses, measure_activity
from explorer.training.losses.slopes import mean_slopes, with_slopes
from tests.networks import make_network
from tests.training.losses.test_losses import CONFIG, network_of, ready


def test_slopes_are_those_of_the_function():
    network, inputs = network_of("mlp")
    found = mean_slopes(network, inputs)
    jacobian = torch.autograd.functional.jacobian(lambda x: network(x).sum(dim=0), inputs)
    wanted = jacobian.abs().mean(dim=1).detach().double().numpy()
    np.testing.assert_allclose(found, wanted / wanted.sum(), rtol=1e-5)
    assert found.sum() == pytest.approx(1.0)
    assert all(weight.grad is None for weight in network.parameters())


def test_slopes_of_pictures_are_those_of_whole_pictures():
    network, inputs = network_of("cnn")
    found = mean_slopes(network, inputs)
    assert found.shape == (5, 2)
    assert (found > 0).all()


def test_networks_without_inputs_or_outputs_as_nodes_have_none():
    gpt, tokens = network_of("gpt")
    assert isinstance(gpt, GPT)
    assert mean_slopes(gpt, tokens) is None
    grey = CNN((6, 6), [1, 4], 3)  # a single picture is no node
    assert mean_slopes(grey, torch.rand(5, 36)) is None
    dead = MLP([3, 4, 2])
    with torch.no_grad():
        dead.weights[1].zero_()
    assert mean_slopes(dead, torch.rand(5, 3)) is None


def mixed_network():
    """Two parts in one hidden layer: each neuron reads both, and what it mixes cancels after it."""
    rng = np.random.default_rng(0)
    mix = np.linalg.qr(rng.normal(size=(16, 16)))[0]
    apart = np.kron(np.eye(2), rng.uniform(0.5, 1.5, size=(8, 8)))
    # Large biases keep every ReLU open: the network is linear, and its function falls in two.
    network = make_network([mix, apart @ mix.T], [np.full(16, 100.0), np.zeros(16)])
    return network, torch.rand(40, 16, generator=torch.Generator().manual_seed(0))


def test_parts_that_are_mixed_in_the_weights_are_found():
    network, inputs = mixed_network()
    activity = measure_activity(network, inputs)
    graph = graph_from_masses(network, graph_masses(network, "layer", activity), "layer")

    def ends_apart(of) -> bool:
        labels = maximise_layered_modularity(of, 2)
        ends = np.concatenate([labels[:16], labels[-16:]])
        wanted = np.repeat([0, 1, 0, 1], 8)
        return bool((ends == wanted).all() or (ends == 1 - wanted).all())

    assert not ends_apart(graph)
    assert ends_apart(with_slopes(graph, mean_slopes(network, inputs)))
    assert with_slopes(graph, None) is graph


def test_slopes_are_kept_between_searches():
    network, inputs = network_of("mlp")
    loss, activity = ready("layered", network, inputs)
    assert loss.slopes is None
    slopes = mean_slopes(network, inputs)
    masses = graph_masses(network, "activity", activity)
    loss.refresh(graph_from_masses(network, masses, "activity"), slopes)
    loss.refresh(graph_from_masses(network, masses, "activity"))
    other, _ = ready("layered", network, inputs)
    other.restore(loss.state())
    np.testing.assert_array_equal(other.slopes, slopes)
    assert other.refreshes == 3
    assert loss.config.loss == CONFIG.loss
