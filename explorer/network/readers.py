"""Read a file of weights, by content and not by name, without ever running code from it."""

import io
import json
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.errors import FileFormatError, FileTooLargeError, UnsafeFileError
from explorer.network.checkpoint import METADATA_KEY

MAX_FILE_BYTES = 100 * 2**20
EXPECTED = (
    "expected a safetensors file or a PyTorch state_dict (.pt, .pth) of linear layers with ReLU"
)


@dataclass(frozen=True)
class WeightFile:
    """What a file holds, before anybody asks which network it is.

    Attributes
    ----------
    tensors : mapping of str to Tensor
        In the order of the file.
    about : mapping or None
        What the file says about itself, if it was written by ``explorer.save``.
    in_definition_order : bool
        True where the file keeps the order in which the network's layers were defined.
    """

    tensors: Mapping[str, Tensor]
    about: Mapping[str, Any] | None
    in_definition_order: bool


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
    FileTooLargeError, UnsafeFileError, FileFormatError
    """
    check_size(len(data), name)
    if not data:
        raise FileFormatError(f"{name} is empty; {EXPECTED}")
    if data.startswith((b"PK\x03\x04", b"\x80")):
        return _read_torch(data, name)
    if len(data) > 8 and data[8:9] == b"{":
        return _read_safetensors(data, name)
    kind = "a text file" if _looks_like_text(data[:512]) else "a file of no known format"
    raise FileFormatError(f"{name} is {kind}; {EXPECTED}")


def check_size(size: int, name: str) -> None:
    """Refuse a file over the limit, before it is read.

    Raises
    ------
    FileTooLargeError
    """
    if size > MAX_FILE_BYTES:
        raise FileTooLargeError(
            f"{name} has {size / 2**20:,.0f} MB; at most {MAX_FILE_BYTES / 2**20:.0f} MB can be "
            f"opened"
        )


def _read_safetensors(data: bytes, name: str) -> WeightFile:
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    try:
        tensors = from_bytes(data)
        # The library's own check has passed, so the header is whole and within the file.
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    except (SafetensorError, ValueError, KeyError, TypeError) as problem:
        raise FileFormatError(
            f"{name} begins like a safetensors file but is damaged or cut short "
            f"({_one_line(problem)}); {EXPECTED}"
        ) from problem
    text = (header.get("__metadata__") or {}).get(METADATA_KEY)
    return WeightFile(tensors, None if text is None else _parse_about(text, name), False)


def _parse_about(text: str, name: str) -> Mapping[str, Any]:
    try:
        about = json.loads(text)
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or not isinstance(about.get("architecture"), dict):
        raise FileFormatError(
            f"{name} holds a description of itself that cannot be read; expected the one that "
            f"explorer.save writes"
        )
    for key, kinds in (
        ("task", (str, type(None))),
        ("config", (dict, type(None))),
        ("metrics", (dict, type(None))),
    ):
        if not isinstance(about.get(key), kinds):
            raise FileFormatError(
                f"{name} describes its {key} as {about.get(key)!r:.60}; expected what "
                f"explorer.save writes"
            )
    return about


def _read_torch(data: bytes, name: str) -> WeightFile:
    if data.startswith(b"PK"):
        _check_archive(data, name)
    try:
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        if "Unsupported" in str(problem) or "unsupported" in str(problem):
            raise UnsafeFileError(
                f"{name} is a pickle that names code to run, such as a whole saved nn.Module; it "
                f"was not opened: expected a state_dict, saved with "
                f"torch.save(network.state_dict(), path)"
            ) from problem
        raise _damaged(name, problem) from problem
    except Exception as problem:  # torch raises many kinds for files that are cut short
        raise _damaged(name, problem) from problem
    if not isinstance(content, Mapping) or not content:
        found = "an empty dictionary" if isinstance(content, Mapping) else type(content).__name__
        raise FileFormatError(f"{name} holds {found}; {EXPECTED}")
    for key, value in content.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise FileFormatError(
                f"{name} holds {type(value).__name__} under the key {key!r:.60}; expected a "
                f"state_dict, in which every value is a tensor"
            )
    return WeightFile(dict(content), None, True)


def _check_archive(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as problem:
        raise _damaged(name, problem) from problem
    if size > MAX_FILE_BYTES:
        raise FileTooLargeError(
            f"{name} unpacks to {size / 2**20:,.0f} MB; at most {MAX_FILE_BYTES / 2**20:.0f} MB "
            f"can be opened"
        )


def _damaged(name: str, problem: BaseException) -> FileFormatError:
    return FileFormatError(
        f"{name} begins like a PyTorch file but is damaged, cut short or no state_dict "
        f"({_one_line(problem)}); {EXPECTED}"
    )


def _one_line(problem: BaseException) -> str:
    text = " ".join(str(problem).split()) or type(problem).__name__
    return text if len(text) <= 90 else text[:87] + "..."


def _looks_like_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\r\n\t" for character in text)
