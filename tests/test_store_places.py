"""Large networks are kept by the place where they lie, and opened from there again."""

import json

import pytest
import torch
from typer.testing import CliRunner

from explorer import cli, load, store
from explorer.errors import CheckpointError, FileFormatError, UnknownNetworkError
from explorer.ui.descriptions.process import describe_command
from tests.networks import random_network


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """A network opened from a file, of a size that counts as large."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(store, "LARGE", 100)
    write(tmp_path / "mine.pt")
    return load(tmp_path / "mine.pt", task="xor4")


def write(path, seed=0):
    network = random_network([8, 3, 8], seed)
    torch.save({f"{key}": value for key, value in network.state_dict().items()}, path)


def test_only_the_place_is_kept(opened, tmp_path):
    assert store.keep(opened) == opened.id
    (kept,) = (tmp_path / "home" / "networks").iterdir()
    assert kept.name == f"{opened.id}.json"
    assert store.place_of(opened.id) == (str(tmp_path / "mine.pt"), "xor4")
    found = store.fetch(opened.id)
    assert (found.id, found.name, found.task_name) == (opened.id, "mine.pt", "xor4")
    assert found.origin == opened.origin


def test_a_network_without_a_place_is_kept_whole(opened, tmp_path):
    live = load(opened.network, task="xor4")
    assert store.keep(live) == opened.id
    place, task = store.place_of(live.id)
    assert place.endswith(f"{live.id}.safetensors")
    assert task is None
    assert store.fetch(live.id).id == live.id


def test_the_command_that_describes_a_network_opens_its_place(opened, tmp_path):
    command = describe_command(store.keep(opened), "layer", None, "embedded")
    assert command[3:7] == ["describe", str(tmp_path / "mine.pt"), "--client", "embedded"]
    assert command[7:9] == ["--task", "xor4"]


def test_a_place_that_is_gone(opened, tmp_path):
    store.keep(opened)
    (tmp_path / "mine.pt").unlink()
    with pytest.raises(UnknownNetworkError, match=r"was opened from .*mine.pt' and is no longer"):
        store.fetch(opened.id)


def test_a_place_that_holds_another_network(opened, tmp_path):
    store.keep(opened)
    write(tmp_path / "mine.pt", seed=1)
    with pytest.raises(FileFormatError, match=rf"mine.pt' holds .*; expected {opened.id}"):
        store.fetch(opened.id)


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"id": 1}', '{"place": "a/b"}'])
def test_what_was_kept_is_damaged(content, opened, tmp_path):
    store.keep(opened)
    (tmp_path / "home" / "networks" / f"{opened.id}.json").write_text(content)
    with pytest.raises(CheckpointError, match="says of no network where it is"):
        store.fetch(opened.id)


def test_places_are_dropped_as_files_are(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MAX_KEPT", 1)
    store.keep(opened)
    write(tmp_path / "other.pt", seed=1)
    other = store.keep(load(tmp_path / "other.pt"))
    with pytest.raises(UnknownNetworkError):
        store.fetch(opened.id)
    assert store.fetch(other).id == other


def test_the_command_says_what_it_opened(opened, tmp_path):
    done = CliRunner().invoke(cli.app, ["open", str(tmp_path / "mine.pt"), "--task", "xor4"])
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "mine.pt: mlp, 8-3-8"
    assert lines[1] == "19 nodes in 3 layers, at most 48 edges"
    assert lines[2] == "read as PyTorch"
    assert lines[-1] == f"look at it: /?network={opened.id}"
    assert json.loads((tmp_path / "home" / "networks" / f"{opened.id}.json").read_text())["name"]


def test_the_command_opens_a_bundled_name(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    done = CliRunner().invoke(cli.app, ["open", "xor4-modular"])
    assert done.stdout.splitlines()[-1] == "look at it: /?network=xor4-modular"
    assert not (tmp_path / "networks").exists()
