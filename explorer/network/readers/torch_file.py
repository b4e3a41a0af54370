"""Read a PyTorch ``state_dict``: only plain tensors, and never by running what a pickle names."""

import io
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import torch

from explorer.errors import CheckpointError, FileFormatError, UnsafeFileError
from explorer.network.readers.content import EXPECTED, WeightFile
from explorer.network.readers.pickles import check_pickles
from explorer.network.readers.wording import damaged
from explorer.network.readers.wrappers import unwrapped

_NAMED = re.compile(r"GLOBAL ([\w.]+) (?:was not an allowed|whose module)", re.ASCII)


def read_torch(source: bytes | Path, name: str) -> WeightFile:
    """Read a ``state_dict``, or a training checkpoint that wraps one.

    Tensors of a file on the disk stay there, mapped into memory, if torch wrote it in its format
    since 1.6.

    Raises
    ------
    FileTooLargeError, UnsafeFileError, FileFormatError
    """
    return unwrapped(_content(source, name), name)


def _content(source: bytes | Path, name: str) -> dict[Any, Any]:
    """Unpickle what can be without running code."""
    try:
        can_be_mapped = check_pickles(source, name)
        mapped = can_be_mapped and isinstance(source, Path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's doubts about a file are not for the reader
            content = torch.load(
                io.BytesIO(source) if isinstance(source, bytes) else source,
                map_location="cpu",
                weights_only=True,
                mmap=mapped,
            )
    except CheckpointError:
        raise
    except pickle.UnpicklingError as problem:
        if "Unsupported" in str(problem) or "unsupported" in str(problem):
            named = _NAMED.search(str(problem))
            what = f"{named[1]:.60}" if named else "a whole saved nn.Module"
            raise UnsafeFileError(
                f"{name} is a pickle that names code to run, such as {what}; it was not opened: "
                f"expected a state_dict, saved with torch.save(network.state_dict(), path)"
            ) from problem
        raise damaged(name, "PyTorch", problem) from problem
    except Exception as problem:  # torch raises many kinds for files that are cut short
        if "TorchScript" in str(problem):
            raise UnsafeFileError(
                f"{name} is a TorchScript program; it was not opened: expected a state_dict, saved "
                f"with torch.save(network.state_dict(), path)"
            ) from problem
        raise damaged(name, "PyTorch", problem) from problem
    if not isinstance(content, dict) or not content:
        found = "an empty dictionary" if isinstance(content, dict) else type(content).__name__
        raise FileFormatError(f"{name} holds {found}; {EXPECTED}")
    return content
