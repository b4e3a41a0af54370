"""Read a GGUF file of weights: its settings, and its tensors one by one as plain numbers.

The format is described at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. A file is
mapped into memory and nothing that it claims is believed before it was compared with its size.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.errors import FileFormatError

MAGIC = b"GGUF"
_VERSIONS = (2, 3)  # the same but for the order of bytes, which a large first number betrays
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
_SHORT = 1_024  # numbers of an array that is kept
_LEAST_SETTING, _LEAST_ENTRY = 13, 24  # bytes
_DIMENSIONS = 4
_ROWS = 16_384  # unpacked at once
_NOT_UNPACKED = {"Q8_1", "Q8_K", "Q1_0", "I8", "I16", "I32", "I64", "F64"}


@dataclass(frozen=True)
class TensorEntry:
    """Where a tensor stands in a file, and how it is packed; the shape is that of torch."""

    name: str
    shape: tuple[int, ...]
    packing: int
    start: int


@dataclass(frozen=True, eq=False)
class GgufFile:
    """Settings and tensors of a file; of long arrays only the length is kept."""

    settings: dict[str, Any]
    tensors: tuple[TensorEntry, ...]
    data: NDArray[np.uint8]

    @property
    def head(self) -> memoryview:
        """Everything before the tensors: settings and table of contents."""
        ends = [entry.start for entry in self.tensors]
        return self.data.data[: min(ends, default=len(self.data))]

    def packed(self, entry: TensorEntry) -> NDArray[np.uint8]:
        """Bytes of a tensor as they stand in the file, row by row."""
        rows, row_bytes = prod(entry.shape[:-1]), _row_bytes(entry)
        return self.data[entry.start : entry.start + rows * row_bytes].reshape(rows, row_bytes)

    def pieces(self, entry: TensorEntry) -> Iterator[NDArray[np.float32]]:
        """Unpack a tensor, some rows at a time."""
        from gguf.constants import GGMLQuantizationType
        from gguf.quants import dequantize

        packing = GGMLQuantizationType(entry.packing)
        packed = self.packed(entry)
        for at in range(0, len(packed), _ROWS):
            part = np.ascontiguousarray(packed[at : at + _ROWS])
            if packing == GGMLQuantizationType.F32:
                yield part.view(np.float32)
            elif packing == GGMLQuantizationType.F16:
                yield part.view(np.float16).astype(np.float32)
            else:
                yield np.asarray(dequantize(part, packing), dtype=np.float32)

    def values(self, entry: TensorEntry) -> NDArray[np.float32]:
        """Unpack a whole tensor."""
        whole = np.empty(entry.shape, np.float32)
        rows = whole.reshape(-1, entry.shape[-1])
        at = 0
        for piece in self.pieces(entry):
            rows[at : at + len(piece)] = piece
            at += len(piece)
        return whole


def read_gguf(source: Path | bytes, name: str = "") -> GgufFile:
    """Read the table of contents of a GGUF file.

    Parameters
    ----------
    source : Path or bytes
    name : str, optional
        For messages; that of the path if there is one.

    Raises
    ------
    FileFormatError
        If it is none, is cut short, or says of itself what cannot be.
    """
    if isinstance(source, bytes):
        data = np.frombuffer(source, np.uint8)
    else:
        name = name or source.name
        empty = source.stat().st_size == 0
        data = np.empty(0, np.uint8) if empty else np.memmap(source, np.uint8, "r")
    cursor = _Cursor(data)
    try:
        if cursor.take(4) != MAGIC or cursor.number("I") not in _VERSIONS:
            raise FileFormatError(f"{name} is no GGUF file of version 2 or 3; expected one")
        tensors, count = cursor.number("Q"), cursor.number("Q")
        cursor.expect(count * _LEAST_SETTING + tensors * _LEAST_ENTRY)
        settings = {cursor.string(): cursor.value() for _ in range(count)}
        entries = [_entry(cursor) for _ in range(tensors)]
        align = settings.get("general.alignment", 32)
        if type(align) is not int or not 0 < align <= 2**16:
            raise _DamageError(f"an alignment of {align!r:.40}")
        start = -(-cursor.at // align) * align
        placed = tuple(TensorEntry(e.name, e.shape, e.packing, start + e.start) for e in entries)
        _check(placed, len(data))
    except _DamageError as problem:
        raise FileFormatError(
            f"{name} is damaged or cut short ({problem}); expected a GGUF file"
        ) from problem
    return GgufFile(settings, placed, data)


class _DamageError(Exception):
    """What is said cannot be."""


class _Cursor:
    """A place in a file that moves on with what is read."""

    def __init__(self, data: NDArray[np.uint8]) -> None:
        self.data, self.at = data.data, 0

    def expect(self, count: int) -> None:
        if count > len(self.data) - self.at:
            raise _DamageError(f"{count:,} bytes are missing at byte {self.at:,}")

    def take(self, count: int) -> bytes:
        self.expect(count)
        self.at += count
        return bytes(self.data[self.at - count : self.at])

    def number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def skip_strings(self, count: int) -> None:
        """Pass over texts, each behind its length; a vocabulary has hundreds of thousands."""
        self.expect(8 * count)
        length, data, size, at = struct.Struct("<Q").unpack_from, self.data, len(self.data), self.at
        for _ in range(count):
            if at + 8 > size:
                break
            at += 8 + length(data, at)[0]
        self.at = min(at, size)
        self.expect(at - self.at)

    def string(self) -> str:
        return self.take(self.number("Q")).decode("utf-8", "replace")

    def value(self) -> Any:
        kind = self.number("I")
        if kind == _STRING:
            return self.string()
        return self._array() if kind == _ARRAY else self.number(_form(kind))

    def _array(self) -> Any:
        inner, length = self.number("I"), self.number("Q")
        if inner == _STRING:
            self.skip_strings(length)
            return length
        form = _form(inner)
        size = length * struct.calcsize(f"<{form}")
        if length > _SHORT:
            self.expect(size)
            self.at += size
            return length
        return list(struct.unpack(f"<{length}{form}", self.take(size)))


def _form(kind: int) -> str:
    if kind not in _NUMBERS:
        raise _DamageError(f"a value of the unknown kind {kind}")
    return _NUMBERS[kind]


def _entry(cursor: _Cursor) -> TensorEntry:
    name, dimensions = cursor.string(), cursor.number("I")
    if not 0 < dimensions <= _DIMENSIONS:
        raise _DamageError(f"a tensor of {dimensions} dimensions")
    sizes = [cursor.number("Q") for _ in range(dimensions)]
    packing, start = cursor.number("I"), cursor.number("Q")
    return TensorEntry(name, tuple(reversed(sizes)), packing, start)


def _check(entries: tuple[TensorEntry, ...], size: int) -> None:
    """Hold what a file says of its tensors against its size."""
    if len({entry.name for entry in entries}) < len(entries):
        raise _DamageError("two tensors of one name")
    for entry in entries:
        end = entry.start + prod(entry.shape[:-1]) * _row_bytes(entry)
        if min(entry.shape) < 1 or end > size:
            raise _DamageError(f"the tensor {entry.name!r:.40} is not within the file")


def _row_bytes(entry: TensorEntry) -> int:
    try:
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
    except ImportError as problem:
        raise FileFormatError(
            "a GGUF file is unpacked by the package gguf, which is not installed; expected "
            "pip install gguf"
        ) from problem
    try:
        packing = GGMLQuantizationType(entry.packing)
        block, block_bytes = GGML_QUANT_SIZES[packing]
    except (ValueError, KeyError) as problem:
        raise _DamageError(f"a tensor of the unknown packing {entry.packing}") from problem
    if packing.name in _NOT_UNPACKED:
        raise _DamageError(f"a tensor of the packing {packing.name}, which is not unpacked here")
    if entry.shape[-1] % block:
        raise _DamageError(f"rows of {entry.shape[-1]:,} numbers in blocks of {block}")
    return entry.shape[-1] // block * block_bytes
