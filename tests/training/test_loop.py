"""Training: the same settings give the same network, and a penalty of weight 0 is none."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer.network.architectures import MLP
from explorer.network.tasks import Examples, task, task_loss
from explorer.network.threads import single_threaded
from explorer.network.weightings import activity_masses, measure_activity
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training, train, training_steps
from explorer.training.losses import modularity_penalty
from tests.networks import make_network

PLAIN = TrainingConfig(task="xor4", hidden=(12, 10), steps=60, batch_size=32)
MODULAR = replace(
    PLAIN, modularity_coefficient=1.0, l1_coefficient=1e-3, module_count=4, refresh=10
)


def weights_of(config: TrainingConfig) -> list[torch.Tensor]:
    network = [step.network for step in training_steps(config)][-1]
    return [parameter.detach().clone() for parameter in network.parameters()]


def same(first, second) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def plain_training(config: TrainingConfig) -> list[torch.Tensor]:
    """Train by Adam on the task loss alone, written down again from the start."""
    made = task(config.task)
    data = made.split("train")
    generator = torch.Generator().manual_seed(config.seed)
    network = MLP([len(made.inputs), *config.hidden, len(made.outputs)])
    with torch.no_grad():
        for weight, bias in zip(network.weights, network.biases, strict=True):
            torch.nn.init.kaiming_uniform_(weight, a=5**0.5, generator=generator)
            bound = weight.shape[1] ** -0.5
            bias.uniform_(-bound, bound, generator=generator)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    for step in range(config.steps):
        left = (1 - step / config.steps) / 0.2
        optimiser.param_groups[0]["lr"] = config.learning_rate * min(1.0, left)
        batch = torch.randint(len(data), (config.batch_size,), generator=generator)
        loss = task_loss(made, network(data.inputs[batch]), data[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return [parameter.detach() for parameter in network.parameters()]


def test_without_penalties_it_is_plain_training_to_the_bit():
    assert same(weights_of(PLAIN), plain_training(PLAIN))
    others = replace(PLAIN, module_count=5, refresh=3, penalty_ramp=(0, 0), l1_ramp=(0, 0))
    assert same(weights_of(others), plain_training(PLAIN))


def test_each_coefficient_alone_changes_the_network():
    plain = weights_of(PLAIN)
    for name in ("modularity_coefficient", "l1_coefficient"):
        off = {"modularity_coefficient": 0.0, "l1_coefficient": 0.0}
        assert not same(weights_of(replace(MODULAR, **(off | {name: 0.5}))), plain)
        assert same(weights_of(replace(MODULAR, **off)), plain)


def test_a_penalty_that_is_not_ramped_up_yet_changes_nothing():
    late = replace(MODULAR, penalty_ramp=(1.0, 1.0), l1_ramp=(1.0, 1.0))
    assert same(weights_of(late), weights_of(PLAIN))


@pytest.mark.parametrize("config", [PLAIN, MODULAR], ids=["plain", "modular"])
def test_seeds(config):
    torch.manual_seed(1)
    first = weights_of(config)
    torch.manual_seed(2)  # what others draw must not matter
    assert same(first, weights_of(config))
    assert not same(first, weights_of(replace(config, seed=1)))


def test_steps_say_what_they_saw():
    steps = list(training_steps(MODULAR))
    assert [step.number for step in steps] == list(range(1, 61))
    assert all(math.isfinite(step.task_loss) for step in steps)
    switched_on = [not math.isnan(step.penalty) for step in steps]
    assert switched_on == [number > 0.4 * 60 for number in range(60)]


def test_the_penalty_makes_networks_modular():
    config = replace(MODULAR, steps=600, hidden=(16, 16), penalty_ramp=(0.2, 0.5))
    steps = [step.penalty for step in training_steps(config)]
    assert steps[-1] < 0.3 < 0.7 < steps[int(0.2 * 600) + 1]


def test_training_measures_what_it_made():
    seen = []
    checkpoint = train(PLAIN, "small", seen.append)
    assert len(seen) == PLAIN.steps
    assert checkpoint.name == "small"
    assert checkpoint.task_name == "xor4"
    assert TrainingConfig.from_dict(checkpoint.config) == PLAIN
    heads = [checkpoint.metrics[f"test_accuracy_pair {n}"] for n in "1234"]
    assert checkpoint.metrics["test_accuracy"] == pytest.approx(np.mean(heads))
    examples = checkpoint.task.split("test")
    right = checkpoint.network(examples.inputs)[:, :2].argmax(dim=1) == examples.targets[:, 0]
    assert heads[0] == float(right.double().mean())


@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_perfectly_modular_network_pays_nothing(count):
    block = torch.kron(torch.eye(count), torch.ones(2, 2))
    network = make_network([block, block, block])
    inputs = torch.ones(4, 2 * count)
    masses = activity_masses(network.weights, measure_activity(network, inputs))
    labels = [torch.arange(2 * count) // 2] * 4
    assert float(modularity_penalty(masses, labels, count)) == pytest.approx(0, abs=1e-6)
    one = [torch.zeros(2 * count, dtype=torch.int64)] * 4
    assert float(modularity_penalty(masses, one, count)) == pytest.approx(1, abs=1e-6)


def test_the_task_loss_is_the_mean_over_heads():
    made = task("xor4")
    logits = torch.zeros(3, 8)
    targets = torch.zeros(3, 4, dtype=torch.int64)
    assert float(task_loss(made, logits, Examples(logits, targets))) == pytest.approx(math.log(2))
    logits[:, 0] = 50.0
    loss = float(task_loss(made, logits, Examples(logits, targets)))
    assert loss == pytest.approx(0.75 * math.log(2))


def test_all_but_the_heaviest_weights_between_modules_are_cut_and_stay_cut():
    limit = 5
    cut = replace(MODULAR, penalty_ramp=(0.0, 0.0), refresh=10, cut_at=0.5, interface_limit=limit)
    with single_threaded():
        training = Training(cut)
        while not training.done:
            step = training.step()
            between = [
                torch.from_numpy(np.not_equal.outer(b, a))
                for a, b in pairwise(np.split(step.labels, np.cumsum(training.loss.sizes)[:-1]))
            ]
            left = sum(
                int(torch.count_nonzero(weight[block]))
                for weight, block in zip(training.network.weights, between, strict=True)
            )
            assert (left <= limit) == (step.number > 0.5 * cut.steps)
            if step.number == 0.5 * cut.steps + 1:
                kept = step.labels
    assert np.array_equal(step.labels, kept)


def test_without_a_penalty_there_is_nothing_to_cut():
    assert same(weights_of(replace(PLAIN, cut_at=0.2, interface_limit=3)), weights_of(PLAIN))


def test_cut_interfaces_of_a_gpt_are_whole_heads():
    config = TrainingConfig(
        task="stories",
        network="gpt",
        hidden=(16, 16),
        width=16,
        heads=4,
        steps=2,
        batch_size=2,
        loss="fixed_bins",
        modularity_coefficient=1.0,
        module_count=4,
        penalty_ramp=(0.0, 0.0),
        cut_at=0.5,
    )
    with single_threaded():
        training = Training(config)
        while not training.done:
            training.step()
    query = training.network.matrices[0]
    own = torch.kron(torch.eye(4), torch.ones(4, 4)) > 0
    assert bool((query[own] != 0).all())
    assert not bool(query[~own].any())
