"""Bad input: each gets one sentence that says what was found and what was expected."""

import os
import pickle
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from explorer import load
from explorer.errors import (
    CheckpointError,
    FileFormatError,
    FileTooLargeError,
    UnknownNetworkError,
    UnsafeFileError,
)
from explorer.network.load import load_bytes
from tests.network.bad_content import BAD, GOOD, archive, pt


class RunsCode:
    """Touches a file when it is unpickled."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self):
        return Path.touch, (self.trap,)


def assert_one_sentence(problem: Exception, name: str) -> None:
    sentence = str(problem)
    assert "\n" not in sentence
    assert sentence.isprintable()
    assert len(sentence) < 400
    assert name in sentence
    assert "expected" in sentence or "at most" in sentence


@pytest.mark.parametrize("what", BAD)
def test_bad_files(what, tmp_path):
    content, kind, words = BAD[what]
    path = tmp_path / "some network.safetensors"
    path.write_bytes(content)
    started = time.perf_counter()
    with pytest.raises(CheckpointError) as caught:
        load(path)
    assert time.perf_counter() - started < 5
    assert isinstance(caught.value, kind)
    assert words in str(caught.value)
    assert_one_sentence(caught.value, "some network.safetensors")


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrap", [False, True], ids=["pickle", "torch"])
def test_code_in_a_pickle_is_not_run(tmp_path, protocol, wrap):
    trap = tmp_path / "trap"
    content = {"0.weight": RunsCode(trap)}
    data = pt(content, pickle_protocol=protocol) if wrap else pickle.dumps(content, protocol)
    (tmp_path / "evil.pt").write_bytes(data)
    with pytest.raises(CheckpointError) as caught:
        load(tmp_path / "evil.pt")
    assert not trap.exists()
    assert_one_sentence(caught.value, "evil.pt")
    if protocol >= 2:
        assert isinstance(caught.value, UnsafeFileError)
    if not wrap:
        pickle.loads(data)
        assert trap.exists()  # the trap does work


def test_a_large_file_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_MAX_FILE_GB", "2")
    path = tmp_path / "big.safetensors"
    with path.open("wb") as stream:
        stream.truncate(5 * 2**30)
    tracemalloc.start()
    with pytest.raises(FileTooLargeError, match=r"big.safetensors has 5,120 MB; at most 2,048 MB"):
        load(path)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_large_upload_is_refused():
    with pytest.raises(FileTooLargeError, match="has 201 MB"):
        load_bytes(bytes(201 * 2**20), "upload.pt")


def test_a_folder(tmp_path):
    with pytest.raises(
        UnknownNetworkError, match=r"found a folder at .* without weights; expected"
    ) as e:
        load(tmp_path)
    assert_one_sentence(e.value, tmp_path.name)


@pytest.mark.parametrize(
    "name",
    ["", "no such network", "a\x00b", "a\nb", "x" * 5000, "../" * 2000, "\ud800", "nul/\x00"],
)
def test_names_of_nothing(name):
    with pytest.raises(UnknownNetworkError) as caught:
        load(name)
    assert_one_sentence(caught.value, repr(name[-40:])[1:-1])


def test_an_unreadable_file(tmp_path, monkeypatch):
    path = tmp_path / "secret.pt"
    path.write_bytes(pt(GOOD))
    if os.geteuid() == 0:  # root reads everything

        def refuse(self):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
    path.chmod(0)
    with pytest.raises(UnknownNetworkError, match=r"cannot be read \(Permission denied\)") as e:
        load(path)
    assert_one_sentence(e.value, "secret.pt")


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_a_named_pipe_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnknownNetworkError, match="found no file"):
        load(tmp_path / "pipe")


def test_methods_hung_on_a_pickled_dictionary_are_not_called():
    hung = b"\x80\x02ccollections\nOrderedDict\n)R}X\x05\x00\x00\x00itemsNsb."
    with pytest.raises(FileFormatError):
        load_bytes(archive({"a/data.pkl": hung, "a/version": b"3\n"}), "hung.pt")
