"""The share of weight between fixed bins: its value, and the one thing that its gradient does."""

from dataclasses import replace

import pytest
import torch

from explorer.network.architectures import GPT, Network, activity_of
from explorer.network.graph import graph_from_masses
from explorer.network.weightings import graph_masses
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training
from explorer.training.losses import ModularityLoss, make_loss

CONFIG = TrainingConfig(
    task="stories",
    network="gpt",
    hidden=(12,),
    width=16,
    heads=4,
    module_count=4,
    loss="between_bins",
    modularity_coefficient=1.0,
    penalty_ramp=(0.0, 0.0),
    batch_size=4,
    steps=60,
)


def ready() -> tuple[GPT, ModularityLoss, object]:
    network = GPT(146, 16, 4, (12,))
    network.initialise(torch.Generator().manual_seed(0))
    tokens = torch.randint(146, (4, 20), generator=torch.Generator().manual_seed(1))
    activity = activity_of(network.trace(tokens))
    loss = make_loss(CONFIG, network)
    masses = graph_masses(network, "activity", activity)
    loss.refresh(graph_from_masses(network, masses, "activity"))
    return network, loss, activity


def between(network: Network, labels: torch.Tensor) -> list[torch.Tensor]:
    """Which entries of q, k, v, o, in and out lead from one bin to another, by hand."""
    residual, heads, neurons = labels.split([16, 4, 12])
    columns = heads.repeat_interleave(4)
    into = columns[:, None] != residual[None, :]
    up = neurons[:, None] != residual[None, :]
    return [into, into, into, into.T, up, up.T]


def test_the_penalty_is_the_share_of_mass_between_bins() -> None:
    network, loss, activity = ready()
    crossing = between(network, torch.from_numpy(network.bins(4)))
    block = network.blocks[0]
    read = activity.mean
    q, k, v = block.qkv.chunk(3)
    sizes = [
        torch.cat([w.abs() * read[0] for w in (q, k, v)]),
        block.out.abs() * read[1],
        block.up.abs() * read[2],
        block.down.abs() * read[3],
    ]
    masks = [torch.cat(crossing[:3]), crossing[3], crossing[4], crossing[5]]
    shares = [float(((s * m).sum() / s.sum()).detach()) for s, m in zip(sizes, masks, strict=True)]
    found = loss.of_network(network, activity, 1.0).value
    assert found == pytest.approx(sum(shares) / 4 / 0.75, rel=1e-5)


def test_weights_inside_bins_are_left_alone_and_those_between_shrink() -> None:
    network, loss, activity = ready()
    penalty = loss.of_network(network, activity, 2.0)
    torch.autograd.backward(list(penalty.tensors), list(penalty.gradients))
    block = network.blocks[0]
    slopes = [*block.qkv.grad.chunk(3), block.out.grad, block.up.grad, block.down.grad]
    crossing = between(network, torch.from_numpy(network.bins(4)))
    for weight, slope, mask in zip(network.matrices, slopes, crossing, strict=True):
        assert bool((slope[~mask] == 0).all())
        assert bool((slope[mask] * weight[mask].sign() > 0).all())


def test_training_with_it_moves_weight_into_the_bins() -> None:
    inside = []
    for coefficient in (0.0, 5.0):
        training = Training(replace(CONFIG, modularity_coefficient=coefficient))
        while not training.done:
            training.step()
        loss = make_loss(CONFIG, training.network)
        tokens = training.task.split("validation").inputs
        activity = activity_of(training.network.trace(tokens))
        masses = graph_masses(training.network, "activity", activity)
        loss.refresh(graph_from_masses(training.network, masses, "activity"))
        inside.append(1 - 0.75 * float(loss.penalty(masses, training.network).detach()))
    assert inside[0] < 0.4
    assert inside[1] > inside[0] + 0.2
