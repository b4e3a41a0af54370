"""Data brought to look at an opened network with, in the form in which it is kept.

One safetensors file holds all: numbers as they go into the network, the vocabulary of a text, and a
few words about it. So a task is made again without its first file, its tokenizer or its network.
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.network.tasks.base import (
    SPLITS,
    Examples,
    Head,
    InputImage,
    Task,
    kept_splits,
)
from explorer.network.tasks.sources import content_name

KINDS = ("texts", "pictures", "rows")
MAX_BYTES = 150_000_000
_MAX_VOCABULARY = 100_000_000  # bytes of a vocabulary, unpacked
# Of ten examples in a row, those of every split.
DEALT = {
    "explain": (0, 2, 5, 7),
    "score": (3, 8),
    "train": (1, 6),
    "validation": (4,),
    "test": (9,),
}
PLANES = ("red", "green", "blue")


@dataclass(frozen=True, eq=False)
class Samples:
    """Examples and what is known of them.

    Attributes
    ----------
    kind : {"texts", "pictures", "rows"}
    about : mapping
        Plain data: ``title``, ``summary`` and what ``task_of_samples`` reads of each kind.
    arrays : mapping of str to array
    """

    kind: str
    about: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    def packed(self) -> bytes:
        """All of it as one safetensors file."""
        from safetensors.numpy import save

        about = json.dumps(dict(self.about), sort_keys=True)
        arrays = {name: np.ascontiguousarray(array) for name, array in self.arrays.items()}
        return bytes(save(arrays, metadata={"about": about}))


def packed_vocabulary(tokens: tuple[str, ...]) -> NDArray[np.uint8]:
    """Pack the tokens of a vocabulary, to be kept with a text."""
    return np.frombuffer(zlib.compress(json.dumps(tokens).encode(), 6), dtype=np.uint8)


def task_of_samples(kind: str, data: bytes) -> Task:
    """Make the task of a file that ``Samples.packed`` made.

    Raises
    ------
    TaskError
        If the file is none.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
        size = int.from_bytes(data[:8], "little")
        about = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["about"])
        make = {"texts": _texts, "pictures": _pictures, "rows": _rows}[kind]
        return make(content_name(kind, None, data), about, arrays)
    except (SafetensorError, ValueError, KeyError, TypeError, IndexError, zlib.error) as problem:
        raise TaskError(
            f"found kept {kind} damaged ({' '.join(str(problem).split())[:80]}); expected the file "
            f"as it was written"
        ) from problem


def _split_rows(count: int, split: str) -> NDArray[np.int64]:
    rows = np.arange(count)
    return rows[np.isin(rows % 10, DEALT[split])]


def _texts(name: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Task:
    snippets = arrays["snippets"]
    tokens = _vocabulary(arrays["vocabulary"].tobytes())

    @kept_splits
    def make(split: str) -> Examples:
        chosen = torch.from_numpy(snippets[_split_rows(len(snippets), split)].astype(np.int64))
        if about["names_next"]:
            return Examples(chosen[:, :-1].contiguous(), chosen[:, 1:].contiguous())
        return Examples(chosen, chosen)

    return Task(
        name=name,
        title=about["title"],
        summary=about["summary"],
        inputs=(),
        heads=(),
        images=(),
        make=make,
        networks=(),
        tokens=tokens,
        data="texts",
        opened=True,
        texts=len(snippets),
        marks=tuple(about["marks"]),
    )


def _pictures(name: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Task:
    pixels, targets = arrays["pixels"], arrays["targets"].astype(np.int64)  # pixels: planes first
    _, planes, rows, columns = pixels.shape
    scale, shift = about["scale"], about["shift"]  # of every plane, from input to brightness
    names = PLANES if planes == len(PLANES) else ("picture",)
    images = tuple(
        InputImage(
            plane,
            at * rows * columns,
            rows,
            columns,
            picture="picture" if planes > 1 else "",
            scale=scale[at],
            shift=shift[at],
        )
        for at, plane in enumerate(names)
    )

    return _numbers(
        name,
        about,
        targets,
        lambda chosen: inputs_of_pictures(pixels[chosen], scale, shift),
        tuple(
            f"{plane} row {row + 1} column {column + 1}"
            for plane in names
            for row in range(rows)
            for column in range(columns)
        ),
        images,
        "pictures",
    )


def inputs_of_pictures(
    pixels: NDArray[np.uint8], scale: Sequence[float], shift: Sequence[float]
) -> torch.Tensor:
    """Turn brightness from 0 to 255 into what a network reads, one row an example.

    Parameters
    ----------
    pixels : array of uint8, shape (pictures, planes, rows, columns)
    scale, shift : sequence of float
        Of every plane; see ``InputImage``.
    """
    bright = pixels.astype(np.float32) / np.float32(255)
    bright -= np.array(shift, dtype=np.float32)[:, None, None]
    bright /= np.array(scale, dtype=np.float32)[:, None, None]
    return torch.from_numpy(bright.reshape(len(pixels), -1))


def _rows(name: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Task:
    inputs, targets = arrays["inputs"], arrays["targets"].astype(np.int64)
    return _numbers(
        name,
        about,
        targets,
        lambda chosen: torch.from_numpy(inputs[chosen]),
        tuple(about["inputs"]),
        (),
        "rows of a table",
    )


def _numbers(
    name: str,
    about: Mapping[str, Any],
    targets: NDArray[np.int64],
    to_inputs: Callable[[NDArray[np.int64]], torch.Tensor],
    inputs: tuple[str, ...],
    images: tuple[InputImage, ...],
    data: str,
) -> Task:
    # Splits of pictures are large: each is made anew when it is asked for, but for the last.
    @lru_cache(maxsize=1 if images else len(SPLITS))
    def make(split: str) -> Examples:
        chosen = _split_rows(len(targets), split)
        return Examples(to_inputs(chosen), torch.from_numpy(targets[chosen])[:, None])

    return Task(
        name=name,
        title=about["title"],
        summary=about["summary"],
        inputs=inputs,
        heads=(Head(about["head"], tuple(about["classes"])),),
        images=images,
        make=make,
        networks=(),
        data=data,
        opened=True,
    )


@lru_cache(maxsize=4)
def _vocabulary(packed: bytes) -> tuple[str, ...]:
    """Unpack a vocabulary; texts of one tokenizer share it."""
    text = zlib.decompressobj().decompress(packed, _MAX_VOCABULARY)
    found = json.loads(text)
    if not isinstance(found, list) or not all(isinstance(token, str) for token in found):
        raise ValueError("no vocabulary")
    return tuple(found)
