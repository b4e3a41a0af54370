"""Tasks: the data that a network was trained on, what its inputs and outputs mean, its splits.

A task has one or more *heads*: groups of outputs that answer one question each (which digit is
on the left?). Data is cut into disjoint splits: ``train``, ``validation`` (to choose settings),
``explain`` (to write descriptions and draw evidence from), ``score`` (to judge them) and ``test``
(to report). All of it is computed from data that comes with scikit-learn, by fixed seeds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import torch
from torch import Tensor

from explorer.errors import TaskError

SPLITS = ("train", "validation", "explain", "score", "test")
_SHARES = (0.6, 0.1, 0.1, 0.1, 0.1)


@dataclass(frozen=True)
class Head:
    """A group of outputs that answers one question, one output a class."""

    name: str
    classes: tuple[str, ...]


@dataclass(frozen=True)
class InputImage:
    """Inputs ``start`` to ``start + rows * columns`` are the pixels of an image, row by row."""

    name: str
    start: int
    rows: int
    columns: int


@dataclass(frozen=True)
class Examples:
    """Labelled examples: ``inputs`` (n, inputs) and ``targets`` (n, heads) of class indices."""

    inputs: Tensor
    targets: Tensor

    def __len__(self) -> int:
        """Count the examples."""
        return len(self.inputs)


@dataclass(frozen=True)
class Task:
    """What a network is trained to do.

    Attributes
    ----------
    name : str
        Key in the registry.
    summary : str
        One sentence for people.
    inputs : tuple of str
        Name of every input.
    heads : tuple of Head
    images : tuple of InputImage
        Inputs that are pixels; empty where inputs are not images.
    distinct : int or None
        Number of independent items that the examples of the test split are made of, where there are
        fewer than examples.
    exhaustive : bool
        Whether every split holds all inputs there are, those of training included.

    Examples
    --------
    >>> digits = task("digits")
    >>> len(digits.split("train")), digits.heads[0].classes[:3]
    (1078, ('0', '1', '2'))
    """

    name: str
    summary: str
    inputs: tuple[str, ...]
    heads: tuple[Head, ...]
    images: tuple[InputImage, ...]
    _make: Callable[[str], Examples]
    distinct: int | None = None
    exhaustive: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """Name of every output: its head and class."""
        return tuple(f"{head.name} {label}" for head in self.heads for label in head.classes)

    @property
    def head_slices(self) -> tuple[slice, ...]:
        """The outputs that belong to each head."""
        ends = np.cumsum([len(head.classes) for head in self.heads]).tolist()
        return tuple(slice(a, b) for a, b in zip([0, *ends[:-1]], ends, strict=True))

    def split(self, name: str) -> Examples:
        """Return the examples of one split."""
        if name not in SPLITS:
            raise TaskError(f"found split {name!r}; expected one of {', '.join(SPLITS)}")
        return self._make(name)

    def fits(self, widths: tuple[int, ...]) -> bool:
        """Tell whether a network with these layer widths has this task's inputs and outputs."""
        return widths[0] == len(self.inputs) and widths[-1] == len(self.outputs)


def accuracy(task: Task, logits: Tensor, targets: Tensor) -> tuple[float, ...]:
    """Share of examples whose largest logit in a head is the right class, head by head."""
    return tuple(
        float((logits[:, outputs].argmax(dim=1) == targets[:, index]).double().mean())
        for index, outputs in enumerate(task.head_slices)
    )


@lru_cache(maxsize=1)
def _digit_splits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    ends = (np.cumsum(_SHARES) * len(images)).astype(int)
    parts = np.split(order, ends[:-1])
    return {
        name: ((images[part] / 16.0).astype(np.float32), labels[part].astype(np.int64))
        for name, part in zip(SPLITS, parts, strict=True)
    }


@lru_cache(maxsize=len(SPLITS))
def _digits(split: str) -> Examples:
    images, labels = _digit_splits()[split]
    return Examples(torch.from_numpy(images), torch.from_numpy(labels)[:, None])


@lru_cache(maxsize=len(SPLITS))
def _pair(split: str) -> Examples:
    """Two digits drawn independently, each averaged from 8x8 down to 4x4 pixels."""
    images, labels = _digit_splits()[split]
    small = images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    count = 30_000 if split == "train" else 1_000
    rng = np.random.default_rng([1, SPLITS.index(split)])
    left, right = rng.integers(len(small), size=(2, count))
    return Examples(
        torch.from_numpy(np.concatenate([small[left], small[right]], axis=1)),
        torch.from_numpy(np.stack([labels[left], labels[right]], axis=1)),
    )


@lru_cache(maxsize=1)
def _xor4(_: str) -> Examples:
    """All 256 inputs; there are no others, so every split is the whole set."""
    bits = torch.tensor(list(product([0.0, 1.0], repeat=8)))
    return Examples(bits, (bits[:, 0::2] != bits[:, 1::2]).long())


def _pixels(name: str, rows: int, columns: int) -> tuple[str, ...]:
    return tuple(f"{name} row {r + 1} column {c + 1}" for r in range(rows) for c in range(columns))


_DIGITS = tuple("0123456789")

_TASKS = {
    made.name: made
    for made in (
        Task(
            name="digits",
            summary="Read a handwritten digit from an 8x8 picture.",
            inputs=_pixels("pixel", 8, 8),
            heads=(Head("digit", _DIGITS),),
            images=(InputImage("digit", 0, 8, 8),),
            _make=_digits,
        ),
        Task(
            name="pair",
            summary="Read two independent handwritten digits, side by side, 4x4 pixels each.",
            inputs=_pixels("left pixel", 4, 4) + _pixels("right pixel", 4, 4),
            heads=(Head("left", _DIGITS), Head("right", _DIGITS)),
            images=(InputImage("left", 0, 4, 4), InputImage("right", 16, 4, 4)),
            _make=_pair,
            distinct=180,
        ),
        Task(
            name="xor4",
            summary="For each of four pairs of bits, tell whether the two bits differ.",
            inputs=tuple(f"bit {pair}{side}" for pair in "1234" for side in "ab"),
            heads=tuple(Head(f"pair {pair}", ("same", "differ")) for pair in "1234"),
            images=(),
            _make=_xor4,
            exhaustive=True,
        ),
    )
}


def tasks() -> tuple[str, ...]:
    """Names of all tasks."""
    return tuple(_TASKS)


def task(name: str) -> Task:
    """Look a task up by its name.

    Raises
    ------
    TaskError
        If there is none.
    """
    if name not in _TASKS:
        raise TaskError(f"found task {name!r:.80}; expected one of {', '.join(_TASKS)}")
    return _TASKS[name]


def tasks_that_fit(widths: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the tasks whose inputs and outputs match a network's layer widths."""
    return tuple(name for name, made in _TASKS.items() if made.fits(widths))
