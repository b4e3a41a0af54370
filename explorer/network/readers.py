"""Read a file of weights, by content and not by name, without ever running code from it."""

import io
import json
import pickle
import pickletools
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.errors import CheckpointError, FileFormatError, FileTooLargeError, UnsafeFileError
from explorer.network.checkpoint import METADATA_KEY

MAX_FILE_BYTES = 100 * 2**20
MAX_NESTING = 8
MAX_METRIC = 1e15
_MAX_PICKLE_STEPS = 500_000
_MAX_SHARED_TUPLES = 16
_LEGACY_PICKLES = 4  # magic number, protocol, system and content, in torch's format before 1.6
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
    config : mapping or None
        Settings of the network as its own library writes them: the ``config.json`` of a Hugging
        Face folder, the ``model_args`` of nanoGPT, or the first of these that a GGUF file amounts
        to.
    format : str
        For people: ``safetensors``, ``PyTorch``, ``nanoGPT``, ``Hugging Face``, ``GGUF``, ``ONNX``.
    tokenizer : Path or None
        Folder of the tokenizer that came with the weights.
    """

    tensors: Mapping[str, Tensor]
    about: Mapping[str, Any] | None
    in_definition_order: bool
    config: Mapping[str, Any] | None = None
    format: str = ""
    tokenizer: Path | None = None


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
    # A safetensors file begins with the length of its header, which may look like a pickle's start.
    has_header, is_short = data[8:9] == b"{", data[4:8] == bytes(4)
    if data.startswith((b"PK\x03\x04", b"\x80")) and not (has_header and is_short):
        return _read_torch(data, name)
    if has_header:
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
        if _is_deeper(about, MAX_NESTING):
            about = None
        json.dumps(about, ensure_ascii=False).encode()  # refuses half characters
    except (ValueError, RecursionError):
        about = None
    if not isinstance(about, dict) or not isinstance(about.get("architecture"), dict):
        raise FileFormatError(
            f"{name} holds a description of itself that cannot be read; expected the one that "
            f"explorer.save writes"
        )
    for key, kind in (("name", str), ("task", str), ("config", dict), ("metrics", dict)):
        if not isinstance(about.get(key), kind | None):
            raise FileFormatError(
                f"{name} describes its {key} as {about.get(key)!r:.60}; expected what "
                f"explorer.save writes"
            )
    for key, value in (about.get("metrics") or {}).items():
        if type(value) not in (int, float) or not abs(value) < MAX_METRIC:
            raise FileFormatError(
                f"{name} records the figure {key!r:.40} as {value!r:.40}; expected a finite number"
            )
    return about


def _is_deeper(value: Any, levels: int) -> bool:
    """Tell whether lists and dictionaries stand in each other more than so many levels deep."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def _read_torch(data: bytes, name: str) -> WeightFile:
    try:
        if any(_is_endless(stream, pickles) for stream, pickles in _pickles(data, name)):
            raise FileFormatError(
                f"{name} holds a pickle that is too long or too often folded; {EXPECTED}"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's doubts about a file are not for the reader
            content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
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
    if not isinstance(content, dict) or not content:
        found = "an empty dictionary" if isinstance(content, dict) else type(content).__name__
        raise FileFormatError(f"{name} holds {found}; {EXPECTED}")
    tensors: dict[str, Tensor] = {}
    for key, value in dict.items(content):  # a file can give its dictionary other methods
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise FileFormatError(
                f"{name} holds {type(value).__name__} under the key "
                f"{key if isinstance(key, str) else type(key).__name__!r:.60}; expected a "
                f"state_dict, in which every value is a tensor"
            )
        tensors[key] = _plain(value, key, name)
    return WeightFile(tensors, None, True)


def _plain(value: Tensor, key: str, name: str) -> Tensor:
    """Return a tensor without what a file can hang on it; refuse one that has no plain numbers."""
    try:
        tensor = Tensor.detach(value)
        plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
        if plain and not tensor.is_quantized and not tensor.is_nested:
            return tensor
    except Exception as problem:  # a tensor of an odd kind can refuse anything
        raise _damaged(name, problem) from problem
    raise FileFormatError(
        f"{name} has {key!r:.60} as a sparse, quantised or empty kind of tensor; expected plain "
        f"dense tensors"
    )


def _pickles(data: bytes, name: str) -> Iterator[tuple[io.BytesIO, int]]:
    """Streams that begin with pickles, and how many stand there one after the other."""
    if not data.startswith(b"PK"):
        yield io.BytesIO(data), _LEGACY_PICKLES
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > MAX_FILE_BYTES:
            raise FileTooLargeError(
                f"{name} unpacks to {size / 2**20:,.0f} MB; at most "
                f"{MAX_FILE_BYTES / 2**20:.0f} MB can be opened"
            )
        for member in members:
            if member.filename.lower().endswith(".pkl"):
                yield io.BytesIO(archive.read(member)), 1


def _is_endless(stream: io.BytesIO, pickles: int) -> bool:
    """Tell whether pickles are small to read and endless to make.

    A tuple of two copies of a tuple of two copies ... takes some bytes a level, and twice the time
    a level to hash. No ``state_dict`` uses one tuple again and again.
    """
    steps = shared = 0
    for _ in range(pickles):
        tuples: set[object] = set()
        before = ""
        try:
            for operation, argument, _ in pickletools.genops(stream):
                name, steps = operation.name, steps + 1
                if name.endswith("PUT"):
                    (tuples.add if "TUPLE" in before else tuples.discard)(argument)
                elif name.endswith("GET"):
                    shared += argument in tuples
                before = name
                if steps > _MAX_PICKLE_STEPS or shared > _MAX_SHARED_TUPLES:
                    return True
        except ValueError:  # no pickle from here on: torch will say so
            return False
    return False


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
