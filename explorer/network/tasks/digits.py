"""Handwritten digits from scikit-learn: one to read, or two side by side."""

import gzip
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from explorer.network.tasks.base import (
    SHARES,
    SPLITS,
    Examples,
    Head,
    InputImage,
    Task,
    kept_splits,
)

_DIGITS = tuple("0123456789")


def _read_digits() -> tuple[np.ndarray, np.ndarray]:
    """Read what ``sklearn.datasets.load_digits`` reads, without its two seconds of imports."""
    package = find_spec("sklearn")
    for folder in (package and package.submodule_search_locations) or ():
        path = Path(folder) / "datasets" / "data" / "digits.csv.gz"
        if path.is_file():
            with gzip.open(path, "rt", encoding="ascii") as lines:
                table = np.loadtxt(lines, delimiter=",")
            return table[:, :-1], table[:, -1].astype(int)
    from sklearn.datasets import load_digits  # where a later version keeps them elsewhere

    images, labels = load_digits(return_X_y=True)
    return images, labels


@lru_cache(maxsize=1)
def _digit_splits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    images, labels = _read_digits()
    order = np.random.default_rng(0).permutation(len(images))
    ends = (np.cumsum(SHARES) * len(images)).astype(int)
    parts = np.split(order, ends[:-1])
    return {
        name: ((images[part] / 16.0).astype(np.float32), labels[part].astype(np.int64))
        for name, part in zip(SPLITS, parts, strict=True)
    }


def digit_split(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images of one split, shape (n, 64), values from 0 to 1, and their digits."""
    return _digit_splits()[split]


def small_digit_split(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images of one split averaged down to 4x4 pixels, shape (n, 16), and their digits."""
    images, labels = _digit_splits()[split]
    return images.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16), labels


@kept_splits
def _digits(split: str) -> Examples:
    images, labels = _digit_splits()[split]
    return Examples(torch.from_numpy(images), torch.from_numpy(labels)[:, None])


@kept_splits
def _pair(split: str) -> Examples:
    """Two digits drawn independently, each averaged from 8x8 down to 4x4 pixels."""
    small, labels = small_digit_split(split)
    count = 30_000 if split == "train" else 1_000
    rng = np.random.default_rng([1, SPLITS.index(split)])
    left, right = rng.integers(len(small), size=(2, count))
    return Examples(
        torch.from_numpy(np.concatenate([small[left], small[right]], axis=1)),
        torch.from_numpy(np.stack([labels[left], labels[right]], axis=1)),
    )


def pixel_names(name: str, rows: int, columns: int) -> tuple[str, ...]:
    """Name the pixels of an image, row by row."""
    return tuple(f"{name} row {r + 1} column {c + 1}" for r in range(rows) for c in range(columns))


TASKS = (
    Task(
        name="digits",
        summary="Read a handwritten digit from an 8x8 picture.",
        inputs=pixel_names("pixel", 8, 8),
        heads=(Head("digit", _DIGITS),),
        images=(InputImage("digit", 0, 8, 8),),
        make=_digits,
        data="images of handwritten digits",
        networks=("mlp", "cnn"),
    ),
    Task(
        name="pair",
        summary="Read two independent handwritten digits, side by side, 4x4 pixels each.",
        inputs=pixel_names("left pixel", 4, 4) + pixel_names("right pixel", 4, 4),
        heads=(Head("left", _DIGITS), Head("right", _DIGITS)),
        images=(InputImage("left", 0, 4, 4), InputImage("right", 16, 4, 4)),
        make=_pair,
        data="pairs of images of handwritten digits",
        distinct=180,
        networks=("mlp", "cnn"),
        hidden=(48, 48),
        declared=(("left",), ("right",)),
    ),
)
