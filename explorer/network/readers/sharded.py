"""Read a network that was written as several files with an index."""

import re
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from explorer.errors import FileFormatError
from explorer.network.readers.content import WeightFile
from explorer.network.readers.files import read_file
from explorer.network.readers.folders import inside, read_json
from explorer.network.readers.limits import check_size, path_limit

_PART = re.compile(r"(.+)-\d{5}-of-\d{5}\.(safetensors|bin)", re.ASCII)
_MAP = "weight_map"
_MOST_PARTS = 1_000


def is_index(path: Path) -> bool:
    """Tell whether a file is the index of a network in parts."""
    if not path.name.endswith(".json"):
        return False
    with path.open("rb") as stream:
        return stream.read(64).lstrip().startswith(b"{")


def index_of(path: Path) -> Path | None:
    """Return the index beside a part of a network; None for any other file.

    Raises
    ------
    FileFormatError
        If it is a part without an index.
    """
    part = _PART.fullmatch(path.name)
    if part is None:
        return None
    index = path.with_name(f"{part[1]}.{part[2]}.index.json")
    if not index.is_file():
        raise FileFormatError(
            f"{path.name:.80} is one part of a network, without the index that names the others; "
            f"expected {index.name:.80} beside it"
        )
    return index


def read_sharded(index: Path, name: str) -> WeightFile:
    """Read all parts that an index names.

    Raises
    ------
    FileFormatError
        If a part or a tensor is missing.
    UnsafeFileError
        If the index names a file outside its folder.
    FileTooLargeError
        If they are too large together.
    """
    places = read_json(index, name).get(_MAP)
    if not isinstance(places, dict) or not places:
        raise FileFormatError(
            f"{name} holds no index; expected a {_MAP} from names of tensors to files"
        )
    files = {file: None for file in places.values() if isinstance(file, str)}
    if not all(isinstance(file, str) for file in places.values()) or len(files) > _MOST_PARTS:
        raise FileFormatError(
            f"{name} has an index of {len(files):,} parts; expected names of at most "
            f"{_MOST_PARTS:,} files"
        )
    paths = {file: inside(index.parent, file, name) for file in files}
    check_size(sum(path.stat().st_size for path in paths.values()), name, path_limit())
    parts = {file: read_file(path, f"{file:.60} of {name}") for file, path in paths.items()}
    tensors: dict[str, Tensor] = {}
    for tensor, file in places.items():
        if tensor not in parts[file].tensors:
            raise FileFormatError(
                f"{name} has no tensor {tensor!r:.60} in {file:.60}, where its index says that it "
                f"is; expected all of them"
            )
        tensors[tensor] = parts[file].tensors[tensor]
    first = next(iter(parts.values()))
    return replace(first, tensors=tensors, about=None)
