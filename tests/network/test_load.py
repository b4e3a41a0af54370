"""Opening good files: formats, number types and the order of layers."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file as save_numpy
from safetensors.torch import save as to_bytes
from safetensors.torch import save_file

from explorer import load
from explorer.errors import UnknownNetworkError
from explorer.network.bundled import bundled_names
from explorer.network.load import display_name, load_bytes
from tests.networks import random_network, tiny_network


def stack(widths, prefix="", seed=0) -> dict[str, torch.Tensor]:
    """Weights of a ``nn.Sequential`` of linear layers with ReLU between them."""
    state = {}
    network = random_network(widths, seed)
    for i, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
        state[f"{prefix}{2 * i}.weight"], state[f"{prefix}{2 * i}.bias"] = weight, bias
    return state


@pytest.mark.parametrize("name", bundled_names())
def test_bundled_networks_open(name):
    checkpoint = load(name)
    assert checkpoint.name == name
    assert checkpoint.task.fits(checkpoint.network)
    assert checkpoint.metrics["test_accuracy"] > 0.85


def test_state_dicts_are_told_by_content_and_not_by_name(tmp_path):
    state = stack([4, 3, 2])
    torch.save(state, tmp_path / "a.safetensors")
    save_file(state, tmp_path / "b.pt")
    first, second = load(tmp_path / "a.safetensors"), load(tmp_path / "b.pt")
    assert first.id == second.id
    assert first.network.widths == (4, 3, 2)
    assert first.task is None
    assert torch.equal(first.network.weights[1], state["2.weight"])


def test_the_state_dict_of_a_module_and_of_parameters(tmp_path):
    network = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    torch.save(network.state_dict(), tmp_path / "a.pt")
    torch.save(dict(network.named_parameters()), tmp_path / "b.pt")
    assert load(tmp_path / "a.pt").id == load(tmp_path / "b.pt").id


def test_layers_of_a_state_dict_are_in_the_order_of_definition(tmp_path):
    """Square layers would chain in any order: only the order of the file tells."""
    names = ["stem.weight", "body.weight", "head.weight"]
    state = {name: torch.randn(4, 4) for name in names}
    torch.save(state, tmp_path / "a.pt")
    for name, weight in zip(names, load(tmp_path / "a.pt").network.weights, strict=True):
        assert torch.equal(weight, state[name])


def test_layers_of_a_safetensors_file_are_counted_as_people_count(tmp_path):
    state = {f"layer{i}.weight": torch.randn(4, 4) for i in range(13)}
    save_file(state, tmp_path / "a.safetensors")
    network = load(tmp_path / "a.safetensors").network
    for i, weight in enumerate(network.weights):
        assert torch.equal(weight, state[f"layer{i}.weight"])


def test_an_order_that_does_not_chain_gives_way_to_one_that_does(tmp_path):
    state = {"b.weight": torch.randn(2, 3), "a.weight": torch.randn(3, 4)}
    torch.save(state, tmp_path / "a.pt")
    assert load(tmp_path / "a.pt").network.widths == (4, 3, 2)


@pytest.mark.parametrize(
    ("weight", "bias"),
    [("fc.weight", "fc.bias"), ("weight1", "bias1"), ("weight_0", "bias_0"), ("weight", "bias")],
)
def test_names_of_biases(weight, bias, tmp_path):
    torch.save({weight: torch.ones(2, 3), bias: torch.arange(2.0)}, tmp_path / "a.pt")
    assert load(tmp_path / "a.pt").network.biases[0].tolist() == [0, 1]


def test_a_header_whose_length_begins_like_a_pickle_is_read():
    lengths = set()
    for extra in range(40):
        content = to_bytes({"a.weight": torch.ones(2, 3)}, metadata={"note": "x" * 8 * extra})
        lengths.add(content[0])
        assert load_bytes(content, "a").network.widths == (3, 2)
    assert 0x80 in lengths


@pytest.mark.parametrize("name", ["fc.weight", "weight1", "W", "kernel." + "9" * 5000])
def test_layers_without_biases(name, tmp_path):
    torch.save({name: torch.ones(2, 3)}, tmp_path / "a.pt")
    assert load(tmp_path / "a.pt").network.biases[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    "dtype",
    [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn],
    ids=str,
)
def test_floats_of_any_size(dtype, tmp_path):
    state = {"fc.weight": torch.tensor([[0.5, -1.5]]).to(dtype), "fc.bias": torch.ones(1).to(dtype)}
    torch.save(state, tmp_path / "a.pt")
    save_file(state, tmp_path / "a.safetensors")
    for name in ("a.pt", "a.safetensors"):
        network = load(tmp_path / name).network
        assert network.weights[0].tolist() == [[0.5, -1.5]]
        assert network.weights[0].dtype == torch.float32


def test_weights_written_by_numpy(tmp_path):
    save_numpy({"fc.weight": np.ones((2, 3), dtype=np.float64)}, tmp_path / "a.safetensors")
    assert load(tmp_path / "a.safetensors").network.widths == (3, 2)


def test_transposed_and_shared_storage(tmp_path):
    whole = torch.randn(6, 6)
    torch.save({"a.weight": whole[:4].T, "b.weight": whole[:2]}, tmp_path / "a.pt")
    network = load(tmp_path / "a.pt").network
    assert torch.equal(network.weights[0], whole[:4].T)
    assert torch.equal(network.weights[1], whole[:2])


def test_the_task_can_be_said(tmp_path):
    torch.save(stack([8, 4, 8]), tmp_path / "a.pt")
    assert load(tmp_path / "a.pt", task="xor4").task.name == "xor4"


def test_bundled_names_win_over_files(tmp_path, monkeypatch):
    torch.save(tiny_network().state_dict(), tmp_path / "xor4-modular")
    monkeypatch.chdir(tmp_path)
    assert load("xor4-modular").task_name == "xor4"
    assert load("./xor4-modular").network.widths == (2, 2, 1)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownNetworkError, match=r"found no file at 'nets'; .*pair-modular"):
        load("nets")


def test_names_are_shown_printable_and_short(tmp_path):
    assert display_name("über netz.pt") == "über netz.pt"
    shown = display_name("a" * 300 + "\x1b[31m\ud800\n.safetensors")
    assert shown.isprintable()
    assert len(shown) <= 80
    assert shown.endswith(".safetensors")
    torch.save(tiny_network().state_dict(), tmp_path / "a.pt")
    assert load_bytes((tmp_path / "a.pt").read_bytes(), "a\nb").name == "a?b"
