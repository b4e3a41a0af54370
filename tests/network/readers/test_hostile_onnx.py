"""Hostile ONNX files: one sentence each, nothing read that lies elsewhere, nothing run."""

import random
import resource

import pytest

from explorer.errors import CheckpointError, UnsafeFileError
from explorer.network.load import load, load_bytes
from tests.network.readers.hostile_onnx import FILES, WHOLE

_FLIPS = 300
_OUTSIDE = tuple(name for name in FILES if name.startswith("weights "))


@pytest.fixture
def folder(tmp_path):
    """A folder with weights in it, a secret above it, and a link to that."""
    inner = tmp_path / "network"
    inner.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(48))
    (inner / "data.bin").write_bytes(bytes(48))
    (inner / "link.bin").symlink_to(tmp_path / "secret.bin")
    return inner


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_each_is_refused_in_one_sentence(data, folder, request):
    path = folder / "net.onnx"
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for opened in (lambda: load(path), lambda: load_bytes(data, "net.onnx")):
        with pytest.raises(CheckpointError) as raised:
            opened()
        said = str(raised.value)
        assert "\n" not in said and len(said) < 700
        assert "expected" in said or "at most" in said
    if "bomb" in request.node.name:  # in kilobytes
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 2**10


def test_files_elsewhere_are_called_unsafe(folder):
    for name in ("weights in /etc", "weights above", "weights by a link"):
        path = folder / "net.onnx"
        path.write_bytes(FILES[name])
        with pytest.raises(UnsafeFileError):
            load(path)


def test_weights_beside_a_file_are_not_read_without_a_path():
    for name in _OUTSIDE:
        with pytest.raises(CheckpointError, match="another file"):
            load_bytes(FILES[name], "net.onnx")


def test_flipped_bytes_open_or_are_refused():
    """Whatever a byte is changed to, a network comes out or a sentence."""
    generator = random.Random(0)
    refused = 0
    for _ in range(_FLIPS):
        data = bytearray(WHOLE)
        for _ in range(generator.choice((1, 1, 2, 8))):
            data[generator.randrange(1, len(data))] = generator.randrange(256)
        try:
            load_bytes(bytes(data), "flipped.onnx")
        except CheckpointError as problem:
            assert str(problem)
            refused += 1
    assert refused > _FLIPS // 10
