"""A text as tokens, and the windows of it that a step reads."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.errors import ConfigError
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks.samples_text import marks_around
from explorer.network.tasks.samples_vocabulary import open_tokenizer
from explorer.network.tasks.text import encode

Ids = NDArray[np.int32]

_MAX_BYTES = 2 * 2**30
_PART = 1_000_000  # characters that a tokenizer is given at a time


@dataclass(frozen=True, eq=False)
class Text:
    """Tokens of a text: those to train on, and those of its end, to measure on.

    Every window begins with the marks that the tokenizer puts before a text, if any: a network that
    never saw text without them names tokens badly where they are missing.
    """

    train: Ids
    held_out: Ids
    marks: tuple[int, ...] = ()

    def batch(self, key: tuple[int, ...], count: int, length: int) -> Tensor:
        """Draw windows of ``length`` + 1 tokens, the same for the same key (seed, step, use).

        All processes draw all windows of a step and take their own, so that a step sees the same
        text on however many processes.

        Returns
        -------
        Tensor of int64, shape (count, length + 1)
        """
        drawn = np.random.default_rng(key)
        own = length + 1 - len(self.marks)
        return self._cut(self.train, drawn.integers(len(self.train) - own + 1, size=count), own)

    def measured(self, count: int, length: int) -> Tensor:
        """Cut windows of held-out text that lie evenly and do not overlap, at most ``count``."""
        own = length + 1 - len(self.marks)
        # Without marks, the last token of a window is the first of the next: it is named once.
        apart = own - (not self.marks)
        whole = (len(self.held_out) - own) // apart + 1
        chosen = np.unique(np.arange(min(count, whole)) * whole // min(count, whole))
        return self._cut(self.held_out, chosen * apart, own)

    def _cut(self, ids: Ids, starts: NDArray[np.int64], own: int) -> Tensor:
        cut = ids[starts[:, None] + np.arange(own)].astype(np.int64)
        marks = np.tile(np.array(self.marks, dtype=np.int64), (len(cut), 1))
        return torch.from_numpy(np.concatenate([marks, cut], axis=1))


def read_text(path: str, checkpoint: Checkpoint, held_out: float, length: int) -> Text:
    """Read a text file as the tokens of a network.

    Parameters
    ----------
    path : str
    checkpoint : Checkpoint
        Its tokenizer is used, or else the vocabulary of its task.
    held_out : float
        Share of the tokens, at the end.
    length : int
        Tokens of a window.

    Raises
    ------
    ConfigError
        If the file cannot be read, is too short, or the network has no vocabulary.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        text = file.read_text("utf-8") if size <= _MAX_BYTES else ""
    except OSError as problem:
        raise ConfigError(
            f"found text = {path!r:.200}, which cannot be read ({problem.strerror}); expected a "
            f"text file in UTF-8"
        ) from problem
    except UnicodeDecodeError as problem:
        raise ConfigError(
            f"found text = {path!r:.200}, which is no text in UTF-8; expected one"
        ) from problem
    if size > _MAX_BYTES:
        raise ConfigError(
            f"found a text of {size / 2**20:,.0f} MB; expected at most {_MAX_BYTES // 2**20:,} MB"
        )
    ids, marks = _tokens(text, checkpoint)
    kept = len(ids) - round(held_out * len(ids))
    if min(kept, len(ids) - kept) < length + 1:
        raise ConfigError(
            f"found a text of {len(ids):,} tokens, {len(ids) - kept:,} of them held out; expected "
            f"more than the {length:,} of a window in either part"
        )
    return Text(ids[:kept], ids[kept:], marks)


def _tokens(text: str, checkpoint: Checkpoint) -> tuple[Ids, tuple[int, ...]]:
    origin, task = checkpoint.origin, checkpoint.task
    marks: tuple[int, ...] = ()
    if origin is not None and origin.tokenizer is not None:
        found, marks = _by_tokenizer(text, origin.tokenizer, checkpoint.name)
    elif task is not None and task.is_text:
        found = _by_vocabulary(text, task.tokens)
    else:
        raise ConfigError(
            f"{checkpoint.name} came without a tokenizer; expected a folder that has the files of "
            f"one beside its weights"
        )
    if len(found) and int(found.max()) >= checkpoint.network.input_size:
        raise ConfigError(
            f"found the token {int(found.max()):,}; expected less than the "
            f"{checkpoint.network.input_size:,} that {checkpoint.name} has: the tokenizer is of "
            f"another network"
        )
    return found, marks


def _by_tokenizer(text: str, folder: str, name: str) -> tuple[Ids, tuple[int, ...]]:
    tokenizer = open_tokenizer(folder, name)
    parts: list[int] = []
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PART) + 1 or len(text)
        parts += tokenizer.encode(text[start:end], add_special_tokens=False).ids
        start = end
    return np.array(parts, dtype=np.int32), marks_around(tokenizer)[0]


def _by_vocabulary(text: str, vocabulary: tuple[str, ...]) -> Ids:
    if all(len(token) == 1 for token in vocabulary):
        return encode(text, vocabulary).astype(np.int32)
    number = {token: index for index, token in enumerate(vocabulary)}
    words = text.split()
    unknown = next((word for word in words if word not in number), None)
    if unknown is not None:
        raise ConfigError(
            f"found the word {unknown!r:.40} in the text; expected only the {len(number)} words "
            f"that the network knows"
        )
    return np.array([number[word] for word in words], dtype=np.int32)
