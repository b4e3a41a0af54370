"""Read one file of weights, told by its content."""

from dataclasses import replace
from pathlib import Path

import torch

from explorer.errors import ArchitectureError, FileFormatError, UnknownNetworkError
from explorer.network.packaged.gguf_file import MAGIC as GGUF
from explorer.network.readers.content import EXPECTED, LazyTensors, WeightFile
from explorer.network.readers.limits import check_size, path_limit
from explorer.network.readers.safetensors_file import read_safetensors
from explorer.network.readers.torch_file import read_torch
from explorer.network.readers.wrappers import without_prefix

_HEAD = 512
# Smaller files are read into memory, so that nobody can change them under our feet.
MAPPED_FROM = 64 * 2**20
_ONNX = b"\x08"  # the tag of its first field, a number
_PACKED = (torch.int8, torch.uint8)
_PACKED_ENDINGS = ("weight", "qweight", "packed", "blocks", "weight_q")


def read_bytes(data: bytes, name: str) -> WeightFile:
    """Read the content of a file.

    Parameters
    ----------
    data : bytes
        The whole content.
    name : str
        For messages only; the format is told from the content.

    Raises
    ------
    FileTooLargeError, UnsafeFileError, FileFormatError, ArchitectureError
    """
    check_size(len(data), name)
    return _read(data, data[:_HEAD], name)


def read_file(path: Path, name: str) -> WeightFile:
    """Read a file; a large one is mapped into memory, and must not be changed from then on.

    Raises
    ------
    UnknownNetworkError
        If it cannot be read.
    FileTooLargeError, UnsafeFileError, FileFormatError, ArchitectureError
    """
    try:
        size = path.stat().st_size
        check_size(size, name, path_limit())
        if size <= MAPPED_FROM:
            data = path.read_bytes()
            if data.startswith(_ONNX):  # its weights may lie beside it
                return _read(path, data[:_HEAD], name)
            return _read(data, data[:_HEAD], name)
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        return _read(path, head, name)
    except OSError as problem:
        raise UnknownNetworkError(
            f"{name} cannot be read ({problem.strerror or type(problem).__name__}); {EXPECTED}"
        ) from problem


def _read(source: bytes | Path, head: bytes, name: str) -> WeightFile:
    if not head:
        raise FileFormatError(f"{name} is empty; {EXPECTED}")
    # A safetensors file begins with the length of its header, which may look like a pickle's start.
    has_header, is_short = head[8:9] == b"{", head[4:8] == bytes(4)
    if head.startswith((b"PK\x03\x04", b"\x80")) and not (has_header and is_short):
        return _finished(read_torch(source, name), name)
    if head.startswith(GGUF):
        from explorer.network.readers.gguf import read_gguf_weights

        return read_gguf_weights(source, name)
    if has_header:
        return _finished(read_safetensors(source, name), name)
    if _looks_like_text(head):
        raise FileFormatError(f"{name} is a text file; {EXPECTED}")
    if head.startswith(_ONNX):
        found = _read_onnx(source, name)
        if found is not None:
            return found
    raise FileFormatError(f"{name} is a file of no known format; {EXPECTED}")


def _read_onnx(source: bytes | Path, name: str) -> WeightFile | None:
    from importlib.util import find_spec

    if find_spec("explorer.network.readers.onnx") is None:
        return None
    from importlib import import_module

    found: WeightFile = import_module("explorer.network.readers.onnx").read_onnx(source, name)
    return found


def _finished(content: WeightFile, name: str) -> WeightFile:
    """Take away what wrappers put before names; refuse numbers that stand for others."""
    content = replace(content, tensors=without_prefix(content.tensors, name))
    if isinstance(content.tensors, LazyTensors):
        return content
    for key, tensor in content.tensors.items():
        if tensor.dtype in _PACKED and key.endswith(_PACKED_ENDINGS):
            raise ArchitectureError(
                f"{name} has {key!r:.60} of type {str(tensor.dtype).removeprefix('torch.')}, which "
                f"is quantised; expected the floating-point weights that it was made of"
            )
    return content


def _looks_like_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text)
