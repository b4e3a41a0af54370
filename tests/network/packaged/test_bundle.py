"""Packaged language models as networks: listed without a look inside, opened by name."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from explorer import cli, load, networks
from explorer.errors import FileFormatError, UnknownNetworkError
from explorer.network import bundled
from explorer.network.bundled import bundled_names
from explorer.network.packaged import bundle
from explorer.network.packaged.gguf_tokenizer import tokenizer_folder
from tests.network.packaged.tiny_gguf import write_gguf

NAME = "gemma-270m"


@pytest.fixture
def small(model, monkeypatch):
    """The packaged model of some kilobytes under the name of the large one."""
    monkeypatch.setattr(bundle, "_NAMES", {NAME: model})
    return model


def test_the_small_ones_come_first_and_by_themselves():
    assert networks()[: len(bundled_names())] == bundled_names()
    assert NAME in networks()
    assert NAME not in bundled_names()


def test_without_the_package_it_is_not_listed(monkeypatch):
    bundled._packaged.cache_clear()
    monkeypatch.setattr(bundle, "is_installed", lambda model: False)
    assert NAME not in networks()
    bundled._packaged.cache_clear()
    with pytest.raises(UnknownNetworkError, match="found no file at 'gemma-270m'"):
        load(NAME)
    bundled._packaged.cache_clear()


def test_another_model_is_listed_where_it_was_installed(monkeypatch):
    bundled._packaged.cache_clear()
    monkeypatch.setattr(bundle, "is_installed", lambda model: True)
    assert networks()[-2:] == (NAME, "smollm2-135m")
    bundled._packaged.cache_clear()


def test_it_is_converted_once_and_opened(small):
    told = []
    first = load(NAME, progress=lambda share, doing: told.append(doing))
    assert told[-1] == "done"
    assert first.name == NAME
    assert first.origin.format == "Hugging Face"
    assert first.origin.place == NAME
    assert first.origin.tokenizer.endswith("models/tiny")
    assert [layer.size for layer in first.network.neuron_layers] == [32, 2, 64]
    again = load(NAME, progress=lambda share, doing: told.append("again"))
    assert again.id == first.id
    assert told[-1] == "done"


def test_a_damaged_package_is_a_sentence(small, tmp_path):
    (tmp_path / "two").write_bytes(b"nothing")
    with pytest.raises(FileFormatError, match="damaged: its content has not the expected sha256"):
        load(NAME)


def test_listing_does_not_convert(monkeypatch):
    monkeypatch.setattr("explorer.network.packaged.conversion.converted", None)
    lines = CliRunner().invoke(cli.app, ["networks"]).stdout.splitlines()
    said = "gemma-270m       Gemma 3 270M, a package of 253 MB: Gemma is prov"
    assert any(line.startswith(said) for line in lines)


def test_listing_imports_nothing_large():
    code = "import explorer, sys; explorer.networks(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"torch", "numpy", "transformers", "gguf"}


def test_the_tokenizer_of_a_gguf_file_is_written_once(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    write_gguf(tmp_path / "a.gguf")
    found = load(tmp_path / "a.gguf")
    folder = tokenizer_folder(tmp_path / "a.gguf")
    assert found.origin.tokenizer == str(folder)
    assert json.loads((folder / "tokenizer.json").read_text())["model"]["merges"]
    monkeypatch.setattr("explorer.network.packaged.gguf_tokenizer.write_tokenizer", None)
    assert tokenizer_folder(tmp_path / "a.gguf") == folder
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_tokenizer_that_cannot_be_written_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))

    def fail(source, folder):
        raise KeyError("odd")

    monkeypatch.setattr("explorer.network.packaged.gguf_tokenizer.write_tokenizer", fail)
    write_gguf(tmp_path / "a.gguf")
    assert load(tmp_path / "a.gguf").origin.tokenizer is None
    assert list((tmp_path / "home" / "tokenizers").iterdir()) == []
