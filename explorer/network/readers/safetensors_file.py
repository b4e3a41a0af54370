"""Read safetensors files: from memory, or mapped from the disk."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from explorer.errors import FileFormatError
from explorer.network.checkpoint import METADATA_KEY
from explorer.network.readers.about import parse_about
from explorer.network.readers.content import EXPECTED, WeightFile
from explorer.network.readers.wording import one_line

_MOST_HEADER = 100 * 2**20  # bytes; the library's own limit


def read_safetensors(source: bytes | Path, name: str) -> WeightFile:
    """Read a safetensors file.

    Of a file on the disk only the header is read; its tensors are pages of the file that the
    operating system fetches when they are touched.

    Raises
    ------
    FileFormatError
    """
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load as from_bytes

    tensors: dict[str, Tensor]
    try:
        if isinstance(source, bytes):
            tensors = from_bytes(source)
        else:
            with safe_open(source, framework="pt") as stream:
                tensors = {key: stream.get_tensor(key) for key in stream.keys()}  # noqa: SIM118
        # The library's own check has passed, so the header is whole and within the file.
        header = json.loads(_header(source), object_pairs_hook=_once)
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as problem:
        raise FileFormatError(
            f"{name} begins like a safetensors file but is damaged or cut short "
            f"({one_line(problem)}); {EXPECTED}"
        ) from problem
    text = (header.get("__metadata__") or {}).get(METADATA_KEY)
    about = None if text is None else parse_about(text, name)
    return WeightFile(tensors, about, False, format="safetensors")


def _header(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        return source[8 : 8 + int.from_bytes(source[:8], "little")]
    with source.open("rb") as stream:
        return stream.read(min(int.from_bytes(stream.read(8), "little"), _MOST_HEADER))


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Make a dictionary of a header, in which nothing may be said twice."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands in the header twice")
    return made
