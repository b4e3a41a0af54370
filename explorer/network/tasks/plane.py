"""Tasks of the plane: points of two coordinates, as in TensorFlow Playground, and more spirals.

Circle, exclusive-or, two clouds and the spiral of two arms follow ``dataset.ts`` of TensorFlow
Playground (D. Smilkov et al., "Direct-Manipulation Visualization of Deep Networks", 2017). There,
points lie within 5 of the middle; here all is divided by 6, the half width of the Playground's
picture, so that the picture shows coordinates from -1 to 1. One thing differs: noise moves a point
and never its class.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.network.tasks.base import SPLITS, Examples, Head, Task, kept_splits

Floats = NDArray[np.float64]
# Class of every point, generator -> coordinates of shape (points, 2), in units of the Playground.
Points = Callable[[NDArray[np.int64], np.random.Generator], Floats]

COUNTS = {"train": 3_000, "validation": 500, "explain": 500, "score": 500, "test": 500}
MAX_ARMS = 12
_RADIUS = 5.0
_HALF_WIDTH = 6.0
_NOISE = 0.1


def is_plane(task: Task) -> bool:
    """Tell whether a task's inputs are two numbers that are no picture.

    Examples
    --------
    >>> [is_plane(made) for made in TASKS[:2]]
    [True, True]
    """
    return len(task.inputs) == 2 and not task.images and not task.is_text


def plane_grid(resolution: int, reach: float = 1.0) -> Tensor:
    """Centres of the pixels of a square picture of the plane.

    Parameters
    ----------
    resolution : int
        Pixels a side.
    reach : float
        The picture shows both coordinates from ``-reach`` to ``reach``.

    Returns
    -------
    Tensor, shape (resolution * resolution, 2)
        Row by row from the top, so that y falls; within a row x rises.

    Examples
    --------
    >>> plane_grid(2).tolist()
    [[-0.5, 0.5], [0.5, 0.5], [-0.5, -0.5], [0.5, -0.5]]
    """
    places = (torch.arange(resolution, dtype=torch.float32) + 0.5) * (2 * reach / resolution)
    x, y = torch.meshgrid(places - reach, reach - places, indexing="xy")
    return torch.stack([x.flatten(), y.flatten()], dim=1)


def plane_reach(task: Task) -> float:
    """How far from the middle a picture of a task of the plane should go: 1, or all points.

    A table's columns are standardised and so reach further than 1.
    """
    return max(1.0, float(task.split("train").inputs.abs().max()) * 1.05)


def spiral(arms: int) -> Task:
    """Make the task to tell on which arm of a spiral a point lies.

    The arms turn by 3.5 / ``arms`` full turns: with two arms as often as in the Playground, and
    with more so that neighbouring arms stay as far from each other.

    Parameters
    ----------
    arms : int
        From 2 to 12.
    """
    return _plane_task(
        name="spiral" if arms == 2 else f"spiral-{arms}",
        summary=f"Tell on which of the {arms} arms of a spiral a point of the plane lies.",
        head=Head("arm", tuple(str(arm + 1) for arm in range(arms))),
        points=partial(_spiral_points, arms),
        hidden=(32, 32),
        seed=10 + arms,
    )


def _plane_task(
    name: str, summary: str, head: Head, points: Points, hidden: tuple[int, ...], seed: int
) -> Task:
    @kept_splits
    def make(split: str) -> Examples:
        rng = np.random.default_rng([seed, SPLITS.index(split)])
        labels = np.arange(COUNTS[split], dtype=np.int64) % len(head.classes)
        places = (points(labels, rng) / _HALF_WIDTH).astype(np.float32)
        return Examples(torch.from_numpy(places), torch.from_numpy(labels)[:, None])

    return Task(
        name=name,
        summary=summary,
        inputs=("x", "y"),
        heads=(head,),
        images=(),
        make=make,
        hidden=hidden,
        data="points of the plane",
    )


def _circle_points(labels: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    low, high = np.where(labels == 0, 0.0, 0.7), np.where(labels == 0, 0.5, 1.0)
    radius = rng.uniform(low, high) * _RADIUS
    angle = rng.uniform(0, 2 * np.pi, len(labels))
    moved = rng.uniform(-_RADIUS, _RADIUS, (len(labels), 2)) * _NOISE
    return _polar(radius, angle) + moved


def _xor_points(labels: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Keep a gap of .3 on either side of the axes; the signs of x and y decide the class."""
    size = rng.uniform(0, _RADIUS, (len(labels), 2)) + 0.3
    x_sign = rng.choice([-1.0, 1.0], len(labels))
    y_sign = np.where(labels == 0, x_sign, -x_sign)
    moved = rng.uniform(-_RADIUS, _RADIUS, (len(labels), 2)) * _NOISE
    # Never across an axis: there a point would be of the other class.
    far = np.maximum(size + moved, 0.05)
    signs: Floats = np.stack([x_sign, y_sign], axis=1)
    return far * signs


def _gauss_points(labels: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Two clouds around (-2, -2) and (2, 2), their variance .5 at no noise and 4 at half."""
    centre = np.where(labels == 0, -2.0, 2.0)[:, None]
    variance = 0.5 + 3.5 * _NOISE / 0.5
    return rng.normal(0, variance**0.5, (len(labels), 2)) + centre


def _spiral_points(arms: int, labels: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    along = rng.uniform(0, 1, len(labels))
    angle = 2 * np.pi * (3.5 / arms * along + labels / arms)
    moved = rng.uniform(-1, 1, (len(labels), 2)) * _NOISE
    return _polar(along * _RADIUS, angle) + moved


def _polar(radius: Floats, angle: Floats) -> Floats:
    """Points at a radius and an angle, which is counted from the y axis clockwise."""
    directions: Floats = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return radius[:, None] * directions


TASKS = (
    _plane_task(
        name="circle",
        summary="Tell whether a point of the plane lies in the middle or on the ring around it.",
        head=Head("place", ("middle", "ring")),
        points=_circle_points,
        hidden=(8, 8),
        seed=1,
    ),
    _plane_task(
        name="xor",
        summary="Tell whether the coordinates of a point of the plane have the same sign.",
        head=Head("signs", ("same", "differ")),
        points=_xor_points,
        hidden=(8, 8),
        seed=2,
    ),
    _plane_task(
        name="gauss",
        summary="Tell from which of two round clouds a point of the plane was drawn.",
        head=Head("cloud", ("lower left", "upper right")),
        points=_gauss_points,
        hidden=(8, 8),
        seed=3,
    ),
    spiral(2),
    spiral(3),
    spiral(5),
)
