"""The penalty for few features: values known by hand, its slope, and what training with it does."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.network.architectures import CNN, GPT
from explorer.network.threads import single_threaded
from explorer.training.config import TrainingConfig
from explorer.training.few_features import few_features_penalty, log_effective_number
from explorer.training.loop import Training, train
from tests.networks import make_network, random_network, rescaled

PLAIN = TrainingConfig(task="xor4", hidden=(12, 10), steps=40, batch_size=32)


def penalty(*weights: object) -> float:
    return float(few_features_penalty(make_network(weights)))


def test_neurons_that_read_and_promote_one_thing_cost_nothing() -> None:
    assert penalty(np.eye(3), np.eye(3)) == pytest.approx(0.0, abs=1e-6)
    assert penalty(np.eye(3), -np.eye(3)) == pytest.approx(np.log(2), rel=1e-5)  # two others each


def test_neurons_that_read_several_inputs_alike() -> None:
    assert penalty(np.ones((3, 4)), np.eye(3)) == pytest.approx(np.log(4), rel=1e-5)
    assert penalty(np.eye(4), np.zeros((4, 4))) == pytest.approx(0.0, abs=1e-6)


def test_what_is_promoted_goes_through_all_layers() -> None:
    mixed = np.array([[1.0, 1.0, 0, 0], [0, 0, 1.0, 1.0]])
    found = penalty(np.eye(2), np.eye(2), mixed.T)
    assert found == pytest.approx(np.log(2), rel=1e-5)  # two outputs for every neuron


def test_smaller_weights_change_nothing() -> None:
    network = random_network([6, 5, 4, 3])
    moved = rescaled(network, [[0.1] * 5, [3.0] * 4])
    assert float(few_features_penalty(moved)) == pytest.approx(
        float(few_features_penalty(network)), abs=1e-3
    )


def test_dead_neurons_have_no_infinite_slope() -> None:
    network = make_network([np.zeros((3, 4)), np.zeros((2, 3))]).requires_grad_(True)
    few_features_penalty(network).backward()
    assert all(bool(weight.grad.isfinite().all()) for weight in network.weights)


@pytest.mark.parametrize(
    "network",
    [CNN((4, 4), [2, 3, 4], 5), GPT(tokens=7, width=8, heads=2, feed_forward=(6,))],
    ids=["cnn", "gpt"],
)
def test_other_networks_count_what_neurons_read(network) -> None:
    links = zip(network.links, network.magnitudes(), strict=True)
    hidden = [m for (_, to), m in links if network.neuron_layers[to].role == "hidden"]
    expected = torch.cat([(m.sum(1) ** 2 / (m**2).sum(1)).log() for m in hidden]).mean().detach()
    assert float(few_features_penalty(network).detach()) == pytest.approx(float(expected), rel=1e-4)


def test_the_effective_number_of_nothing_is_one() -> None:
    assert log_effective_number(torch.zeros(2, 3), dim=1).tolist() == [0.0, 0.0]


def test_at_zero_it_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain training is bit-identical, since nothing is added to its loss."""

    def fail(network: object) -> None:
        raise AssertionError("the penalty was computed")

    monkeypatch.setattr("explorer.training.loop.few_features_penalty", fail)
    before = [p.clone() for p in train(PLAIN).network.parameters()]
    again = train(replace(PLAIN, l1_ramp=(0.0, 0.5), polysemanticity_coefficient=0.0))
    assert all(torch.equal(a, b) for a, b in zip(before, again.network.parameters(), strict=True))
    with pytest.raises(AssertionError, match="was computed"):
        train(replace(PLAIN, polysemanticity_coefficient=0.1))


def test_training_with_it_lowers_it() -> None:
    found = []
    for strength in (0.0, 1.0):
        config = replace(PLAIN, steps=300, polysemanticity_coefficient=strength)
        found.append(float(few_features_penalty(train(config).network)))
    assert found[1] < found[0] - 0.5


def test_a_run_with_it_can_be_resumed() -> None:
    config = replace(PLAIN, polysemanticity_coefficient=0.5)
    with single_threaded():
        whole = Training(config)
        for _ in range(20):
            whole.step()
        resumed = Training(config, whole.state())
        for run in (whole, resumed):
            while not run.done:
                run.step()
    pairs = zip(whole.network.parameters(), resumed.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
