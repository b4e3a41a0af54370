"""What the tests of packaged language models share."""

import hashlib

import pytest

from explorer.network.packaged import packages
from tests.network.packaged.tiny_gguf import write_gguf


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A packaged model of some kilobytes, in two packages of one part each."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    source = tmp_path / "tiny.gguf"
    write_gguf(source)
    content = source.read_bytes()
    halves = {"one": content[:9000], "two": content[9000:]}
    for name, half in halves.items():
        (tmp_path / name).write_bytes(half)
    monkeypatch.setattr(packages, "_file", lambda model, package, ending: tmp_path / package)
    return packages.Packaged(
        key="tiny",
        name="Tiny",
        parts=(("one", "x"), ("two", "y")),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        about=("none", "x"),
        licence="Free",
        install="pip install tiny",
    )
