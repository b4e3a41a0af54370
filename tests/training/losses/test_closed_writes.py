"""Confined writes: which weights of a GPT are held at 0, and when."""

from dataclasses import replace

import torch

from explorer.training.config import TrainingConfig
from explorer.training.loop import Training
from explorer.training.losses import make_loss
from tests.networks import make_network

CONFIG = TrainingConfig(
    task="stories",
    network="gpt",
    hidden=(12, 12),
    width=16,
    heads=4,
    module_count=4,
    loss="closed_writes",
    modularity_coefficient=1.0,
    penalty_ramp=(0.0, 0.0),
    batch_size=4,
    steps=8,
)
READS, OUT, UP, DOWN = (0, 1, 2), 3, 4, 5  # places in the matrices of a block


def trained(config: TrainingConfig, steps: int) -> Training:
    training = Training(config)
    for _ in range(steps):
        training.step()
    return training


def between(training: Training) -> list[torch.Tensor]:
    """Which weights of q, k, v, out, up and down of a block lead from one bin to another."""
    residual, neurons = torch.arange(16) // 4, torch.arange(12) // 3
    into = residual[:, None] != residual[None, :]
    up = neurons[:, None] != residual[None, :]
    return [into, into, into, into, up, up.T]


def test_writes_and_the_first_reads_are_confined_and_other_reads_are_not() -> None:
    training = trained(CONFIG, 3)
    crossing = between(training)
    for block in (0, 1):
        matrices = training.network.matrices[6 * block : 6 * block + 6]
        for place, (matrix, mask) in enumerate(zip(matrices, crossing, strict=True)):
            assert bool((matrix[~mask] != 0).all())
            closed = place in (OUT, DOWN) or (block == 0 and place in READS)
            assert bool((matrix[mask] == 0).all() if closed else (matrix[mask] != 0).all())


def test_nothing_is_held_before_the_penalty_sets_in_or_without_it() -> None:
    late = trained(replace(CONFIG, penalty_ramp=(0.5, 0.9)), 4)
    never = trained(replace(CONFIG, modularity_coefficient=0.0), 4)
    for training in (late, never):
        assert all(bool((matrix != 0).all()) for matrix in training.network.matrices)
    pairs = zip(late.network.parameters(), never.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    late.step()
    late.step()
    assert not bool(late.network.matrices[DOWN][between(late)[DOWN]].any())


def test_a_resumed_run_ends_in_the_same_network() -> None:
    whole = trained(CONFIG, 3)
    parts = Training(CONFIG, whole.state())
    while not whole.done:
        whole.step()
        parts.step()
    pairs = zip(whole.network.parameters(), parts.network.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_what_is_held_follows_the_number_of_modules_that_is_restored() -> None:
    training = trained(CONFIG, 1)
    loss, two = training.loss, trained(replace(CONFIG, module_count=2), 1).loss
    four = [int(kept.sum()) for kept in loss.held(training.network)]
    loss.restore(two.state())
    assert loss.count == 2
    assert all(
        int(kept.sum()) == (2 * before if before < kept.numel() else before)
        for kept, before in zip(loss.held(training.network), four, strict=True)
    )


def test_a_chain_of_layers_has_nothing_to_hold() -> None:
    chain = make_network([torch.ones(8, 8)] * 2)
    assert make_loss(replace(CONFIG, task="xor4", network="mlp"), chain).held(chain) is None
