"""A transformer runs without some of its edges as its copy does, and stays as it is."""

import pytest
import torch

from explorer.network.adapters.resnet import ResNet as ResNetAdapter
from explorer.network.architectures import MLP, Transformer
from explorer.network.architectures.cut_weights import CutWeights
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.architectures.families import FAMILIES
from explorer.network.readers import WeightFile
from tests.network.pictures import ResNet, batch, settled
from tests.network.tiny_transformers import network_of, tokens

CONV = {"stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 3}


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


def test_networks_of_any_plan_run_as_their_copies_do():
    inputs = batch((3, 32, 32)).flatten(1)
    content = WeightFile(settled(ResNet()).state_dict(), None, True)
    network = ResNetAdapter().open(content, "a resnet")
    recipe = Recipe((3, 32, 32))  # in groups, then two layers side by side into one
    first = recipe.add("convolution", 0, CONV, weight=batch((1, 3, 3), 6))
    means = [recipe.add("mean", at, {"axes": [1, 2], "keep": False}) for at in (first, 0)]
    recipe.add(
        "linear", recipe.add("concatenate", tuple(means), {"axis": 0}), weight=batch((9,), 5)
    )
    grouped = network_from(recipe)
    assert len(grouped.links) == 3
    for made in (network, grouped):
        generator = torch.Generator().manual_seed(4)
        masks = [torch.rand(m.shape, generator=generator) < 0.4 for m in made.magnitudes()]
        whole, cut, copied = made(inputs), made.running_without(masks), made.without_edges(masks)
        assert torch.equal(cut(inputs), copied(inputs))
        for own, other in zip(cut.trace(inputs).sites, copied.trace(inputs).sites, strict=True):
            assert torch.equal(own, other)
        assert torch.equal(made(inputs), whole) and not torch.equal(cut(inputs), whole)
        pairs = zip(made.state_dict().values(), cut.state_dict().values(), strict=True)
        assert all(own.data_ptr() == other.data_ptr() for own, other in pairs)


def test_a_small_network_is_copied():
    network = MLP([3, 4, 2])
    masks = [torch.rand(w.shape) < 0.5 for w in network.weights]
    cut = network.running_without(masks)
    for own, mask, weight in zip(cut.weights, masks, network.weights, strict=True):
        assert torch.equal(own, weight.masked_fill(mask, 0.0))
