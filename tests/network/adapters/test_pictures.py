"""Networks for pictures, and stacks with norms, opened by the names of their tensors."""

import pytest
import torch
from torch import nn

from explorer.errors import ArchitectureError, CheckpointError
from explorer.network.adapters import open_content
from explorer.network.readers import WeightFile
from tests.network.pictures import VGG, Bottleneck, ResNet, batch, settled


def opened(state):
    return open_content(WeightFile(state, None, True), "mine")


NAMED = {
    "ResNet": (settled(ResNet()), (3, 32, 32)),
    "ResNet with a large kernel": (settled(ResNet(small=False)), (3, 224, 224)),
    "ResNet of bottlenecks": (settled(ResNet(Bottleneck, (4, 8), (2, 1))), (3, 32, 32)),
    "VGG": (settled(VGG()), (3, 224, 224)),
    "VGG with batch norm": (settled(VGG(batch_norm=True)), (3, 224, 224)),
    "batch norm in a row": (
        settled(nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))),
        (4,),
    ),
    "layer norm behind ReLU": (
        settled(
            nn.Sequential(nn.LayerNorm(4), nn.Linear(4, 8), nn.ReLU(), nn.LayerNorm(8))
            .append(nn.Linear(8, 6))
            .append(nn.RMSNorm(6, eps=1e-5))
            .append(nn.ReLU())
            .append(nn.Linear(6, 2))
        ),
        (4,),
    ),
}


@pytest.mark.parametrize(("module", "shape"), NAMED.values(), ids=NAMED)
def test_names_tell_the_network(module, shape):
    network, notes = opened(module.state_dict())
    inputs = batch(shape, 2)
    assert torch.allclose(network(inputs.flatten(1)), module(inputs), atol=1e-5)
    assert len(notes) == 1 and "assumed" in notes[0]


def without(state, key):
    return {name: tensor for name, tensor in state.items() if name != key}


BROKEN = {
    "a missing kernel": without(NAMED["ResNet"][0].state_dict(), "layer2.0.conv2.weight"),
    "missing statistics": without(NAMED["ResNet"][0].state_dict(), "layer1.0.bn1.running_var"),
    "a strange tensor": {**NAMED["ResNet"][0].state_dict(), "extra.weight": torch.zeros(2)},
    "a last layer that does not fit": {
        **NAMED["ResNet"][0].state_dict(),
        "fc.weight": torch.zeros(5, 7),
    },
    "whole numbers": {
        **NAMED["VGG"][0].state_dict(),
        "features.0.weight": torch.zeros(4, 3, 3, 3, dtype=torch.int32),
    },
    "an odd numbering": {
        **without(NAMED["VGG"][0].state_dict(), "features.3.weight"),
        "features.9.weight": torch.zeros(6, 4, 3, 3),
    },
    "a kernel without inputs": {
        **NAMED["ResNet"][0].state_dict(),
        "conv1.weight": torch.zeros(4, 0, 3, 3),
    },
}


@pytest.mark.parametrize("state", BROKEN.values(), ids=BROKEN)
def test_what_does_not_fit_is_said_in_a_sentence(state):
    with pytest.raises(CheckpointError, match=r"; expected"):
        opened(state)


def test_a_head_for_pictures_that_are_no_squares_is_refused():
    state = {
        "convolutions.0.weight": torch.zeros(2, 1, 3, 3),
        "convolutions.0.bias": torch.zeros(2),
        "head.weight": torch.zeros(3, 2 * 6),
        "head.bias": torch.zeros(3),
    }
    with pytest.raises(ArchitectureError, match=r"head\.weight"):
        opened(state)
