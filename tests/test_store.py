"""Networks that were kept: found again by id, and only by id."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import save, store
from explorer.errors import CheckpointError, FileFormatError, UnknownNetworkError
from explorer.network.checkpoint import Checkpoint, Origin
from tests.networks import random_network


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "networks"


def some_network(seed: int = 0) -> Checkpoint:
    return Checkpoint(f"network {seed}.pt", random_network([8, 3, 8], seed), "xor4", {"seed": seed})


def test_what_is_kept_is_found_again(folder):
    checkpoint = some_network()
    kept = store.keep(checkpoint)
    assert kept == checkpoint.id
    found = store.fetch(kept)
    assert found.id == checkpoint.id
    assert found.name == "network 0.pt"
    assert found.task_name == "xor4"
    assert dict(found.config) == {"seed": 0}
    assert [path.name for path in folder.iterdir()] == [f"{kept}.safetensors"]


def test_keeping_twice_keeps_one(folder):
    assert store.keep(some_network()) == store.keep(some_network())
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "network_id",
    [
        "",
        "0" * 16,
        "0" * 15,
        "g" * 16,
        "A" * 16,
        "../secret",
        "../../../etc/passwd",
        "/etc/passwd",
        "..",
        "0123456789abcdef\n",
        "0123456789abcdef\x00",
        "٠" * 16,
        "x" * 10_000,
    ],
)
def test_ids_of_nothing(network_id, folder):
    store.keep(some_network())
    save(some_network(1), folder.parent / "secret.safetensors")
    with pytest.raises(UnknownNetworkError, match=r"found no network .*; expected") as caught:
        store.fetch(network_id)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_networks_that_were_not_opened_for_longest_are_dropped(folder, monkeypatch):
    monkeypatch.setattr(store, "MAX_KEPT", 3)
    ids = []
    for seed in range(3):
        ids.append(store.keep(some_network(seed)))
        os.utime(folder / f"{ids[-1]}.safetensors", (seed, seed))
    store.fetch(ids[0])
    ids.append(store.keep(some_network(3)))
    with pytest.raises(UnknownNetworkError):
        store.fetch(ids[1])
    for kept in (ids[0], ids[2], ids[3]):
        assert store.fetch(kept).id == kept


@pytest.mark.parametrize("content", [b"", b"text", None], ids=["empty", "text", "cut short"])
def test_a_damaged_file(content, folder):
    path = folder / f"{store.keep(some_network())}.safetensors"
    path.write_bytes(path.read_bytes()[:-20] if content is None else content)
    with pytest.raises(CheckpointError, match=path.name):
        store.fetch(path.stem)


def test_a_file_that_was_changed(folder):
    path = folder / f"{store.keep(some_network())}.safetensors"
    save(some_network(1), path)
    with pytest.raises(FileFormatError, match=rf"holds the network .*; expected {path.stem}"):
        store.fetch(path.stem)


def test_a_file_that_vanishes_while_it_is_opened(monkeypatch):
    kept = store.keep(some_network())

    def vanish(self):
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "read_bytes", vanish)
    with pytest.raises(UnknownNetworkError, match=r"cannot be read \(No such file"):
        store.fetch(kept)


def test_a_folder_that_can_only_be_read(monkeypatch):
    kept = store.keep(some_network())

    def refuse(self, *args, **kwargs):
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(Path, "touch", refuse)
    assert store.fetch(kept).id == kept


def test_a_disk_that_is_full(folder, monkeypatch):
    kept = store.keep(some_network())

    def refuse(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fdopen", refuse)
        with pytest.raises(OSError, match="No space left"):
            store.keep(some_network(1))
    assert [path.name for path in folder.iterdir()] == [f"{kept}.safetensors"]
    assert store.fetch(kept).id == kept


def test_where_things_are_kept(monkeypatch, tmp_path):
    assert store.home() == tmp_path / "home"
    monkeypatch.delenv("EXPLORER_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert store.home() == tmp_path / "data" / "modular-network-explorer"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store.home() == tmp_path / ".local" / "share" / "modular-network-explorer"


def test_where_a_network_came_from_is_kept_with_it_but_not_in_its_file(folder):
    origin = Origin("GGUF", "/data/mine.gguf", "/data", ("heads were assumed",))
    kept = store.keep(replace(some_network(), origin=origin))
    assert store.fetch(kept).origin == origin
    assert b"/data" not in (folder / f"{kept}.safetensors").read_bytes()
    (folder.parent / "origins" / f"{kept}.json").write_text("[")
    assert store.fetch(kept).id == kept
