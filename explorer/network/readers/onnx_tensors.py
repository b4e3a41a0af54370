"""The tensors of an ONNX file, in it or in files beside it."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ArchitectureError, FileFormatError, FileTooLargeError, UnsafeFileError
from explorer.network.architectures.dataflow_steps import MAX_NUMBERS
from explorer.network.readers.folders import inside
from explorer.network.readers.limits import check_size, path_limit

_MAX_AXES = 8
_DIGITS = 15
# Of every type of numbers that is read: torch's, and the field that holds them one by one.
_TYPES: dict[int, tuple[torch.dtype, str]] = {
    1: (torch.float32, "float_data"),
    6: (torch.int32, "int32_data"),
    7: (torch.int64, "int64_data"),
    9: (torch.bool, "int32_data"),
    10: (torch.float16, "int32_data"),
    11: (torch.float64, "double_data"),
    16: (torch.bfloat16, "int32_data"),
}
_HALVES = (torch.float16, torch.bfloat16)
_PACKED = {2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 17: "float8", 21: "uint4", 22: "int4"}


def read_tensors(protos: Iterable[Any], folder: Path | None, name: str) -> dict[str, Tensor]:
    """Read tensors by name.

    Raises
    ------
    FileFormatError
        If one has more or fewer numbers than it says, or two have one name.
    UnsafeFileError
        If one lies outside the folder of the file.
    ArchitectureError
        If one is quantised, or of no numbers at all.
    """
    tensors: dict[str, Tensor] = {}
    numbers = 0
    for proto in protos:
        if not isinstance(proto.name, str):  # the parser gives bytes where they are no text
            raise FileFormatError(
                f"{name} holds a tensor whose name is no text; expected names in UTF-8"
            )
        if proto.name in tensors:
            raise FileFormatError(
                f"{name} holds two tensors {proto.name!r:.60}; expected names of their own"
            )
        numbers += math.prod(max(size, 0) for size in proto.dims)
        if numbers > MAX_NUMBERS:
            raise FileTooLargeError(
                f"{name} says it holds {numbers:,} weights; at most {MAX_NUMBERS:,} can be opened"
            )
        tensors[proto.name] = read_tensor(proto, folder, name)
    return tensors


def read_tensor(proto: Any, folder: Path | None, name: str) -> Tensor:
    """Read one tensor."""
    shape = list(proto.dims)
    if len(shape) > _MAX_AXES or any(size < 0 for size in shape):
        raise FileFormatError(
            f"{name} holds a tensor {proto.name!r:.60} of shape {shape!r:.60}; expected at most "
            f"{_MAX_AXES} axes of at least 0"
        )
    if proto.data_type not in _TYPES:
        kind = _PACKED.get(proto.data_type, "text" if proto.data_type == 8 else "an unknown type")
        raise ArchitectureError(
            f"{name} holds a tensor {proto.name!r:.60} of {kind}; expected floating-point weights "
            f"(32, 16 or bfloat16), and whole numbers only for shapes"
        )
    dtype, field = _TYPES[proto.data_type]
    count = math.prod(shape)
    if count > MAX_NUMBERS:
        raise FileTooLargeError(
            f"{name} says it holds {count:,} weights; at most {MAX_NUMBERS:,} can be opened"
        )
    size = count * torch.empty(0, dtype=dtype).element_size()
    if proto.HasField("segment"):
        raise FileFormatError(f"{name} holds a part of a tensor; expected whole tensors")
    if proto.data_location == 1:
        data = _beside(proto, folder, size, name)
    elif proto.HasField("raw_data"):
        data = bytearray(proto.raw_data)
    else:
        listed = getattr(proto, field)
        if len(listed) != count:
            raise _lying(proto, name, f"{len(listed)} numbers")
        if dtype in _HALVES:  # their bits, each in a whole number
            bits = torch.tensor(list(listed), dtype=torch.int32).to(torch.int16)
            return bits.view(dtype).reshape(shape)
        return torch.tensor(list(listed), dtype=dtype).reshape(shape)
    if len(data) != size:
        raise _lying(proto, name, f"{len(data):,} bytes")
    if not size:
        return torch.empty(shape, dtype=dtype)
    if dtype == torch.bool:
        return torch.frombuffer(data, dtype=torch.uint8).reshape(shape) != 0
    return torch.frombuffer(data, dtype=dtype).reshape(shape)


def _beside(proto: Any, folder: Path | None, size: int, name: str) -> bytearray:
    """Read what lies in another file."""
    said = {entry.key: entry.value for entry in proto.external_data}
    location = said.get("location", "")
    if folder is None:
        raise FileFormatError(
            f"{name} keeps its weights in another file {location!r:.60}; expected to be opened by "
            f"its path, with that file beside it"
        )
    if "\\" in location:
        raise UnsafeFileError(
            f"{name} keeps weights at {location!r:.60}, which is not in its folder; expected the "
            f"name of a file in it"
        )
    path = inside(folder, location, name)
    if not path.is_file():
        raise FileFormatError(f"{name} keeps weights in {location!r:.60}; expected a file")
    offset, length = (
        _whole(said.get(key, default), key, name)
        for key, default in (("offset", "0"), ("length", f"{size}"))
    )
    whole = path.stat().st_size
    check_size(whole, location, path_limit())
    if length != size or offset + length > whole:
        raise _lying(proto, name, f"bytes {offset:,} to {offset + length:,} of {whole:,}")
    with path.open("rb") as stream:
        stream.seek(offset)
        return bytearray(stream.read(length))


def _whole(text: str, key: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise FileFormatError(
            f"{name} gives {text!r:.40} as the {key} of its weights; expected a whole number"
        )
    return int(text)


def _lying(proto: Any, name: str, found: str) -> FileFormatError:
    return FileFormatError(
        f"{name} holds {found} for the tensor {proto.name!r:.60} of shape "
        f"{list(proto.dims)!r:.60}; expected exactly what that takes"
    )
