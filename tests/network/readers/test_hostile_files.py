"""Hostile and broken files: one sentence, nothing run, nothing left open, nothing hanging."""

import pickle
import resource
import time
import tracemalloc
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save as to_safetensors

from explorer import load
from explorer.errors import (
    ArchitectureError,
    CheckpointError,
    FileTooLargeError,
    UnknownNetworkError,
)
from explorer.network.readers import files
from explorer.network.readers.files import _read, read_file
from tests.network.bad_content import described
from tests.network.readers import hostile as h
from tests.network.readers import hostile_gguf as g
from tests.network.readers.hostile_table import HOSTILE
from tests.network.tiny_transformers import module_of, tensors_of


def opened_now() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@pytest.fixture
def place(tmp_path) -> Path:
    folder = tmp_path / "network"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("mapped", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files(what, mapped, place, tmp_path, monkeypatch):
    make, kind, words = HOSTILE[what]
    if mapped:
        monkeypatch.setattr(files, "MAPPED_FROM", -1)
    trap = tmp_path / "trap"
    target = make(place, trap)
    before = opened_now()
    started = time.perf_counter()
    with pytest.raises(CheckpointError) as caught:
        load(target)
    assert time.perf_counter() - started < 10
    assert isinstance(caught.value, kind)
    sentence = str(caught.value)
    assert words in sentence
    assert sentence.isprintable()
    assert len(sentence) < 400
    assert "expected" in sentence or "at most" in sentence
    assert not trap.exists()
    del caught
    assert opened_now() == before


def test_there_are_many():
    assert len(HOSTILE) >= 45


def test_the_trap_does_work(place, tmp_path):
    pickle.loads(h.plain_pickle(place, tmp_path / "trap").read_bytes())
    assert (tmp_path / "trap").exists()


@pytest.mark.parametrize("name", ["owner/nothing", "owner/name.with-dots_1"])
def test_an_id_on_the_hub_without_a_hub(name, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", refuse)
    with pytest.raises(UnknownNetworkError, match=r"the hub cannot be reached|cannot be reached"):
        load(name)
    assert list(tmp_path.iterdir()) == []


def refuse(self, *args, **kwargs):
    raise ConnectionError("no route to host")


def test_a_file_over_the_limit_in_parts(place, monkeypatch):
    """Each part is within the limit, and all together are not."""
    monkeypatch.setenv("EXPLORER_MAX_FILE_GB", "2")
    index = h.parts({"0.weight": h._PARTS[0], "1.weight": h._PARTS[1]})(place, None)
    for part in h._PARTS:
        with (place / part).open("r+b") as stream:
            stream.truncate(1_500 * 2**20)
    with pytest.raises(FileTooLargeError, match="3,000 MB; at most 2,048 MB"):
        load(index)


def test_what_a_file_says_of_itself_takes_no_memory(place):
    about = {"architecture": {"kind": "mlp", "widths": [100_000, 100_000]}}
    path = h.written(place, described(about))
    tracemalloc.start()
    with pytest.raises(ArchitectureError, match="says it is an MLP of 100000-100000"):
        load(path)
    assert tracemalloc.get_traced_memory()[1] < 30 * 2**20
    tracemalloc.stop()
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 8 * 2**20
    )  # kilobytes; it says 40 GB


edits = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=5)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    kept = {key: tensor.clone() for key, tensor in tensors_of(module_of("llama", 1)).items()}
    small = {"0.weight": torch.ones(2, 2), "0.bias": torch.ones(2)}
    return [to_safetensors(small), to_safetensors(kept), g.gguf_bytes(folder)]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(which=st.integers(0, 2), changes=edits, early=st.booleans(), mapped=st.booleans())
def test_flipped_bytes_raise_nothing_unexpected(seeds, place, which, changes, early, mapped):
    data = bytearray(seeds[which])
    for share, value in changes:
        data[int(share * (min(len(data), 600) if early else len(data)))] = value
    path = h.written(place, bytes(data))
    try:
        read_file(path, "it") if not mapped else _read(path, bytes(data[:512]), "it")
    except CheckpointError as problem:
        assert str(problem).isprintable()
        assert len(str(problem)) < 400
