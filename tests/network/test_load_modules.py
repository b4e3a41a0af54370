"""Modules at hand: those of this package, of transformers, and of anybody's making."""

import pytest
import torch
from torch import nn

from explorer import load
from explorer.errors import CheckpointError
from explorer.network.load import load_bytes
from tests.network.bad_content import GOOD, pt
from tests.network.tiny_transformers import module_of, network_of, random_module
from tests.networks import random_network


def test_a_network_of_this_package():
    network = random_network([8, 5, 8])
    opened = load(network, task="xor4")
    assert opened.task_name == "xor4"
    assert (opened.name, opened.origin.format) == ("MLP", "nn.Module")
    with torch.no_grad():
        network.weights[0].zero_()
    assert opened.network.weights[0].abs().sum() > 0


def test_a_module_of_transformers_is_copied():
    module = random_module("qwen3")
    opened = load(module)
    assert opened.name == "Qwen3ForCausalLM"
    assert opened.network.describe() == network_of("qwen3").describe()
    before = opened.network(torch.zeros(1, 3, dtype=torch.long))
    with torch.no_grad():
        module.model.norm.weight.zero_()
    assert torch.equal(opened.network(torch.zeros(1, 3, dtype=torch.long)), before)


def test_a_module_of_transformers_without_a_head():
    assert load(module_of("bert").bert).network.describe()["head"] is False


def test_a_module_of_anybody():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    opened = load(module, example_input=torch.zeros(1, 4))
    assert sum(layer.size for layer in opened.network.neuron_layers) == 9
    inputs = torch.randn(5, 4)
    torch.testing.assert_close(opened.network(inputs), module(inputs))


def test_a_module_that_does_what_is_not_known():
    class Odd(nn.Module):
        def forward(self, inputs):
            return torch.fft.fft(inputs).real

    with pytest.raises(CheckpointError):
        load(Odd(), example_input=torch.zeros(1, 4))


def test_the_content_of_a_file():
    assert load(pt(GOOD)).id == load_bytes(pt(GOOD), "a").id
