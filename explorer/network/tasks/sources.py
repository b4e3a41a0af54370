"""A user's own file on its way to becoming a task: read within limits, named by its content."""

import hashlib
import json
import os
from pathlib import Path

from explorer.errors import TaskError

# The bytes of a file, or where it lies.
Source = bytes | str | os.PathLike[str]


def read_source(source: Source, limit: int) -> bytes:
    """Read a file whole.

    Parameters
    ----------
    source : bytes or path
    limit : int
        Bytes; a larger file is not read.

    Raises
    ------
    TaskError
        If the file cannot be read, is empty or larger.
    """
    if isinstance(source, bytes):
        data = source
    else:
        path = Path(source)
        try:
            with path.open("rb") as stream:
                data = stream.read(limit + 1)
        except OSError as problem:
            raise TaskError(
                f"found no readable file {path.name!r:.80} ({problem.strerror}); expected the path "
                f"of one"
            ) from problem
        except ValueError as problem:  # a NUL in the path
            raise TaskError(
                f"found the path {str(source)!r:.80} ({problem}); expected the path of a file"
            ) from problem
    if len(data) > limit:
        raise TaskError(f"found a file of more than {limit / 1e6:,.0f} MB; expected a smaller one")
    if not data.strip():
        raise TaskError("found an empty file; expected one with content")
    return data


def decoded(data: bytes, expected: str) -> str:
    """Decode UTF-8, with or without a byte order mark.

    Raises
    ------
    TaskError
        If the bytes are no text in UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise TaskError(
            f"found bytes that are no UTF-8 text, the first at byte {problem.start + 1:,}; "
            f"expected {expected}"
        ) from problem
    if "\0" in text:
        raise TaskError(f"found a binary file (it holds NUL characters); expected {expected}")
    return text


def content_name(kind: str, options: object, data: bytes) -> str:
    """Name a task by what it is made of: the same content and options have the same name.

    Parameters
    ----------
    kind : str
        ``csv`` or ``text``.
    options : plain data
        What else decides the task.
    data : bytes

    Examples
    --------
    >>> content_name("text", None, b"abc")
    'text-12956e31fae35d58'
    """
    digest = hashlib.sha256(json.dumps([kind, options]).encode())
    digest.update(data)
    return f"{kind}-{digest.hexdigest()[:16]}"


def shown_title(title: str) -> str:
    r"""Shorten a name for people to one line of at most 80 characters.

    Examples
    --------
    >>> shown_title("my\n flowers.csv")
    'my flowers.csv'
    """
    printable = "".join(c if c.isprintable() else " " for c in title)
    return " ".join(printable.split())[:80] or "untitled"
