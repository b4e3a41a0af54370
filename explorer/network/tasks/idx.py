"""MNIST and Fashion-MNIST, from the files that a computer has or can get.

The 10,000 pictures of the files named ``t10k`` are the test split, as everywhere; those named
``train`` are dealt to the other splits.
"""

import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.network.home import home
from explorer.network.tasks.base import Examples, Head, InputImage, Task, kept_splits
from explorer.network.tasks.digits import pixel_names
from explorer.network.tasks.idx_file import read_idx

SIDE = 28
_DEBIAN = Path("/usr/share/datasets")  # where the package dataset-fashion-mnist puts its files
_TORCHVISION = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
# Shares of the pictures of training; the rest is for the test split.
_SHARES = {"train": 0.8, "validation": 0.067, "explain": 0.067, "score": 0.066}


def folders(name: str) -> tuple[Path, ...]:
    """Folders in which the files of a task are looked for, in this order.

    The folder named by the environment variable ``EXPLORER_DATA`` comes first, then the one where
    things are kept, then Debian's. In each, the files may lie in a folder of the task's name or in
    one as torchvision makes it (``MNIST/raw``); in ``EXPLORER_DATA`` also without one: those of
    Fashion-MNIST only if the path has "fashion" in it, those of MNIST only if it has not, because
    the files of both have the same names.
    """
    found: list[Path] = []
    configured = os.environ.get("EXPLORER_DATA")
    if configured:
        root = Path(configured)
        found += [root / name, root / _TORCHVISION[name] / "raw"]
        if ("fashion" in str(root.resolve()).lower()) == (name == "fashion-mnist"):
            found.append(root)
    kept = home() / "data"
    return (*found, kept / name, kept / _TORCHVISION[name] / "raw", _DEBIAN / name)


def _find(folder: Path, stem: str) -> Path | None:
    """Find a file by its usual names, such as ``train-images-idx3-ubyte.gz``."""
    for made in (stem, stem.replace("-idx", ".idx")):
        for ending in ("", ".gz"):
            path = folder / f"{made}{ending}"
            if path.is_file():
                return path
    return None


def _files(name: str) -> dict[str, tuple[Path, Path]]:
    """Files of images and labels, for ``train`` and ``t10k``."""
    for folder in folders(name):
        parts = {
            part: (
                _find(folder, f"{part}-images-idx3-ubyte"),
                _find(folder, f"{part}-labels-idx1-ubyte"),
            )
            for part in ("train", "t10k")
        }
        whole = {part: (a, b) for part, (a, b) in parts.items() if a is not None and b is not None}
        if len(whole) == len(parts):
            return whole
    return {}


def _download(name: str) -> None:
    """Let torchvision fetch the files, where it is installed."""
    if find_spec("torchvision") is None:
        return
    try:
        made = getattr(import_module("torchvision.datasets"), _TORCHVISION[name])
        made(str(home() / "data"), train=True, download=True)
    except (OSError, RuntimeError, ValueError) as problem:  # no network, no room, a damaged file
        reason = " ".join(str(problem).split())
        raise TaskError(
            f"found no files of {name}, and torchvision cannot fetch them ({reason:.120}); "
            f"{_advice(name)}"
        ) from problem


def _advice(name: str) -> str:
    package = "apt-get install dataset-fashion-mnist, or " if name == "fashion-mnist" else ""
    return (
        f"expected them after {package}setting EXPLORER_DATA to a folder that holds "
        f"train-images-idx3-ubyte.gz and its three companions"
    )


def _load(name: str, part: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images of shape (n, 28, 28) and labels of one part."""
    files = _files(name)
    if not files:
        _download(name)
        files = _files(name)
    if not files:
        looked = ", ".join(map(str, folders(name)))
        raise TaskError(f"found no files of {name} in {looked}; {_advice(name)}")
    images, labels = read_idx(files[part][0], 3), read_idx(files[part][1], 1)
    if images.shape[1:] != (SIDE, SIDE):
        raise TaskError(
            f"found images of {images.shape[1]}x{images.shape[2]} pixels in {files[part][0]}; "
            f"expected {SIDE}x{SIDE}"
        )
    if len(images) != len(labels):
        raise TaskError(
            f"found {len(images):,} images and {len(labels):,} labels in {files[part][0].parent}; "
            f"expected as many of both"
        )
    counts = np.bincount(labels, minlength=10)
    if len(counts) > 10:
        raise TaskError(
            f"found the label {labels.max()} in {files[part][1]}; expected labels from 0 to 9"
        )
    if counts.min() < 10:
        raise TaskError(
            f"found {counts.min()} images of the label {counts.argmin()} in {files[part][0]}; "
            f"expected at least 10 of each"
        )
    return images, labels.astype(np.int64)


def _idx_task(name: str, summary: str, data: str, head: Head) -> Task:
    @kept_splits
    def make(split: str) -> Examples:
        images, labels = _load(name, "t10k" if split == "test" else "train")
        if split != "test":
            order = np.random.default_rng(0).permutation(len(images))
            at = list(_SHARES).index(split)
            ends = [0, *np.round(np.cumsum(list(_SHARES.values())) * len(images)).astype(int)]
            chosen = order[ends[at] : ends[at + 1]]
            images, labels = images[chosen], labels[chosen]
        pixels = images.reshape(len(images), SIDE * SIDE).astype(np.float32) / np.float32(255)
        return Examples(torch.from_numpy(pixels), torch.from_numpy(labels)[:, None])

    return Task(
        name=name,
        summary=summary,
        inputs=pixel_names("pixel", SIDE, SIDE),
        heads=(head,),
        images=(InputImage(head.name, 0, SIDE, SIDE),),
        make=make,
        networks=("mlp", "cnn"),
        data=data,
    )


TASKS = (
    _idx_task(
        "mnist",
        "Read a handwritten digit from a 28x28 picture.",
        "images of handwritten digits",
        Head("digit", tuple("0123456789")),
    ),
    _idx_task(
        "fashion-mnist",
        "Tell a piece of clothing from a 28x28 picture.",
        "images of clothes",
        Head(
            "clothing",
            (
                "T-shirt",
                "trousers",
                "pullover",
                "dress",
                "coat",
                "sandal",
                "shirt",
                "sneaker",
                "bag",
                "ankle boot",
            ),
        ),
    ),
)
