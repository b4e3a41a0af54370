"""Ids on the hub: what is on this computer first, then what can be fetched; here, by a stand-in."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import errors

from explorer import load
from explorer.errors import FileTooLargeError, UnknownNetworkError, UnsafeFileError
from explorer.network.readers.hub import is_hub_id
from tests.network.readers.test_formats import write_folder
from tests.network.tiny_transformers import module_of

NAME = "owner/name"


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A cache as the library keeps it: files are links to blobs."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub" / "models--owner--name"


def fill(cache: Path) -> Path:
    revision = "a" * 40
    folder = cache / "snapshots" / revision
    written = write_folder(cache / "blobs", module_of("llama"))
    folder.mkdir(parents=True)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(revision)
    for file in written.iterdir():
        (folder / file.name).symlink_to(os.path.relpath(file, folder))
    return folder


@pytest.fixture
def fetched(cache, tmp_path, monkeypatch):
    """A hub that has one network; what is asked of it is noted."""
    asked = []
    sizes = {"model.safetensors": 5_000, "pytorch_model.bin": 9_000, "config.json": 3, "a/b.bin": 7}

    def info(self, name, **more):
        siblings = [SimpleNamespace(rfilename=file, size=size) for file, size in sizes.items()]
        return SimpleNamespace(siblings=siblings)

    def download(name, *, local_files_only=False, allow_patterns=None, **more):
        if local_files_only:
            raise errors.LocalEntryNotFoundError("not here")
        asked.append(sorted(allow_patterns))
        return str(write_folder(tmp_path / "fetched", module_of("llama")))

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", info)
    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    return asked


def test_what_is_on_this_computer_is_opened_without_a_network(cache, monkeypatch):
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", None)
    folder = fill(cache)
    found = load(NAME)
    assert found.id == load(module_of("llama")).id == load(folder).id
    assert (found.name, found.origin.place) == (NAME, NAME)


def test_a_link_out_of_the_cache_of_the_network_is_not_followed(cache, tmp_path):
    folder = fill(cache)
    (tmp_path / "config.json").write_text("{}")
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to(tmp_path / "config.json")
    with pytest.raises(UnsafeFileError, match="link out of its folder"):
        load(NAME)


def test_one_form_of_the_weights_is_fetched_and_nothing_of_subfolders(fetched):
    told = []
    assert load(NAME, progress=lambda share, doing: told.append(doing)).name == NAME
    assert fetched == [["config.json", "model.safetensors"]]
    assert told == ["fetching 0 MB of owner/name from the hub"]


def test_what_is_too_large_is_not_fetched(fetched, monkeypatch):
    monkeypatch.setenv("EXPLORER_MAX_FILE_GB", "0.000001")
    with pytest.raises(FileTooLargeError, match="owner/name has 0 MB"):
        load(NAME)
    assert fetched == []


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (ConnectionError("no route to host"), r"cannot be reached \(no route to host\)"),
        (TimeoutError(), r"cannot be reached \(TimeoutError\)"),
        (errors.RepositoryNotFoundError, "has no network of this name"),
        (errors.GatedRepoError, "agree to its terms"),
    ],
    ids=str,
)
def test_what_cannot_be_fetched_is_a_sentence(problem, words, fetched, monkeypatch):
    def fail(self, *args, **more):
        if isinstance(problem, Exception):
            raise problem
        raise problem("refused", response=SimpleNamespace(headers={}, request=None))

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)
    with pytest.raises(UnknownNetworkError, match=words) as caught:
        load(NAME)
    assert "expected" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "name", ["a", "a/b/c", "../b", "a/..", "a/b.pt", "a b/c", "/a", "a/", "é/b"]
)
def test_what_is_no_id(name):
    assert not is_hub_id(name)
