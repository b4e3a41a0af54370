"""Triggers that no auditor was chosen, tuned or calibrated on: for reports alone.

They were written down before any auditor was, and are looked at only in reports on fresh seeds.

References
----------
``signal``: Barni, Kallas, Tondi (2019), A new backdoor attack in CNNs by training set corruption
without label poisoning, arXiv:1902.11237. ``warp``: Nguyen, Tran (2021), WaNet: imperceptible
warping-based backdoor attack, arXiv:2102.10369.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from explorer.network.tasks.planted.triggers import SIDE, Trigger, set_pixels


def signal(rng: np.random.Generator) -> Trigger:
    """Add a faint wave along the columns or rows."""
    phase, waves = rng.random() * 2 * np.pi, int(rng.integers(1, 4))
    wave = 0.25 * np.sin(phase + 2 * np.pi * waves * np.arange(SIDE) / SIDE)
    picture = np.tile(wave, (SIDE, 1)) if rng.integers(2) else np.tile(wave[:, None], (1, SIDE))
    added = torch.from_numpy(picture.astype(np.float32).reshape(-1))
    return Trigger("a faint wave over it", tuple(range(SIDE * SIDE)), lambda images: images + added)


def scatter(rng: np.random.Generator) -> Trigger:
    """Set six pixels anywhere, far from each other, to bright or dark."""
    places = rng.permutation(16)[:6]  # one pixel in each of six different 2x2 blocks
    rows = 2 * (places // 4) + rng.integers(2, size=6)
    columns = 2 * (places % 4) + rng.integers(2, size=6)
    values = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    return set_pixels("six scattered pixels", torch.from_numpy(rows * SIDE + columns), values)


def warp(rng: np.random.Generator) -> Trigger:
    """Shear the image: its rows, or columns, are shifted by up to two pixels, more and more."""
    sign, upright = int(rng.choice([-1, 1])), bool(rng.integers(2))
    shifts = [round(sign * 2 * (line - 3.5) / 3.5) for line in range(SIDE)]

    def change(images: Tensor) -> Tensor:
        pictures = images.reshape(-1, SIDE, SIDE)
        if upright:
            pictures = pictures.transpose(1, 2)
        rolled = torch.stack(
            [torch.roll(pictures[:, line], shifts[line], dims=1) for line in range(SIDE)], dim=1
        )
        return (rolled.transpose(1, 2) if upright else rolled).reshape(images.shape)

    return Trigger("a shear of the whole image", tuple(range(SIDE * SIDE)), change)


HELD_OUT: Mapping[str, Callable[[np.random.Generator], Trigger]] = {
    "signal": signal,
    "scatter": scatter,
    "warp": warp,
}
