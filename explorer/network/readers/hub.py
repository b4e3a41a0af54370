"""Weights on the Hugging Face hub: those on this computer first, then those that can be fetched."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from explorer.errors import CheckpointError, UnknownNetworkError
from explorer.network.readers.content import WeightFile
from explorer.network.readers.limits import check_size, path_limit
from explorer.network.readers.places import ENDINGS, read_place
from explorer.network.readers.wording import one_line

_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_BESIDE = ("*.json", "*.txt", "*.model", "*.jinja")
# Weights of a folder, the best first: what is fetched of a network that is there in several forms.
_FORMS = ("model*.safetensors", "pytorch_model*.bin")
_SECONDS = 10.0

Progress = Callable[[float, str], None]


def is_hub_id(name: str) -> bool:
    """Tell whether a name has the form ``owner/name``, and is not that of a file.

    Examples
    --------
    >>> is_hub_id("openai-community/gpt2"), is_hub_id("a/b/c"), is_hub_id("runs/mine.pt")
    (True, False, False)
    """
    is_file = name.lower().endswith((*ENDINGS, ".json"))
    return _ID.fullmatch(name) is not None and ".." not in name and not is_file


def read_hub(name: str, progress: Progress | None = None) -> WeightFile:
    """Read the weights of an id on the hub.

    Parameters
    ----------
    name : str
        Of the form ``owner/name``.
    progress : callable, optional

    Raises
    ------
    UnknownNetworkError
        If it is not on this computer and cannot be fetched.
    CheckpointError
        If what is there cannot be opened.
    """
    import huggingface_hub as hub

    folder = _kept(name)
    if folder is not None:
        return read_place(folder, name)
    try:
        found = hub.HfApi().model_info(name, files_metadata=True, timeout=_SECONDS)
        sizes = {file.rfilename: file.size or 0 for file in found.siblings or ()}
        wanted = _wanted(sizes)
        size = sum(sizes[file] for file in wanted)
        check_size(size, name, path_limit())
        if progress is not None:
            progress(0.0, f"fetching {size / 1e6:,.0f} MB of {name} from the hub")
        folder = Path(hub.snapshot_download(name, allow_patterns=wanted, etag_timeout=_SECONDS))
    except CheckpointError:
        raise
    except Exception as problem:  # errors of the hub, of the network, of the disk
        raise _not_fetched(name, problem) from problem
    return read_place(folder, name)


def _kept(name: str) -> Path | None:
    """Return the folder of a network that was fetched before, with its weights."""
    import huggingface_hub as hub

    try:
        folder = Path(hub.snapshot_download(name, local_files_only=True))
        has_weights = any(entry.name.lower().endswith(ENDINGS) for entry in folder.iterdir())
    except Exception:  # whatever the library calls it that there is none
        return None
    return folder if has_weights else None


def _wanted(files: Collection[str]) -> list[str]:
    """Return the files to fetch: weights in one form, with their settings and tokenizer."""
    names = [Path(file) for file in files if "/" not in file]
    beside = [path.name for path in names if any(path.match(form) for form in _BESIDE)]
    for form in _FORMS:
        weights = [path.name for path in names if path.match(form)]
        if weights:
            return [*weights, *beside]
    return [*(path.name for path in names if path.suffix.lower() in ENDINGS), *beside]


def _not_fetched(name: str, problem: Any) -> UnknownNetworkError:
    kind = type(problem).__name__
    if kind == "GatedRepoError":
        why = "its owner asks you to agree to its terms on the hub first"
    elif kind in ("RepositoryNotFoundError", "RevisionNotFoundError"):
        why = "the Hugging Face hub has no network of this name, or none for you"
    else:
        why = f"the Hugging Face hub cannot be reached ({one_line(problem)})"
    return UnknownNetworkError(
        f"found no file or folder {name!r:.200} and no network of this id on this computer, and "
        f"{why}; expected a path, a name, or an id that can be fetched"
    )
