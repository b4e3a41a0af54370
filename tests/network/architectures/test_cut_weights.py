"""A transformer runs without some of its edges as its copy does, and stays as it is."""

import pytest
import torch

from explorer.network.architectures import MLP, Transformer
from explorer.network.architectures.cut_weights import CutWeights
from explorer.network.architectures.families import FAMILIES
from tests.network.tiny_transformers import network_of, tokens


def some_edges(network):
    generator = torch.Generator().manual_seed(7)
    return [torch.rand(size.shape, generator=generator) < 0.3 for size in network.magnitudes()]


def in_half_precision(network):
    made = Transformer(network.family.model_type, network.settings, network.head)
    made.load_state_dict({k: v.to(torch.bfloat16) for k, v in network.state_dict().items()})
    return made.eval().requires_grad_(False)


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("name", FAMILIES)
def test_it_runs_as_the_copy_does_and_shares_all_weights(name, half):
    network = in_half_precision(network_of(name)) if half else network_of(name)
    masks, inputs = some_edges(network), tokens()
    before, whole = {k: v.clone() for k, v in network.state_dict().items()}, network(inputs)
    cut, copied = network.running_without(masks), network.without_edges(masks)
    assert torch.equal(cut(inputs), copied(inputs))
    assert not torch.equal(cut(inputs), whole)
    for own, other in zip(cut.inside(inputs).sites, copied.inside(inputs).sites, strict=True):
        assert torch.equal(own, other)
    assert torch.equal(network(inputs), whole)  # also after the cut one ran
    for name_, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name_])
        assert cut.state_dict()[name_].data_ptr() == tensor.data_ptr()
    assert cut._single is network._single


def test_a_run_that_fails_leaves_the_network_as_it_was():
    network, inputs = network_of("llama"), tokens()
    whole, cut = network(inputs), network.running_without(some_edges(network_of("llama")))

    def fail(layer, activations):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut(inputs, fail)
    assert torch.equal(network(inputs), whole)


def test_transposed_and_named_weights_are_cut_too():
    weight, mask = torch.arange(6.0).reshape(2, 3), torch.eye(2, 3, dtype=torch.bool)
    inputs = torch.ones(1, 2)
    with CutWeights([weight], [mask]):
        found = [
            torch.addmm(torch.zeros(3), inputs, weight),
            inputs @ weight,
            torch.nn.functional.linear(inputs, weight=weight.t()),
        ]
        assert weight.shape == (2, 3)
    for one in found:
        assert one.tolist() == [[3.0, 1.0, 7.0]]
    assert weight.sum() == 15


def test_a_small_network_is_copied():
    network = MLP([3, 4, 2])
    masks = [torch.rand(w.shape) < 0.5 for w in network.weights]
    cut = network.running_without(masks)
    for own, mask, weight in zip(cut.weights, masks, network.weights, strict=True):
        assert torch.equal(own, weight.masked_fill(mask, 0.0))
