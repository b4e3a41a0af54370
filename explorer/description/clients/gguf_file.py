"""Read a GGUF file of weights: its settings, and its tensors one by one as plain numbers.

The format is described at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from explorer.errors import DescriberError

_MAGIC = b"GGUF"
_VERSION = 3
_NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
_MOST = 10_000_000  # items of an array, characters of a string
_ROWS = 16_384  # unpacked at once


@dataclass(frozen=True)
class TensorEntry:
    """Where a tensor stands in a file, and how it is packed; the shape is that of torch."""

    name: str
    shape: tuple[int, ...]
    packing: int
    start: int


@dataclass(frozen=True)
class GgufFile:
    """Settings and tensors of a file; of arrays only the length is kept."""

    path: Path
    settings: dict[str, Any]
    tensors: tuple[TensorEntry, ...]

    def pieces(self, entry: TensorEntry) -> Iterator[NDArray[np.float32]]:
        """Unpack a tensor, some rows at a time."""
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
        from gguf.quants import dequantize

        packing = GGMLQuantizationType(entry.packing)
        block, block_bytes = GGML_QUANT_SIZES[packing]
        row_bytes = entry.shape[-1] // block * block_bytes
        rows = int(np.prod(entry.shape[:-1], dtype=np.int64))
        packed = np.memmap(self.path, np.uint8, "r", offset=entry.start, shape=(rows, row_bytes))
        for at in range(0, rows, _ROWS):
            part = np.ascontiguousarray(packed[at : at + _ROWS])
            if packing == GGMLQuantizationType.F32:
                yield part.view(np.float32)
            elif packing == GGMLQuantizationType.F16:
                yield part.view(np.float16).astype(np.float32)
            else:
                yield np.asarray(dequantize(part, packing), dtype=np.float32)


def read_gguf(path: Path) -> GgufFile:
    """Read the table of contents of a GGUF file.

    Raises
    ------
    DescriberError
        If it is none, or is cut short.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(4) != _MAGIC or _number(stream, "I") != _VERSION:
                raise DescriberError(f"{path.name} is no GGUF file of version {_VERSION}")
            tensors, count = _number(stream, "Q"), _number(stream, "Q")
            settings = {_string(stream): _value(stream) for _ in range(min(count, _MOST))}
            entries = [_entry(stream) for _ in range(min(tensors, _MOST))]
            align = int(settings.get("general.alignment", 32))
            start = -(-stream.tell() // align) * align
    except (struct.error, UnicodeDecodeError, KeyError, MemoryError) as problem:
        raise DescriberError(
            f"{path.name} is damaged or cut short; expected a GGUF file"
        ) from problem
    placed = (TensorEntry(e.name, e.shape, e.packing, start + e.start) for e in entries)
    return GgufFile(path, settings, tuple(placed))


def _number(stream: BinaryIO, form: str) -> Any:
    return struct.unpack(f"<{form}", stream.read(struct.calcsize(f"<{form}")))[0]


def _string(stream: BinaryIO) -> str:
    length = _number(stream, "Q")
    if length > _MOST:
        raise KeyError(length)
    return str(stream.read(length), "utf-8", "replace")


def _value(stream: BinaryIO) -> Any:
    kind = _number(stream, "I")
    if kind == _STRING:
        return _string(stream)
    if kind != _ARRAY:
        return _number(stream, _NUMBERS[kind])
    inner, length = _number(stream, "I"), _number(stream, "Q")
    if length > _MOST:
        raise KeyError(length)
    if inner != _STRING:
        stream.seek(length * struct.calcsize(f"<{_NUMBERS[inner]}"), 1)
    else:
        for _ in range(length):
            stream.seek(_number(stream, "Q"), 1)
    return length


def _entry(stream: BinaryIO) -> TensorEntry:
    name, dimensions = _string(stream), _number(stream, "I")
    sizes = [_number(stream, "Q") for _ in range(min(dimensions, 8))]
    packing, start = _number(stream, "I"), _number(stream, "Q")
    return TensorEntry(name, tuple(reversed(sizes)), packing, start)
