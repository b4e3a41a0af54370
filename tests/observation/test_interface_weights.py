"""Single weights between modules, counted on networks where the answer is known."""

from functools import cache

import pytest
import torch

from explorer.errors import PartitionError, TaskError
from explorer.network.architectures import GPT, MLP
from explorer.network.tasks import task
from explorer.network.tasks.stories_grammar import WORDS
from explorer.observation.interface_weights import interface_weights
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training

BETWEEN = 2 * (4 * 16 * 16 + 2 * 16 * 16) * 3 // 4  # of two blocks in four equal bins


def network() -> GPT:
    made = GPT(len(WORDS), 16, 4, (16, 16))
    made.initialise(torch.Generator().manual_seed(0))
    return made.eval().requires_grad_(False)


@cache
def trained() -> GPT:
    settings = {"task": "stories", "network": "gpt", "hidden": (16, 16), "width": 16, "heads": 4}
    training = Training(TrainingConfig(**settings, batch_size=16, steps=150, learning_rate=1e-2))
    while not training.done:
        training.step()
    return training.network.copy()


def test_bins_have_three_quarters_of_the_weights_between_them() -> None:
    made = network()
    _, between = interface_weights(task("stories"), made, made.bins(4), "validation", 1.0)
    assert between == BETWEEN


def test_a_network_without_weights_between_modules_needs_none() -> None:
    made = network()
    labels = torch.from_numpy(made.bins(4))
    parts = labels.split([layer.size for layer in made.neuron_layers])
    masks = [parts[t][:, None] != parts[s][None, :] for s, t in made.links]
    modular = made.without_edges(masks)
    assert interface_weights(task("stories"), modular, made.bins(4))[0] == 0


def test_the_count_is_what_keeps_accuracy() -> None:
    made, stories = trained(), task("stories")
    examples = stories.split("validation")
    kept, between = interface_weights(stories, made, made.bins(4), "validation", 0.005)
    assert 0 < kept <= between
    labels = torch.from_numpy(made.bins(4))
    parts = labels.split([layer.size for layer in made.neuron_layers])
    crossing = []
    for block in range(2):
        residual, heads, neurons = parts[0], parts[1 + 2 * block], parts[2 + 2 * block]
        columns = heads.repeat_interleave(4)
        into, back = columns[:, None] != residual[None, :], residual[:, None] != columns[None, :]
        up, down = neurons[:, None] != residual[None, :], residual[:, None] != neurons[None, :]
        crossing += [into, into, into, back, up, down]
    sizes = torch.cat([w.abs()[c] for w, c in zip(made.matrices, crossing, strict=True)])
    least = sizes.sort(descending=True).values[kept - 1]
    thinned = made.with_matrices(
        [
            w.masked_fill(c & (w.abs() < least), 0)
            for w, c in zip(made.matrices, crossing, strict=True)
        ]
    )

    def accuracy(of: GPT) -> float:
        return float((of(examples.inputs).argmax(dim=-1) == examples.targets).double().mean())

    assert accuracy(thinned) >= accuracy(made) - 0.005 - 1e-9


def test_numbers_are_refused() -> None:
    with pytest.raises(TaskError, match="expected one of text"):
        interface_weights(task("xor4"), MLP([8, 4, 8]), torch.zeros(20, dtype=torch.long).numpy())


def test_a_large_network_is_refused_before_it_is_run() -> None:
    made = GPT(len(WORDS), 512, 4, (2048,))  # 12 * 512**2 weights, never drawn
    with pytest.raises(PartitionError, match=r"found a network of 2,564 nodes and .*; expected"):
        interface_weights(task("stories"), made, made.bins(4))
