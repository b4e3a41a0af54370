"""A network of any plan: its layers, its edges, and that it computes what it should."""

import copy
import json

import pytest
import torch
from torch import nn

from explorer.errors import ArchitectureError
from explorer.network.adapters.resnet import ResNet as ResNetAdapter
from explorer.network.architectures import CNN, MAX_NODES, MLP, Dataflow, activity_of, build
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.graph import network_graph
from explorer.network.load import load
from explorer.network.readers import WeightFile
from tests.network.pictures import ResNet, batch, settled

CONV = {"stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1}
HALVED = {"size": [2, 2], "stride": [2, 2], "padding": [0, 0], "dilation": [1, 1], "ceil": True}


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def opened(module):
    return ResNetAdapter().open(WeightFile(module.state_dict(), None, True), "a resnet")


@pytest.fixture(scope="module")
def resnet():
    return settled(ResNet())


@pytest.fixture(scope="module")
def network(resnet):
    return opened(resnet)


def test_a_resnet_shares_its_channels_by_depth(network):
    """By hand: the stem and the additions of a stage are one layer, inner channels one each."""
    sizes = [(layer.name, layer.role, layer.size) for layer in network.neuron_layers]
    assert sizes == [
        ("input pictures", "input", 3),
        ("channels 1", "hidden", 4),  # the stem, and what the block of stage 1 adds to it
        ("channels 2", "hidden", 4),  # inside that block
        ("channels 3", "hidden", 6),  # inside the first block of stage 2
        ("channels 4", "hidden", 6),  # stage 2: its projection, and both blocks
        ("channels 5", "hidden", 6),  # inside the second block
        ("outputs", "output", 5),
    ]
    assert network.links == (
        *((0, 1), (1, 2), (2, 1), (1, 3), (3, 4), (1, 4), (4, 5), (5, 4), (4, 6)),
    )


def test_edges_are_sums_over_kernels_with_batch_norms_folded(resnet, network):
    norm = resnet.bn1
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    expected = resnet.conv1.weight.abs().sum(dim=(2, 3)) * scale.abs()[:, None]
    assert torch.allclose(network.magnitudes()[0], expected, atol=1e-6)
    assert torch.equal(network.edge_weights[-1], resnet.fc.weight)  # one weight each, with its sign


def test_outputs_are_those_of_the_module(resnet, network):
    pictures = batch((3, 32, 32))
    assert torch.allclose(network(pictures.flatten(1)), resnet(pictures), atol=1e-5)


def test_an_ablation_by_edit_is_a_weight_that_is_zero(resnet, network):
    """Channel 2 inside the block: nothing reads it any more."""
    pictures = batch((3, 32, 32))
    without = copy.deepcopy(resnet)
    without.layer1[0].conv2.weight[:, 2] = 0.0

    def edit(layer, activations):
        kept = torch.ones(activations.shape[-1])
        if layer == 2:
            kept[2] = 0.0
        return activations * kept

    found = network(pictures.flatten(1), edit)
    assert torch.allclose(found, without(pictures), atol=1e-5)
    assert not torch.allclose(found, network(pictures.flatten(1)), atol=1e-3)


def test_layers_and_sites_have_a_number_for_every_node(network):
    trace = network.trace(batch((3, 32, 32)).flatten(1))
    assert [layer.shape[-1] for layer in trace.layers] == [at.size for at in network.neuron_layers]
    for (source, _), site in zip(network.links, trace.sites, strict=True):
        assert site.shape[-1] == network.neuron_layers[source].size
    assert torch.equal(trace.layers[-1], trace.outputs)
    assert torch.equal(network.activations(batch((3, 32, 32)).flatten(1))[4], trace.layers[4])
    assert (trace.layers[4] >= 0).all()  # behind the last addition and its ReLU


def test_activity_counts_what_flows_into_weights(network):
    activity = activity_of(network.trace(batch((3, 32, 32)).flatten(1)))
    for plain, counted, mean in zip(
        network.magnitudes(), network.magnitudes(activity), activity.mean, strict=True
    ):
        assert torch.allclose(counted, plain * mean)


def test_cut_edges_are_gone_and_no_others(network):
    generator = torch.Generator().manual_seed(3)
    masks = [torch.rand(m.shape, generator=generator) < 0.4 for m in network.magnitudes()]
    cut = network.without_edges(masks)
    for before, after, mask in zip(network.magnitudes(), cut.magnitudes(), masks, strict=True):
        assert torch.allclose(after, before.masked_fill(mask, 0.0))


def test_links_can_be_read_one_by_one_and_changed_on_the_way(network):
    for link, size in enumerate(network.magnitudes()):
        assert torch.equal(network.link_magnitude(link), size)
        doubled = network.link_magnitude(link, change=lambda place, matrix: matrix * (place + 2))
        assert torch.allclose(doubled, size * (link + 2))


def test_a_rescaled_channel_gives_the_same_outputs_and_activity_masses(network):
    """A ReLU channel times 4 on the way in and a fourth on the way out: exact in binary."""
    state = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    first, second = (behind.link.step - 1 for behind in network._behind[1:3])
    state[f"tensors.{first}.weight"][1] *= 4.0
    state[f"tensors.{first}.bias"][1] *= 4.0
    state[f"tensors.{second}.weight"][:, 1] /= 4.0
    scaled = network.copy()
    scaled.load_state_dict(state)
    inputs = batch((3, 32, 32)).flatten(1)
    assert torch.allclose(scaled(inputs), network(inputs), atol=1e-5)
    before, after = (one.magnitudes(activity_of(one.trace(inputs)))[2] for one in (network, scaled))
    assert torch.allclose(before, after, rtol=1e-4)


def test_it_is_kept_and_described_by_its_own_file(network, tmp_path):
    checkpoint = Checkpoint("tiny", network)
    again = load(save(checkpoint, tmp_path / "tiny.safetensors"))
    assert again.id == checkpoint.id
    first, second = network_graph(checkpoint, "layer"), network_graph(again, "layer")
    assert first.id == second.id
    assert build(json.loads(json.dumps(network.describe()))).describe() == network.describe()


def test_what_is_concatenated_is_read_as_parts():
    recipe = Recipe((2, 4, 4))
    one = recipe.add("convolution", 0, CONV, weight=draw(3, 2, 3, 3))
    other = recipe.add("convolution", one, CONV, weight=draw(4, 3, 3, 3))
    both = recipe.add("concatenate", (one, other), {"axis": 0})
    weight = draw(5, 7 * 16, seed=2)
    flat = recipe.add("reshape", recipe.add("relu", both), {"shape": [7 * 16]})
    recipe.add("linear", flat, weight=weight)
    network = network_from(recipe)
    assert network.links == ((0, 1), (1, 2), (1, 3), (2, 3))
    sums = weight.abs().reshape(5, 7, 16).sum(dim=2)
    assert torch.allclose(network.magnitudes()[2], sums[:, :3])
    assert torch.allclose(network.magnitudes()[3], sums[:, 3:])
    changed = network.with_matrices([m * 2 for m in network.matrices])
    assert torch.allclose(changed.magnitudes()[3], 2 * sums[:, 3:])


def test_channels_in_groups_have_no_edges_between_groups():
    recipe = Recipe((4, 3, 3))
    weight = draw(6, 2, 3, 3)
    recipe.add("convolution", 0, {**CONV, "groups": 2}, weight=weight)
    mean = recipe.add("mean", recipe.add("relu", 1), {"axes": [1, 2], "keep": False})
    recipe.add("linear", mean, weight=draw(2, 6))
    size = network_from(recipe).magnitudes()[0]
    assert torch.allclose(size[:3, :2], weight[:3].abs().sum(dim=(2, 3)))
    assert torch.equal(size[:3, 2:], torch.zeros(3, 2))
    assert torch.allclose(size[3:, 2:], weight[3:].abs().sum(dim=(2, 3)))


def test_channels_that_are_multiplied_are_one_node():
    """A gated layer: gate and value of a neuron are one node, their weights added."""
    recipe = Recipe((4,))
    weight = draw(6, 4)
    both = recipe.add("linear", 0, weight=weight)
    cut = {"axis": 0, "step": 1}
    gate = recipe.add("slice", both, {**cut, "start": 0, "stop": 3})
    value = recipe.add("slice", both, {**cut, "start": 3, "stop": 6})
    product = recipe.add("multiply", (recipe.add("silu", gate), value))
    recipe.add("linear", product, weight=draw(2, 3))
    network = network_from(recipe)
    assert network.shape == "4-3-2"
    assert torch.allclose(network.magnitudes()[0], weight[:3].abs() + weight[3:].abs())


def test_plain_stacks_come_out_as_what_they_are():
    recipe = Recipe((1, 2, 2))
    flat = recipe.add("reshape", 0, {"shape": [4]})
    hidden = recipe.add("relu", recipe.add("linear", flat, weight=draw(3, 4)))
    last = recipe.add("linear", hidden, weight=draw(2, 3))
    recipe.add("softmax", last, {"axis": 0})
    network = network_from(recipe)
    assert isinstance(network, MLP) and network.widths == (4, 3, 2)
    assert len(recipe.notes) == 1

    wanted = CNN((6, 5), [1, 3, 4], 2)
    recipe, value = Recipe((1, 6, 5)), 0
    for layer in wanted._layers():
        made = recipe.add("convolution", value, CONV, weight=layer.weight, bias=layer.bias)
        value = recipe.add("max_pool", recipe.add("relu", made), HALVED)
    value = recipe.add("reshape", value, {"shape": [4 * wanted.places]})
    recipe.add("linear", value, weight=wanted.head.weight, bias=wanted.head.bias)
    network = network_from(recipe)
    assert isinstance(network, CNN)
    inputs = batch((30,))
    assert torch.equal(network(inputs), wanted(inputs))


def test_the_gain_of_a_norm_goes_into_the_weights_behind_it():
    recipe = Recipe((4,))
    hidden = recipe.add("silu", recipe.add("linear", 0, weight=draw(3, 4)))
    gain, shift, weight = draw(3, seed=1), draw(3, seed=2), draw(2, 3, seed=3)
    normed = recipe.add("layer_norm", hidden, {"axes": 1, "eps": 1e-5}, scale=gain, shift=shift)
    recipe.add("linear", normed, weight=weight)
    network = network_from(recipe)
    assert torch.allclose(network.magnitudes()[1], (weight * gain).abs())
    inputs = batch((4,))
    active = nn.functional.silu(inputs @ draw(3, 4).T)
    wanted = nn.functional.layer_norm(active, (3,), gain, shift) @ weight.T
    assert torch.allclose(network(inputs), wanted, atol=1e-5)


LINEAR = {"kind": "linear", "inputs": [0], "settings": {}, "tensors": {"weight": [2, 4]}}
HOSTILE = {
    "no steps": [],
    "steps that are no list": "linear",
    "too many": [LINEAR] * 5_001,
    "an unknown kind": [{**LINEAR, "kind": "eval"}],
    "a kind that is no word": [{**LINEAR, "kind": ["linear"]}],
    "a step without tensors": [{**LINEAR, "tensors": {}}],
    "a strange setting": [{**LINEAR, "settings": {"code": "1"}}],
    "a value that comes later": [{**LINEAR, "inputs": [1]}],
    "a value below 0": [{**LINEAR, "inputs": [-1]}],
    "two values": [{**LINEAR, "inputs": [0, 0]}],
    "a true value": [{**LINEAR, "inputs": [True]}],
    "a huge matrix": [{**LINEAR, "tensors": {"weight": [2**31 - 1, 4]}}],
    "a matrix that does not fit": [{**LINEAR, "tensors": {"weight": [2, 5]}}],
    "a matrix of text": [{**LINEAR, "tensors": {"weight": ["2", 4]}}],
    "many nodes": [{**LINEAR, "tensors": {"weight": [MAX_NODES, 4]}}],
    "nothing but ReLU": [{"kind": "relu", "inputs": [0], "settings": {}, "tensors": {}}],
    "padding as a bomb": [
        {
            "kind": "pad",
            "inputs": [0],
            "settings": {"sizes": [2**31 - 1, 2**31 - 1], "value": 0.0},
            "tensors": {},
        }
    ],
    "a shape for all examples at once": [
        {"kind": "reshape", "inputs": [0], "settings": {"shape": [8]}, "tensors": {}}
    ],
}


@pytest.mark.parametrize("steps", HOSTILE.values(), ids=HOSTILE)
def test_hostile_descriptions_are_refused_in_a_sentence(steps):
    with pytest.raises(ArchitectureError, match=r"found .*; (expected|at most) "):
        build({"kind": "dataflow", "input_shape": [4], "steps": steps})


@pytest.mark.parametrize("shape", [None, [], [0], [10**6] * 3, "4", [4.0], [True]])
def test_hostile_input_shapes_are_refused(shape):
    with pytest.raises(ArchitectureError):
        build({"kind": "dataflow", "input_shape": shape, "steps": [LINEAR]})


def test_channels_that_meet_without_weights_are_refused():
    recipe = Recipe((4,))
    hidden = recipe.add("relu", recipe.add("linear", 0, weight=draw(6, 4)))
    grid = recipe.add("reshape", hidden, {"shape": [2, 3]})
    mean = recipe.add("mean", grid, {"axes": [0], "keep": False})
    recipe.add("linear", mean, weight=draw(2, 3))
    with pytest.raises(ArchitectureError, match="mixes channels"):
        network_from(recipe)


def test_drawn_anew_it_differs_and_norms_begin_without_effect(network):
    drawn = network.copy()
    drawn.initialise(torch.Generator().manual_seed(0))
    assert not torch.equal(drawn.matrices[0], network.matrices[0])
    assert type(drawn) is Dataflow and drawn.links == network.links
