"""Convolutional networks: channels are the nodes."""

import pytest
import torch

from explorer import find_modules, network_graph
from explorer.errors import ArchitectureError
from explorer.network.architectures import CNN, activity_of, build
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.load import load
from explorer.observation.ablation import ablate, cut_all_interfaces
from explorer.observation.record import evidence


def made(image=(4, 4), channels=(2, 6, 8), outputs=20, seed=0) -> CNN:
    network = CNN(image, channels, outputs)
    network.initialise(torch.Generator().manual_seed(seed))
    return network


def test_it_agrees_with_torch():
    network, inputs = made((8, 8), (1, 3, 5), 7), torch.rand(11, 64)
    first, second = network.convolutions
    x = inputs.reshape(11, 1, 8, 8)
    x = torch.nn.functional.max_pool2d(first(x).relu(), 2)
    x = torch.nn.functional.max_pool2d(second(x).relu(), 2)
    assert torch.allclose(network(inputs), network.head(x.flatten(1)))


def test_edges_are_sums_of_weights():
    network = made().copy()
    kernel, _, head = network.matrices
    first, _, last = network.magnitudes()
    assert first.shape == (6, 2)
    assert first[4, 1] == pytest.approx(float(kernel[4, 1].abs().sum()))
    assert last.shape == (20, 8)
    assert last[3, 5] == pytest.approx(float(head[3].reshape(8, -1)[5].abs().sum()))


def test_a_single_input_channel_is_no_node():
    assert [layer.size for layer in made((8, 8), (1, 3, 5), 7).neuron_layers] == [3, 5, 7]
    assert [layer.size for layer in made().neuron_layers] == [2, 6, 8, 20]


def test_the_graph_does_not_change_when_a_channel_is_rescaled():
    network = made()
    before = network_graph(Checkpoint("a", network, "pair")).blocks
    scaled = made()
    with torch.no_grad():
        scaled.convolutions[0].weight[2] *= 4
        scaled.convolutions[0].bias[2] *= 4
        scaled.convolutions[1].weight[:, 2] /= 4
    inputs = torch.rand(5, 32)
    assert torch.allclose(network(inputs), scaled(inputs), atol=1e-5)
    after = network_graph(Checkpoint("b", scaled, "pair")).blocks
    for a, b in zip(before, after, strict=True):
        assert a.mass == pytest.approx(b.mass, abs=1e-7)


def test_an_edit_sees_channels_last_and_edges_can_be_cut():
    network, inputs = made(), torch.rand(3, 32)
    shapes = []

    def drop(layer, activations):
        shapes.append(tuple(activations.shape))
        if layer != 1:
            return activations
        changed = activations.clone()
        changed[..., 2] = 0.0
        return changed

    dropped = network(inputs, drop)
    assert shapes == [(3, 4, 4, 2), (3, 4, 4, 6), (3, 2, 2, 8), (3, 20)]
    masks = [torch.zeros(m.shape, dtype=torch.bool) for m in network.magnitudes()]
    masks[1][:, 2] = True  # all that leaves channel 2
    assert torch.allclose(network.without_edges(masks)(inputs), dropped, atol=1e-6)
    assert not torch.allclose(network(inputs), dropped)


def test_it_is_saved_opened_and_explored(tmp_path):
    checkpoint = Checkpoint("small", made(), "pair")
    again = load(save(checkpoint, tmp_path / "small.safetensors"))
    assert again.id == checkpoint.id
    partition = find_modules(network_graph(again), k=2)
    found = evidence(again, partition.module("A"))
    assert len(found.input_mass) == 2
    assert found.effect is not None
    assert len(ablate(again, [3, 9]).heads) == 2
    assert cut_all_interfaces(partition).kind == "cut"


def test_activity_is_measured_over_places():
    network, inputs = made(), torch.rand(9, 32)
    activity = activity_of(network.trace(inputs))
    assert [len(mean) for mean in activity.mean] == [2, 6, 8, 20]
    assert activity.mean[0][1] == pytest.approx(float(inputs[:, 16:].mean()), rel=1e-5)


@pytest.mark.parametrize(
    "description",
    [
        {"kind": "cnn"},
        {"kind": "cnn", "image": [8, 8], "channels": [1], "outputs": 3},
        {"kind": "cnn", "image": [8], "channels": [1, 2], "outputs": 3},
        {"kind": "cnn", "image": [8, 0], "channels": [1, 2], "outputs": 3},
        {"kind": "cnn", "image": [8, 8], "channels": [1, 2.0], "outputs": 3},
        {"kind": "cnn", "image": [8, 8], "channels": [1, 10**9], "outputs": 3},
        {"kind": "cnn", "image": [8, 8], "channels": [1, *[9_999] * 21], "outputs": 3},
        {"kind": "cnn", "image": "8x8", "channels": [1, 2], "outputs": 3},
        {"kind": "cnn", "image": [8, 8], "channels": [1, 2], "outputs": None},
    ],
)
def test_descriptions_that_make_no_network(description):
    with pytest.raises(ArchitectureError, match=r"found .*; expected"):
        build(description)
