"""Data to look at an opened network with: texts, pictures or rows of a table.

Each becomes a task that is kept, so that ``checkpoint.with_task(task.name)`` can run the network on
it now and after a restart. Its name is a hash of what is kept.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import TaskError
from explorer.network.tasks.base import Task
from explorer.network.tasks.kept import register
from explorer.network.tasks.samples_kept import (
    MAX_BYTES,
    Samples,
    packed_vocabulary,
    task_of_samples,
)
from explorer.network.tasks.samples_text import LENGTH, snippets_of
from explorer.network.tasks.samples_vocabulary import open_tokenizer, shown_tokens
from explorer.network.tasks.sources import decoded, read_source, shown_title
from explorer.network.tasks.text import MAX_BYTES as MAX_TEXT_BYTES
from explorer.network.tasks.text import docstrings

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

__all__ = ["BUILT_IN", "task_from_texts"]

BUILT_IN = "documentation of networkx"  # the text to try a network with
_LONGEST_PATH = 1_000


def task_from_texts(
    source: bytes | str | os.PathLike[str] | None,
    checkpoint: "Checkpoint",
    title: str = "",
) -> Task:
    """Make a task of a text, cut by the tokenizer that came with a network.

    Snippets of 64 tokens are dealt to the splits in turn, so that every split has some from all
    over the text; of a long text 500 are taken, 200 of them for the explain split. The network
    names the next token; one that reads both ways, as a BERT, the token itself.

    Parameters
    ----------
    source : bytes, str or path, or None
        A text in UTF-8, what somebody typed, or the path of a file; None for a text that is always
        there: the documentation of networkx.
    checkpoint : Checkpoint
        Of a network that reads tokens and was opened with its tokenizer.
    title : str
        Name for people, by default that of the file.

    Raises
    ------
    TaskError
        If the network reads no tokens or has no tokenizer, or the text makes no such task.
    """
    network = checkpoint.network
    if network.reads != "tokens":
        raise TaskError(
            f"found a text for {checkpoint.name}, which reads numbers; expected pictures or rows "
            f"of a table"
        )
    folder = None if checkpoint.origin is None else checkpoint.origin.tokenizer
    tokenizer = open_tokenizer(folder, checkpoint.name)
    text, named = _text_of(source)
    shown = shown_title(title or named)
    names_next = bool(getattr(network, "names_next", True))
    snippets, marks = snippets_of(text, tokenizer, network.input_size, names_next)
    count, length = snippets.shape
    about = {
        "title": shown,
        "summary": f"Name the {'next token' if names_next else 'tokens'} of {shown} ({count:,} "
        f"snippets of {length - names_next} tokens).",
        "marks": list(marks),
        "names_next": names_next,
    }
    vocabulary = packed_vocabulary(shown_tokens(tokenizer, network.input_size))
    return _kept(Samples("texts", about, {"snippets": snippets, "vocabulary": vocabulary}))


def _text_of(source: bytes | str | os.PathLike[str] | None) -> tuple[str, str]:
    """The text, and its name for people."""
    if source is None:
        return docstrings("networkx"), BUILT_IN
    named = "text"
    if isinstance(source, str) and not _names_file(source):
        data = source.encode("utf-8", "replace")
        if not data.strip():
            raise TaskError("found an empty text; expected one with words in it")
    else:
        named = named if isinstance(source, bytes) else Path(source).name
        data = read_source(source, MAX_TEXT_BYTES)
    text = decoded(data, "a text in UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n"), named


def _names_file(text: str) -> bool:
    try:
        return len(text) <= _LONGEST_PATH and Path(text).is_file()
    except (OSError, ValueError):  # no path at all
        return False


def _kept(samples: Samples) -> Task:
    """Keep samples, and return their task."""
    data = samples.packed()
    if len(data) > MAX_BYTES:
        raise TaskError(
            f"found {samples.kind} that take {len(data) / 1e6:,.0f} MB; expected at most "
            f"{MAX_BYTES / 1e6:.0f} MB"
        )
    return register(task_of_samples(samples.kind, data), data)


assert LENGTH == 64, "said in the docstring"
