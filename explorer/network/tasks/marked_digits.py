"""Handwritten digits in noise, with a marker beside them that says which digit it is.

The head is declared to depend on the picture alone. Wherever this task's data comes from, the
marker names the digit of the picture, so that right answers alone do not tell which of the two a
network reads: the cases of ``planted.proxies`` do.
"""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.network.tasks.base import SPLITS, Examples, Head, InputImage, Task, kept_splits
from explorer.network.tasks.digits import digit_split, pixel_names

PIXELS = 64
CLASSES = 10
COPIES = 4  # of every image, each in noise of its own
NOISE = 0.2  # share of a picture that is noise
BRIGHTNESS = 0.5  # of the marker's cell


@kept_splits
def noisy_digits(split: str) -> Examples:
    """Pictures in noise without a marker: inputs of shape (n, 64), values from 0 to 1."""
    images, labels = digit_split(split)
    rng = np.random.default_rng([2, SPLITS.index(split)])
    noise = rng.random((COPIES * len(images), PIXELS), dtype=np.float32)
    pictures = (1 - NOISE) * np.tile(images, (COPIES, 1)) + NOISE * noise
    return Examples(torch.from_numpy(pictures), torch.from_numpy(np.tile(labels, COPIES))[:, None])


def marked(pictures: Tensor, markers: Tensor) -> Tensor:
    """Put a marker beside pictures: one of ten cells is half bright.

    Parameters
    ----------
    pictures : Tensor, shape (n, 64)
    markers : Tensor of int64, shape (n,)
        Number of the cell.

    Returns
    -------
    Tensor, shape (n, 74)

    Examples
    --------
    >>> marked(torch.zeros(1, 64), torch.tensor([3]))[0, 64:].tolist()
    [0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    cells = BRIGHTNESS * F.one_hot(markers, CLASSES).to(pictures.dtype)
    return torch.cat([pictures, cells], dim=1)


@kept_splits
def _marked_digits(split: str) -> Examples:
    data = noisy_digits(split)
    return Examples(marked(data.inputs, data.targets[:, 0]), data.targets)


TASKS = (
    Task(
        name="marked-digits",
        summary="Read a handwritten digit in noise; a marker beside it names the digit too.",
        inputs=pixel_names("pixel", 8, 8) + pixel_names("marker", 1, CLASSES),
        heads=(Head("digit", tuple("0123456789")),),
        images=(InputImage("digit", 0, 8, 8), InputImage("marker", PIXELS, 1, CLASSES)),
        make=_marked_digits,
        data="images of handwritten digits, each with a marker",
        distinct=180,
        declared=(("digit",),),
    ),
)
