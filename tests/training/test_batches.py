"""Batches: which examples, and what noise."""

from dataclasses import replace

import pytest
import torch

from explorer.errors import ConfigError
from explorer.network.tasks import Examples, task
from explorer.sweeps.grid import as_plain
from explorer.training.batches import training_batch
from explorer.training.config import TrainingConfig

CONFIG = TrainingConfig(task="digits", hidden=(8,), batch_size=400)


def drawn(config: TrainingConfig) -> Examples:
    return training_batch(config, task(config.task), torch.Generator().manual_seed(5))


def test_without_noise_a_batch_is_that_of_the_task():
    found, expected = (
        drawn(CONFIG),
        task("digits").batch(torch.Generator().manual_seed(5), CONFIG.batch_size),
    )
    assert torch.equal(found.inputs, expected.inputs)
    assert torch.equal(found.targets, expected.targets)


def test_noise_is_added_to_the_inputs_of_the_same_examples():
    noisy, clean = drawn(replace(CONFIG, input_noise=0.2)), drawn(CONFIG)
    assert torch.equal(noisy.targets, clean.targets)
    noise = noisy.inputs - clean.inputs
    assert float(noise.mean()) == pytest.approx(0.0, abs=0.01)
    assert float(noise.std()) == pytest.approx(0.2, rel=0.02)
    # Of its own for every input of every example.
    assert float(noise.std(dim=0).min()) > 0.15
    assert float(noise.std(dim=1).min()) > 0.12
    # What is kept is not written over.
    assert float(task("digits").split("train").inputs.min()) == 0.0


def test_the_next_batch_has_other_noise():
    config, generator = replace(CONFIG, input_noise=0.2, batch_size=2_000), torch.Generator()
    corners = [training_batch(config, task("digits"), generator).inputs[:, 0] for _ in range(2)]
    assert not torch.equal(*corners)


def test_plain_training_gets_the_noise_too():
    assert as_plain(replace(CONFIG, input_noise=0.2, l1_coefficient=1e-4)).input_noise == 0.2


def test_a_text_has_no_inputs_that_are_numbers():
    with pytest.raises(ConfigError, match=r"found input_noise = 0.1 for the text stories; exp"):
        TrainingConfig(task="stories", network="gpt", hidden=(8,), input_noise=0.1)
