"""Data to look at an opened network with: texts, pictures or rows of a table.

Each becomes a task that is kept, so that ``checkpoint.with_task(task.name)`` can run the network on
it now and after a restart. Its name is a hash of what is kept.
"""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.network.tasks.base import Task
from explorer.network.tasks.kept import register
from explorer.network.tasks.samples_kept import (
    MAX_BYTES,
    PLANES,
    Samples,
    inputs_of_pictures,
    packed_vocabulary,
    task_of_samples,
)
from explorer.network.tasks.samples_pictures import read_pictures
from explorer.network.tasks.samples_rows import rows_of_table
from explorer.network.tasks.samples_text import LENGTH, snippets_of
from explorer.network.tasks.samples_vocabulary import open_tokenizer, shown_tokens
from explorer.network.tasks.sources import Source, decoded, read_source, shown_title
from explorer.network.tasks.text import MAX_BYTES as MAX_TEXT_BYTES
from explorer.network.tasks.text import docstrings

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

__all__ = ["BUILT_IN", "task_from_pictures", "task_from_rows", "task_from_texts"]

BUILT_IN = "documentation of networkx"  # the text to try a network with
_LONGEST_PATH = 1_000
_AXES = 3  # of a picture: planes, rows and columns
# Mean and deviation of the colours of ImageNet, as torchvision has them.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


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
        If the network reads no tokens, names none or has no tokenizer, or the text makes no such
        task.
    """
    network = checkpoint.network
    if network.reads != "tokens":
        raise TaskError(
            f"found a text for {checkpoint.name}, which reads numbers; expected pictures or rows "
            f"of a table"
        )
    if network.output_size != network.input_size:
        raise TaskError(
            f"found {checkpoint.name} without a head that names tokens ({network.output_size:,} "
            f"outputs for {network.input_size:,} tokens); expected weights with their head"
        )
    folder = None if checkpoint.origin is None else checkpoint.origin.tokenizer
    tokenizer = open_tokenizer(folder, checkpoint.name)
    text, named = _text_of(source)
    shown = shown_title(title or named)
    names_next = bool(getattr(network, "names_next", True))
    snippets, marks = snippets_of(
        text, tokenizer, network.input_size, names_next, network.most_positions
    )
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


def task_from_pictures(
    source: bytes | str | os.PathLike[str],
    checkpoint: "Checkpoint",
    title: str = "",
    normalise: bool = True,
) -> Task:
    """Make a task of the pictures in a folder or zip file.

    Every picture is brought to the size that the network reads. Where pictures lie in as many
    folders as the network has outputs, the folders (in the order of their names) are the right
    answers; otherwise the network's own answers are, so that what is lost without a part is the
    share of answers that change.

    Parameters
    ----------
    source : bytes or path
        A folder, or a zip file: of png, jpeg, webp, bmp or gif files. Of more than 500, some that
        lie evenly are taken. Damaged ones are left out, and told in the summary.
    checkpoint : Checkpoint
        Of a network that reads pictures.
    title : str
        Name for people, by default that of the folder or file.
    normalise : bool
        Whether colours are brought to mean 0 and deviation 1 over ImageNet, as most networks of
        colour pictures expect; else they go in as 0 to 1. Grey pictures go in as 0 to 1.

    Raises
    ------
    TaskError
        If the network reads no pictures, or the source makes no such task.
    """
    network = checkpoint.network
    planes, rows, columns = _picture_shape(checkpoint)
    found = read_pictures(source, planes, rows, columns)
    coloured = planes == len(PLANES) and normalise
    scale = list(_DEVIATION if coloured else (1.0,) * planes)
    shift = list(_MEAN if coloured else (0.0,) * planes)
    names = sorted(set(found.folders))
    labelled = len(names) == network.output_size and "" not in names and len(names) > 1
    shown = shown_title(title or ("pictures" if isinstance(source, bytes) else Path(source).name))
    of = f" of {found.found:,}" if found.found > len(found.pixels) + len(found.left_out) else ""
    told = f"; {found.told}" if found.told else ""
    arrays: dict[str, NDArray[Any]] = {
        "pixels": found.pixels,
        "targets": np.zeros(len(found.pixels), dtype=np.int64),
    }
    about: dict[str, object] = {
        "title": shown,
        "scale": scale,
        "shift": shift,
        "head": "answer",
        "classes": [str(at) for at in range(network.output_size)],
    }
    if labelled:
        arrays["targets"] = np.array([names.index(name) for name in found.folders])
        about |= {"head": "picture of", "classes": names}
        about["summary"] = f"Tell the folder of the pictures of {shown}"
    else:
        about["summary"] = f"Answer as the network does on the pictures of {shown}"
        arrays["targets"] = _own_answers(
            checkpoint,
            len(found.pixels),
            lambda part: inputs_of_pictures(found.pixels[part], scale, shift),
        )
    about["summary"] = f"{about['summary']} ({len(found.pixels):,}{of}{told})."
    return _kept(Samples("pictures", about, arrays))


def task_from_rows(
    source: Source, checkpoint: "Checkpoint", title: str = "", target: str | None = None
) -> Task:
    """Make a task of the rows of a CSV file.

    Columns are taken as the network's inputs, in their order and as they are: numbers that were
    standardised for training must come standardised. One column more than the network has inputs is
    taken as the right answer (the last, unless another is named): numbers from 0 or 1 on, or texts
    in the order of the alphabet. Without one the network's own answers are the right ones, so that
    what is lost without a part is the share of answers that change.

    Parameters
    ----------
    source : bytes or path
        See ``explorer.network.tasks.table_file``.
    checkpoint : Checkpoint
        Of a network that reads numbers.
    title : str
        Name for people, by default that of the file.
    target : str, optional
        The column of right answers.

    Raises
    ------
    TaskError
        If the network does not read so many numbers, or the file makes no such task.
    """
    network = checkpoint.network
    if network.reads != "numbers":
        raise TaskError(f"found a table for {checkpoint.name}, which reads tokens; expected a text")
    named = "table" if isinstance(source, bytes) else Path(source).name
    rows = rows_of_table(source, network.input_size, network.output_size, target)
    shown = shown_title(title or named)
    about: dict[str, object] = {
        "title": shown,
        "inputs": list(rows.names),
        "head": rows.target or "answer",
        "classes": list(rows.classes or map(str, range(network.output_size))),
        "summary": f"Tell {rows.target[:60]} from the other columns of {shown}"
        if rows.target
        else f"Answer as the network does on the rows of {shown}",
    }
    of = f" of {rows.found:,}" if rows.found > len(rows.inputs) else ""
    about["summary"] = f"{about['summary']} ({len(rows.inputs):,}{of})."
    targets = rows.labels
    if targets is None:
        targets = _own_answers(
            checkpoint, len(rows.inputs), lambda part: torch.from_numpy(rows.inputs[part])
        )
    return _kept(Samples("rows", about, {"inputs": rows.inputs, "targets": targets}))


def _own_answers(
    checkpoint: "Checkpoint", count: int, inputs: Callable[[slice], torch.Tensor]
) -> NDArray[np.int64]:
    """Class of the largest output of every example, a few examples at a time."""
    network = checkpoint.network
    size = network.examples_at_once()
    with torch.no_grad():
        answers = [
            network(inputs(slice(start, start + size))).flatten(1).argmax(dim=1)
            for start in range(0, count, size)
        ]
    return torch.cat(answers).numpy()


def _picture_shape(checkpoint: "Checkpoint") -> tuple[int, int, int]:
    """Planes, rows and columns of the pictures that a network reads."""
    network = checkpoint.network
    shape: tuple[int, ...] = getattr(network, "input_shape", ())
    if isinstance(network_image := getattr(network, "image", None), tuple):
        shape = (network.input_size // (network_image[0] * network_image[1]), *network_image)
    if len(shape) < _AXES and network.reads == "numbers":
        for planes in (1, len(PLANES)):
            side = math.isqrt(network.input_size // planes)
            if side > 1 and planes * side * side == network.input_size:
                shape = (planes, side, side)
                break
    if network.reads != "numbers" or len(shape) != _AXES or shape[0] not in (1, len(PLANES)):
        reads = "tokens" if network.reads != "numbers" else f"{network.input_size:,} numbers"
        raise TaskError(
            f"found pictures for {checkpoint.name}, which reads {reads}; expected a network of "
            f"pictures in grey or in red, green and blue"
        )
    return int(shape[0]), int(shape[1]), int(shape[2])


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
