"""Probes: what is put on clean images to see whether one answer takes over.

Patches and lines replace pixels, random pictures are mixed in. Nothing is known of a trigger; a
probe has to be so near to it only that the network takes one for the other.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from explorer.auditing.auditors.images import images_by_answer
from explorer.auditing.view import AuditView
from explorer.network.tasks import Task

FAMILIES = ("patch", "line", "random picture")
_IMAGES = 6  # of every answer
_PATCHES = ((2, 1.0), (3, 1.0), (3, 0.0))  # side in pixels, brightness
_LINES = ((1, 1.0), (1, 0.5), (2, 1.0))  # every pixel or every other, brightness
_PICTURES, _MIXED = 60, 0.3
_SEED = 0  # of the random pictures


@dataclass(frozen=True, eq=False)
class Probes:
    """Probes of the images of a task.

    Attributes
    ----------
    share : Tensor, shape (probes, inputs)
        How much of a pixel is replaced.
    picture : Tensor, shape (probes, inputs)
        What by.
    family : Tensor of int64, shape (probes,)
        Index into ``FAMILIES``.
    """

    share: Tensor
    picture: Tensor
    family: Tensor


@dataclass(frozen=True, eq=False)
class Probed:
    """What a network answers to clean images with probes on them.

    Attributes
    ----------
    before : Tensor, shape (sources, images, outputs)
        Logits of the clean images.
    after : Tensor, shape (probes, sources, images, outputs)
    family : Tensor of int64, shape (probes,)
    queries : int
    """

    before: Tensor
    after: Tensor
    family: Tensor
    queries: int


def make_probes(task: Task) -> Probes:
    """Make the probes of a task's images: patches anywhere, lines, random pictures.

    They are the same for all networks of a task, so that what these do can be compared.

    Examples
    --------
    >>> from explorer.network.tasks import task
    >>> torch.bincount(make_probes(task("digits")).family).tolist()
    [121, 64, 60]
    """
    generator = torch.Generator().manual_seed(_SEED)
    inputs = len(task.inputs)
    shares: list[Tensor] = []
    pictures: list[Tensor] = []
    families: list[int] = []

    def replaced(pixels: Tensor, brightness: float, family: int) -> None:
        shares.append(torch.zeros(inputs).index_fill(0, pixels.flatten(), 1.0))
        pictures.append(torch.full((inputs,), brightness))
        families.append(family)

    for image in task.images:
        count = image.rows * image.columns
        at = (image.start + torch.arange(count)).view(image.rows, image.columns)
        for side, brightness in _PATCHES:
            for row in range(image.rows - side + 1):
                for column in range(image.columns - side + 1):
                    replaced(at[row : row + side, column : column + side], brightness, 0)
        for every, brightness in _LINES:
            for line in (*at, *at.T):
                for first in range(every):
                    replaced(line[first::every], brightness, 1)
        for _ in range(_PICTURES):
            own = torch.zeros(inputs)
            own[image.start : image.start + count] = _MIXED
            shares.append(own)
            pictures.append(torch.rand(inputs, generator=generator))
            families.append(2)
    return Probes(torch.stack(shares), torch.stack(pictures), torch.tensor(families))


@lru_cache(maxsize=2)
@torch.no_grad()
def probed(view: AuditView) -> Probed:
    """Put all probes on clean images of every answer, and run the network on them.

    Kept for the auditors that ask for it one after the other.
    """
    network, probes = view.checkpoint.network, make_probes(view.task)
    images = images_by_answer(view, _IMAGES)
    kept, put = 1 - probes.share, probes.share * probes.picture
    changed = kept[:, None, None] * images + put[:, None, None]
    shape = (*changed.shape[:3], network.output_size)
    return Probed(
        before=network(images.flatten(0, 1)).view(shape[1:]),
        after=network(changed.flatten(0, 2)).view(shape),
        family=probes.family,
        queries=changed.shape[:3].numel() + images.shape[:2].numel(),
    )
