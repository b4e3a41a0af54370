"""Files that were dropped on the page: one is opened from memory, several are put into a folder."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import FileFormatError, FileTooLargeError, UnknownNetworkError
from explorer.network.home import home

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

MAX_MEGABYTES = 200  # a test holds it against explorer.network.readers.limits
MAX_FOLDERS = 20  # of uploads that are kept, for their tokenizers and what is mapped into memory
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def open_uploads(files: Sequence[tuple[str, bytes]]) -> tuple[Checkpoint, str]:
    """Open a network from the content of one or several files.

    Parameters
    ----------
    files : sequence of (name, content)
        Names are as the browser gave them.

    Returns
    -------
    Checkpoint
    str
        What to call it.

    Raises
    ------
    CheckpointError
        One of its kinds, if they hold no network.
    """
    from explorer.network.load import load, load_bytes

    if len(files) == 1:
        name, content = files[0]
        return load_bytes(content, name), name
    size = sum(len(content) for _, content in files)
    if size > MAX_MEGABYTES * 2**20:
        raise FileTooLargeError(
            f"found {len(files)} files of {size / 2**20:,.0f} MB together; at most "
            f"{MAX_MEGABYTES} MB can be dropped here: expected `explorer open FOLDER` for more"
        )
    folder = _written(files)
    checkpoint = load(folder)
    return checkpoint, _title(files)


def _written(files: Sequence[tuple[str, bytes]]) -> Path:
    """Write files into a folder that is named by their content."""
    named: dict[str, bytes] = {}
    for name, content in files:
        if not _NAME.fullmatch(name):
            raise FileFormatError(
                f"found a file named {name!r:.60}; expected letters, digits, dots, - and _ in the "
                f"names of files that belong together"
            )
        if name in named:
            raise FileFormatError(
                f"found two files named {name!r:.60}; expected those of one folder"
            )
        named[name] = content
    digest = hashlib.sha256()
    for name in sorted(named):
        digest.update(f"{name}\0{len(named[name])}\0".encode())
        digest.update(named[name])
    folder = home() / "uploads" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in named.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != len(content):
                path.write_bytes(content)
        folder.touch()
        _forget(folder.parent)
    except OSError as problem:
        raise UnknownNetworkError(
            f"the files cannot be put together in {home()} ({problem.strerror}); expected some room"
        ) from problem
    return folder


def _forget(uploads: Path) -> None:
    """Drop the folders that were not used for longest."""
    folders = sorted((path.stat().st_mtime, path) for path in uploads.iterdir() if path.is_dir())
    for _, old in folders[:-MAX_FOLDERS]:
        shutil.rmtree(old, ignore_errors=True)


def _title(files: Sequence[tuple[str, bytes]]) -> str:
    """Call the network by its largest file."""
    name = max(files, key=lambda file: len(file[1]))[0]
    return name if len(files) == 1 else f"{name} and {len(files) - 1} more"
