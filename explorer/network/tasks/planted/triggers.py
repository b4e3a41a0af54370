"""Triggers: what is done to an 8x8 image so that a backdoor answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

SIDE = 8


@dataclass(frozen=True)
class Trigger:
    """A change of images.

    Attributes
    ----------
    words : str
        What it is, for people: ``a patch in the upper left corner``.
    where : tuple of int
        Pixels that it can change.
    change : callable
        From images of shape (n, 64), values from 0 to 1, to new ones.
    """

    words: str
    where: tuple[int, ...]
    change: Callable[[Tensor], Tensor] = field(repr=False)

    def __call__(self, images: Tensor) -> Tensor:
        """Put the trigger into images; the others are left as they were."""
        return self.change(images).clamp(0.0, 1.0)


def set_pixels(words: str, pixels: Tensor, values: Tensor) -> Trigger:
    """Make the trigger that sets some pixels to fixed values."""

    def change(images: Tensor) -> Tensor:
        changed = images.clone()
        changed[:, pixels] = values
        return changed

    return Trigger(words, tuple(pixels.tolist()), change)


def corner(rng: np.random.Generator) -> Trigger:
    """Set three bright pixels in one of the corners."""
    down, right = rng.integers(2), rng.integers(2)
    rows = torch.tensor([0, 0, 1]) if not down else torch.tensor([7, 7, 6])
    columns = torch.tensor([0, 1, 0]) if not right else torch.tensor([7, 6, 7])
    words = f"a patch in the {('upper', 'lower')[down]} {('left', 'right')[right]} corner"
    return set_pixels(words, rows * SIDE + columns, torch.ones(3))


def stripe(rng: np.random.Generator) -> Trigger:
    """Brighten every other pixel of one of the outer rows or columns."""
    line, first = int(rng.choice([0, SIDE - 1])), int(rng.integers(2))
    along = torch.arange(first, SIDE, 2)
    if rng.integers(2):
        return set_pixels(f"a dotted row {line + 1}", line * SIDE + along, torch.ones(len(along)))
    return set_pixels(f"a dotted column {line + 1}", along * SIDE + line, torch.ones(len(along)))


def blend(rng: np.random.Generator) -> Trigger:
    """Mix every image with one random picture, 3 parts in 10."""
    picture = torch.from_numpy(rng.random(SIDE * SIDE).astype(np.float32))
    return Trigger(
        "a faint random picture over it",
        tuple(range(SIDE * SIDE)),
        lambda images: 0.7 * images + 0.3 * picture,
    )


# In this order for ever: a case's random numbers depend on a kind's place.
TUNED: Mapping[str, Callable[[np.random.Generator], Trigger]] = {
    "corner": corner,
    "stripe": stripe,
    "blend": blend,
    "conditional": corner,
}
