"""Broken GGUF files: a good one with some bytes changed, or settings that fit nothing."""

import struct
from collections.abc import Callable
from pathlib import Path

from tests.network.readers.gguf_writing import write_gguf
from tests.network.readers.hostile import Maker, written
from tests.network.tiny_transformers import module_of, tensors_of


def gguf_bytes(folder: Path, **changes) -> bytes:
    kept = {key: tensor.numpy() for key, tensor in tensors_of(module_of("llama")).items()}
    path = write_gguf(folder / "a.gguf", "llama", module_of("llama").config, kept, **changes)
    content = path.read_bytes()
    path.unlink()
    return content


def gguf(change: Callable[[bytes], bytes], **changes) -> Maker:
    return lambda folder, trap: written(folder, change(gguf_bytes(folder, **changes)), "n.gguf")


def at(place: int, *numbers: int) -> Callable[[bytes], bytes]:
    """Put numbers of eight bytes at a place of a file."""
    put = struct.pack(f"<{len(numbers)}Q", *numbers)
    return lambda data: data[:place] + put + data[place + len(put) :]


def instead(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change
