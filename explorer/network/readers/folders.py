"""What stands beside weights in a folder, read without believing any of it."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from explorer.errors import ArchitectureError, FileFormatError, UnsafeFileError
from explorer.network.readers.about import is_deeper
from explorer.network.readers.wording import one_line

_MOST_JSON = 64 * 2**20  # bytes of an index or of settings
_DEEPEST = 8
_CODE = ("auto_map", "trust_remote_code", "custom_pipelines")
_TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model")
_TOKENIZER_FILES = (
    *_TOKENIZERS,
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
    "config.json",
    "chat_template.jinja",
)


def inside(folder: Path, file: str, name: str) -> Path:
    """Return the path of a file in a folder, if it is in there.

    A link may lead to another file in the folder, or as in the cache of the hub to another one of
    the same network.

    Raises
    ------
    FileFormatError
        If there is no such file.
    UnsafeFileError
        If it leads out of the folder.
    """
    path = folder / file
    if file != Path(file).name or file in ("", ".", ".."):
        raise UnsafeFileError(
            f"{name} names the file {file!r:.60}, which is not in its folder; expected the name of "
            f"a file in it"
        )
    try:
        real, root = path.resolve(strict=True), folder.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as problem:
        raise FileFormatError(
            f"{name} is in parts, of which {file!r:.60} is not there; expected all of them"
        ) from problem
    if root.parent.name == "snapshots" and root.parent.parent.name.startswith("models--"):
        root = root.parent.parent
    if not real.is_relative_to(root):
        raise UnsafeFileError(
            f"{name} has {file!r:.60} as a link out of its folder, which was not followed; "
            f"expected a file in it"
        )
    if not real.is_file():
        raise FileFormatError(f"{name} has {file!r:.60} as something else; expected a file")
    return path


def read_json(path: Path, name: str) -> dict[str, Any]:
    """Read an object of JSON.

    Raises
    ------
    FileFormatError
    """
    expected = f"expected an object of JSON in {path.name!r:.60}"
    try:
        if path.stat().st_size > _MOST_JSON:
            raise ValueError("it is too long")
        found = json.loads(path.read_bytes(), parse_constant=_refused)
        if is_deeper(found, _DEEPEST):
            raise ValueError("it is nested too deeply")
        json.dumps(found, ensure_ascii=False).encode()  # refuses half characters
    except (ValueError, RecursionError) as problem:
        raise FileFormatError(
            f"{name} cannot be read ({one_line(problem)}); {expected}"
        ) from problem
    if not isinstance(found, dict):
        raise FileFormatError(f"{name} holds a {type(found).__name__}; {expected}")
    return found


def read_settings(folder: Path, name: str) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """Read ``config.json``, without any code that it names; return it with notes.

    Raises
    ------
    FileFormatError, UnsafeFileError
    ArchitectureError
        If it says that the weights are quantised.
    """
    if not (folder / "config.json").exists():
        return None, ()
    config = read_json(inside(folder, "config.json", name), name)
    if config.get("quantization_config") is not None:
        said = config["quantization_config"]
        method = said.get("quant_method") if isinstance(said, dict) else said
        raise ArchitectureError(
            f"{name} is quantised ({method!r:.40}); expected the floating-point weights that it "
            f"was made of"
        )
    code = [key for key in _CODE if key in config]
    notes = ("Its config.json names code of its own, which is never run.",) if code else ()
    return {key: _shortest(v) for key, v in config.items() if key not in code}, notes


def tokenizer_of(folder: Path, name: str) -> tuple[Path | None, tuple[str, ...]]:
    """Return the folder, if it holds a tokenizer that no code of its own belongs to, and notes.

    Raises
    ------
    FileFormatError, UnsafeFileError
    """
    if not any((folder / file).exists() for file in _TOKENIZERS):
        return None, ()
    for file in _TOKENIZER_FILES:
        if (folder / file).is_symlink() or (folder / file).exists():
            inside(folder, file, name)
    settings = folder / "tokenizer_config.json"
    if settings.exists() and "auto_map" in read_json(settings, name):
        return None, (
            "Its tokenizer is code of its own, which is never run: texts cannot be read.",
        )
    return folder.absolute(), ()


def _refused(constant: str) -> Any:
    raise ValueError(f"it holds the number {constant}")


def _shortest(value: Any) -> Any:
    """Return the shortest decimal of a number that was in single precision once.

    A file that passed through GGUF says 9.999999974752427e-07 where another one says 1e-06.

    Examples
    --------
    >>> _shortest({"eps": 9.999999974752427e-07, "share": 0.1})
    {'eps': 1e-06, 'share': 0.1}
    """
    if isinstance(value, dict):
        return {key: _shortest(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortest(item) for item in value]
    limit = float(np.finfo(np.float32).max)
    if type(value) is not float or not math.isfinite(value) or abs(value) > limit:
        return value
    single = np.float32(value)
    return float(str(single)) if float(single) == value else value
