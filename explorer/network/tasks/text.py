"""Texts as tasks: name the next character.

A text is cut into blocks, which are dealt to the splits in turn, so that every split has parts from
all over the text. A window of characters never reaches over the end of its block, so no character
is in two splits.
"""

import ast
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.errors import TaskError
from explorer.network.tasks.base import SPLITS, Examples, Task, kept_splits
from explorer.network.tasks.sources import (
    Source,
    content_name,
    decoded,
    read_source,
    shown_title,
)

Codes = NDArray[np.uint8]

CONTEXT = 64  # characters that a network reads at once
MAX_BYTES = 50_000_000
MAX_CHARACTERS = 200  # different ones in the vocabulary of a user's own text
MIN_LENGTH = 5_000
REPLACEMENT = "\ufffd"  # stands for characters that are not in the vocabulary
_BLOCK = 4_096
# Of ten blocks in a row, those of every split.
_DEALT = {
    "train": (0, 2, 4, 6, 8, 9),
    "validation": (1,),
    "explain": (3,),
    "score": (5,),
    "test": (7,),
}
_MAX_WINDOWS = {"train": 10_000}  # of a split; 1,000 of the others


def task_from_text(source: Source, title: str) -> Task:
    r"""Make a task of a text file.

    Line ends become ``\n``. The vocabulary has the 200 most frequent characters; if there are
    others, one more token stands for them.

    Parameters
    ----------
    source : bytes or path
        UTF-8.
    title : str
        Name for people, such as that of the file.

    Raises
    ------
    TaskError
        If the file makes no such task.

    Examples
    --------
    >>> task = task_from_text(b"to be or not to be, that is the question: " * 200, "hamlet.txt")
    >>> "".join(task.tokens), task.split("test").inputs.shape
    (' ,:abehinoqrstu', torch.Size([13, 64]))
    """
    data = read_source(source, MAX_BYTES)
    text = decoded(data, "a text in UTF-8").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) < MIN_LENGTH:
        raise TaskError(
            f"found a text of {len(text):,} characters; expected at least {MIN_LENGTH:,}"
        )
    tokens = _vocabulary(text)
    if len(tokens) < 2:
        raise TaskError(
            f"found a text of nothing but {tokens[0]!r}; expected at least two different characters"
        )
    codes = encode(text, tokens)
    shown = shown_title(title)
    return _text_task(
        name=content_name("text", None, data),
        summary=f"Name the next character of {shown} ({len(text):,} characters).",
        tokens=tokens,
        codes=lambda: codes,
        title=shown,
    )


def encode(text: str, tokens: Sequence[str]) -> Codes:
    """Turn a text into indices of its characters in a vocabulary.

    Characters that are not in it become the replacement where the vocabulary has one, and are left
    out where it has none.

    Examples
    --------
    >>> encode("abracadabra", ("a", "b", "c")).tolist()
    [0, 1, 0, 2, 0, 0, 1, 0]
    """
    nothing = 255
    table = np.full(0x110000, tokens.index(REPLACEMENT) if REPLACEMENT in tokens else nothing)
    table[[ord(token) for token in tokens]] = np.arange(len(tokens))
    codes = table.astype(np.uint8)[_code_points(text)]
    known: Codes = codes[codes != nothing]
    return known


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _vocabulary(text: str) -> tuple[str, ...]:
    """List the most frequent characters, in the order of their code points."""
    counts = np.bincount(_code_points(text))
    counts[ord(REPLACEMENT) : ord(REPLACEMENT) + 1] = 0
    used = np.flatnonzero(counts)
    frequent = used[np.lexsort((used, -counts[used]))][:MAX_CHARACTERS]
    tokens = tuple(map(chr, sorted(frequent)))
    return (*tokens, REPLACEMENT) if len(used) > MAX_CHARACTERS or REPLACEMENT in text else tokens


def _text_task(
    name: str,
    summary: str,
    tokens: tuple[str, ...],
    codes: Callable[[], Codes],
    title: str = "",
    data: str = "",
) -> Task:
    @lru_cache(maxsize=1)
    def blocks() -> Tensor:
        """Whole text as tokens of shape (blocks, characters of a block); a rest is left out."""
        text = codes()
        count = 10 * max(1, len(text) // (10 * _BLOCK))
        length = len(text) // count
        return torch.from_numpy(text[: count * length].reshape(count, length).copy())

    @lru_cache(maxsize=len(SPLITS))
    def of_split(split: str) -> Tensor:
        rows = torch.arange(len(blocks()))
        return rows[torch.isin(rows % 10, torch.tensor(_DEALT[split]))]

    def windows(rows: Tensor, starts: Tensor) -> Examples:
        places = starts[:, None] + torch.arange(CONTEXT + 1)
        cut = blocks()[rows[:, None], places].long()
        return Examples(cut[:, :-1].contiguous(), cut[:, 1:].contiguous())

    @kept_splits
    def make(split: str) -> Examples:
        """Windows one after the other; of many, some that lie evenly."""
        rows = of_split(split)
        each = (blocks().shape[1] - 1) // CONTEXT
        total = len(rows) * each
        wanted = min(total, _MAX_WINDOWS.get(split, 1_000))
        chosen = torch.arange(wanted) * total // wanted
        return windows(rows[chosen // each], chosen % each * CONTEXT)

    def draw(generator: torch.Generator, size: int) -> Examples:
        """Windows that begin anywhere in the blocks of training."""
        rows = of_split("train")
        block = torch.randint(len(rows), (size,), generator=generator)
        last = blocks().shape[1] - CONTEXT
        return windows(rows[block], torch.randint(last, (size,), generator=generator))

    return Task(
        name=name,
        title=title,
        summary=summary,
        inputs=(),
        heads=(),
        images=(),
        make=make,
        networks=("gpt",),
        tokens=tokens,
        draw=draw,
        data=data,
    )


def docstrings(package: str) -> str:
    """Join all documentation strings of an installed package, file by file, without its tests.

    The package is read and not imported.
    """
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    root = Path(spec.origin).parent
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    found = [
        ast.get_docstring(node)
        for name, path in sorted(files.items())
        if "tests" not in name.split("/")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return "\n\n".join(text for text in found if text)


# All printable characters of ASCII and the line end. The text is under the BSD licence of networkx;
# it is the same on every computer that has the same version of it.
ASCII = ("\n", *map(chr, range(32, 127)))

TASKS = (
    _text_task(
        name="characters",
        summary="Name the next character of the documentation of networkx, a library of graphs.",
        tokens=ASCII,
        codes=lambda: encode(docstrings("networkx"), ASCII),
        data="passages of documentation",
    ),
)
