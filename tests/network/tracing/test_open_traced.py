"""Modules of anybody's making, watched on an example."""

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.errors import ArchitectureError
from explorer.network.architectures import CNN, MLP
from explorer.network.graph import network_graph
from explorer.network.load import load
from explorer.network.tracing import open_traced
from tests.network.pictures import IMAGE, VGG, Bottleneck, ResNet, batch, settled


class Skips(nn.Module):
    """An MLP with a residual, gated layers, three norms and constants on its inputs."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(6)
        self.first = nn.Linear(6, 8)
        self.layer_norm = nn.LayerNorm(8)
        self.up = nn.Linear(8, 10)
        self.down = nn.Linear(5, 8)
        self.rms_norm = nn.RMSNorm(8)
        self.last = nn.Linear(8, 3)
        self.register_buffer("mean", torch.arange(6.0))

    def forward(self, x):
        """Run."""
        x = self.first(self.norm((x - self.mean) / 2))
        gate, value = self.up(self.layer_norm(x)).chunk(2, dim=-1)
        x = x + self.down(F.silu(gate) * value)
        return self.last(F.dropout(self.rms_norm(x), 0.1, self.training))


class Squeezed(nn.Module):
    """Squeeze and excitation, channels by themselves, dilation, slopes, and last channels first."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding="same", dilation=2)
        self.squeeze, self.excite = nn.Linear(8, 2), nn.Linear(2, 8)
        self.each = nn.Conv2d(8, 8, 3, groups=8)
        self.norm, self.slopes = nn.GroupNorm(2, 8), nn.PReLU(8)
        self.last = nn.Linear(8 * 4, 3)

    def forward(self, x):
        """Run."""
        x = F.gelu(self.first(x))
        gate = self.excite(F.mish(self.squeeze(x.mean((2, 3))))).sigmoid()
        x = self.slopes(self.norm(self.each(x * gate[:, :, None, None])))
        x = F.adaptive_avg_pool2d(x, 2)
        return self.last(x.permute(0, 2, 3, 1).reshape(len(x), -1))


def stack(activation):
    return nn.Sequential(nn.Linear(4, 8), activation, nn.Linear(8, 2))


FOLLOWED = {
    "skips": (Skips(), (6,), "6-8-5-3"),
    "squeeze and excitation": (Squeezed(), (3, 8, 8), "3-8-2-8-3"),
    "one axis of places": (
        nn.Sequential(
            nn.Conv1d(2, 4, 3), nn.ELU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(12, 2)
        ),
        (2, 8),
        "2-4-2",
    ),
    "bottlenecks in groups": (ResNet(Bottleneck, (4, 8), (1, 1)), IMAGE, "3-4-2-2-4-4-8-5"),
    **{
        type(one).__name__: (stack(one), (4,), "4-8-2")
        for one in (
            *(nn.Tanh(), nn.GELU("tanh"), nn.LeakyReLU(0.3), nn.Softplus(2.0), nn.Hardswish()),
            *(nn.ReLU6(), nn.SELU(), nn.Hardtanh(), nn.PReLU()),
        )
    },
}


@pytest.mark.parametrize(("module", "shape", "sizes"), FOLLOWED.values(), ids=FOLLOWED)
def test_it_answers_as_the_module_does(module, shape, sizes):
    settled(module)
    network, notes = open_traced(module, batch(shape, 2), "mine")
    inputs = batch(shape)
    assert network.shape == sizes and notes == ()
    assert torch.allclose(network(inputs.flatten(1)), module(inputs), atol=1e-5)


def test_the_module_itself_stays_as_it_is():
    module = Skips().train()
    before = copy.deepcopy(module.state_dict())
    open_traced(module, batch((6,)), "mine")
    assert module.training and all(p.requires_grad for p in module.parameters())
    assert all(torch.equal(before[k], t) for k, t in module.state_dict().items())


def test_traced_and_named_weights_make_one_graph(tmp_path):
    networks = ((settled(ResNet()), 32), (settled(VGG(batch_norm=True)), 224))
    for module, side in networks:
        path = tmp_path / "weights.pt"
        torch.save(module.state_dict(), path)
        named, traced = load(path), load(module, example_input=batch((3, side, side), 1))
        assert named.id == traced.id
        assert network_graph(named, "layer").id == network_graph(traced, "layer").id
        assert named.origin.notes and not traced.origin.notes


def test_the_size_of_pictures_is_no_part_of_the_graph():
    module = settled(ResNet())
    ids = [
        network_graph(load(module, example_input=batch((3, side, side), 1)), "layer").id
        for side in (16, 32)
    ]
    assert ids[0] == ids[1]


def test_plain_modules_make_the_graph_of_bare_weights(tmp_path):
    module = settled(nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 2)))
    torch.save(module.state_dict(), tmp_path / "mlp.pt")
    traced = load(module, example_input=torch.zeros(1, 1, 4, 4))
    assert isinstance(traced.network, MLP)
    assert traced.id == load(tmp_path / "mlp.pt").id

    own = settled(CNN((8, 8), [1, 3, 4], 2))
    twin = nn.Sequential(
        *(own.convolutions[0], nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)),
        *(own.convolutions[1], nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), own.head),
    )
    torch.save(own.state_dict(), tmp_path / "cnn.pt")
    traced = load(twin, example_input=torch.zeros(1, 1, 8, 8))
    assert isinstance(traced.network, CNN)
    assert traced.id == load(tmp_path / "cnn.pt").id


def test_a_softmax_behind_outputs_is_left_out_and_said():
    module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2), nn.Softmax(-1)).eval()
    network, notes = open_traced(module, None, "mine")
    inputs = batch((4,))
    assert torch.allclose(network(inputs).softmax(-1), module(inputs), atol=1e-6)
    assert len(notes) == 1 and "softmax" in notes[0]


class Choosing(nn.Module):
    """Does one thing or another."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        """Run."""
        return self.layer(x) if x.sum() > 0 else -self.layer(x)


class Mixing(Choosing):
    """Lets examples know of each other."""

    def forward(self, x):
        """Run."""
        return self.layer(x) + x.mean(dim=0, keepdim=True)


class Random(Choosing):
    """Gives other outputs every time."""

    def forward(self, x):
        """Run."""
        return self.layer(F.dropout(x, 0.5, training=True))


REFUSED = {
    "attention": (nn.TransformerEncoderLayer(8, 2, batch_first=True), (3, 8), "self_attn"),
    "recurrence": (nn.LSTM(3, 3, batch_first=True), (2, 3), "recurrent"),
    "a choice": (Choosing(), (4,), "to choose what to do"),
    "examples that meet": (Mixing(), (4,), "examples"),
    "chance": (Random(), (4,), "other outputs"),
    "another shape": (nn.Linear(4, 2), (5,), "could not be followed"),
    "no weights": (nn.ReLU(), (4,), "no weights"),
}


@pytest.mark.parametrize(("module", "shape", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_followed_is_named(module, shape, said):
    with pytest.raises(ArchitectureError, match=said) as raised:
        open_traced(module, batch(shape), "mine")
    assert "expected" in str(raised.value)


@pytest.mark.parametrize(
    "given", [torch.zeros(1, 4, dtype=torch.long), "text", (torch.zeros(1, 4),) * 2, torch.empty(0)]
)
def test_an_example_that_is_none_is_refused(given):
    with pytest.raises(ArchitectureError, match="example input"):
        open_traced(nn.Linear(4, 2), given, "mine")
    with pytest.raises(ArchitectureError, match="without an example"):
        open_traced(nn.Conv2d(3, 4, 3), None, "mine")
