"""Gradient ascent on inputs that are numbers, images first of all."""

from collections.abc import Sequence

import torch
from torch import Tensor

from explorer.network.adam import Adam
from explorer.network.tasks import InputImage
from explorer.observation.feature_visualization_objective import Objective

_STEPS = 150
_RATE = 0.05  # of the range of the inputs, a step
_DIVERSITY = 0.5
# Total variation is counted this much; of the runs, the smoothest that beats the data is taken.
_SMOOTHING = (1.0, 0.3, 0.1, 0.0)
_TINY = 1e-9
_EXAMPLES = 0.1  # share of the examples, the most active ones, that starts are taken from


def climb(
    objective: Objective,
    inputs: Tensor,
    activity: Tensor,
    images: Sequence[InputImage],
    count: int,
    seed: int,
    jitter: bool = False,
) -> list[tuple[Tensor, float]]:
    """Find different inputs on which an objective is as large as can be, within the data's range.

    Projected Adam from the most active examples, on

        a(x) / a_max - s TV(x) - d sum over earlier x' of max(0, cos(x - m, x' - m))

    with a_max the most that an example reaches, TV the mean total variation of the images and m the
    mean example. Every input is kept between the smallest and the largest value that it has in the
    data. The first input is free of the third term, so that it is the best that was found; the
    larger smoothing s is taken the first input of which is still above a_max, and every run keeps
    the best point on its way, its start included, so that s = 0 never falls below a_max.

    Parameters
    ----------
    objective : callable
    inputs : Tensor, shape (examples, inputs)
    activity : Tensor, shape (examples,)
        The objective on them; some above 0.
    images : sequence of InputImage
        Inputs that are pixels: total variation is of these.
    count, seed : int
    jitter : bool
        Whether to move images by a pixel at random at every step, as fits a network that treats all
        places of an image alike.

    Returns
    -------
    list of (Tensor of shape (inputs,), float)
        Inputs, and the objective on them.

    References
    ----------
    Mahendran and Vedaldi (2015), arXiv:1412.0035: total variation. Mordvintsev, Olah and Tyka
    (2015), Inceptionism: jitter. Olah et al. (2017), Distill: diversity.
    """
    generator = torch.Generator().manual_seed(seed)
    low, high = inputs.amin(dim=0), inputs.amax(dim=0)
    mean, most = inputs.mean(dim=0), float(activity.max())
    weights = torch.tensor(_SMOOTHING if images else (0.0,))
    # Climbed in shares of each input's range, so that a step means the same for all of them.
    span = (high - low).clamp(min=_TINY)
    starts = (inputs[_far_apart(inputs, activity, count)] - low) / span
    count, runs = len(starts), len(weights)
    shares = starts.repeat(runs, 1, 1).requires_grad_(True)  # (runs, count, inputs)
    earlier = torch.tril(torch.ones(count, count), diagonal=-1)
    best, best_value = shares.detach().clone(), torch.full((runs, count), -torch.inf)
    optimiser = Adam([shares], _RATE)

    def score(move: bool) -> Tensor:
        x = low + shares * span
        seen = _moved(x, images, generator) if move else x
        reached = objective(seen.reshape(-1, seen.shape[-1])).reshape(runs, count) / most
        unit = torch.nn.functional.normalize(x - mean, dim=-1)
        alike = (unit @ unit.detach().transpose(1, 2)).clamp(min=0.0) * earlier
        return reached - weights[:, None] * _variation(x, images) - _DIVERSITY * alike.sum(dim=-1)

    for _ in range(_STEPS + 1):
        with torch.no_grad():
            value = score(move=False)
            better = value > best_value
            best[better], best_value[better] = shares[better], value[better]
        optimiser.zero_grad()
        (slope,) = torch.autograd.grad(-score(move=jitter).sum(), shares)
        shares.grad = slope
        optimiser.step()
        with torch.no_grad():
            shares.clamp_(0.0, 1.0)
    with torch.no_grad():
        best = low + best * span
        reached = objective(best.reshape(-1, best.shape[-1])).reshape(runs, count)
    smoothest = next(run for run in range(runs) if run == runs - 1 or reached[run, 0] > most)
    return [(best[smoothest, at], float(reached[smoothest, at])) for at in range(count)]


def _far_apart(inputs: Tensor, activity: Tensor, count: int) -> list[int]:
    """The most active example, then among the most active ones always the farthest from those."""
    ranked = activity.argsort(descending=True, stable=True)
    pool = ranked[: max(count, int(_EXAMPLES * len(inputs)))]
    chosen = [int(pool[0])]
    while len(chosen) < min(count, len(inputs)):
        distance = torch.cdist(inputs[pool], inputs[chosen]).amin(dim=1)
        chosen.append(int(pool[int(distance.argmax())]))
    return chosen


def _variation(x: Tensor, images: Sequence[InputImage]) -> Tensor:
    """Mean absolute difference between neighbouring pixels; 0 where there are no images."""
    found = torch.zeros(x.shape[:-1])
    for image in images:
        pixels = _pixels(x, image)
        for axis in (-1, -2):
            if pixels.shape[axis] > 1:  # a single row has no neighbours above and below
                found = found + pixels.diff(dim=axis).abs().mean(dim=(-1, -2))
    return found / max(1, len(images))


def _moved(x: Tensor, images: Sequence[InputImage], generator: torch.Generator) -> Tensor:
    moved = x.clone()
    down, right = torch.randint(-1, 2, (2,), generator=generator).tolist()
    for image in images:
        pixels = _pixels(x, image).roll((down, right), dims=(-2, -1))
        moved[..., image.start : image.start + image.rows * image.columns] = pixels.flatten(-2)
    return moved


def _pixels(x: Tensor, image: InputImage) -> Tensor:
    part = x[..., image.start : image.start + image.rows * image.columns]
    return part.reshape(*x.shape[:-1], image.rows, image.columns)
