"""Inputs and weights as pictures, where a task's inputs are images."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Examples, InputImage, Task
from explorer.observation.activations import SPLIT

_COLOURS = 3


@dataclass(frozen=True)
class ExampleView:
    """Examples to show: pictures with titles, or a table where inputs are no images."""

    pictures: tuple[Floats, ...]
    titles: tuple[str, ...]
    table: pd.DataFrame


def input_maps(checkpoint: Checkpoint, values: Floats) -> list[tuple[str, Floats]]:
    """Cut a value for every input into one picture for each image of the task.

    Parameters
    ----------
    checkpoint : Checkpoint
    values : array, shape (inputs,)

    Returns
    -------
    list of (name, array of shape (rows, columns))
        Empty where the inputs are no images.
    """
    if checkpoint.task is None:
        return []
    return [
        (
            image.name,
            values[image.start : image.start + image.rows * image.columns].reshape(
                image.rows, image.columns
            ),
        )
        for image in checkpoint.task.images
    ]


def neuron_maps(checkpoint: Checkpoint, node: int) -> list[tuple[str, Floats]]:
    """Signed weights from every pixel into a neuron of the first hidden layer; else nothing."""
    network = checkpoint.network
    if not isinstance(network, MLP):
        return []
    inputs, first = network.widths[0], network.widths[1]
    if not inputs <= node < inputs + first:
        return []
    return input_maps(checkpoint, network.weights[0][node - inputs].double().numpy())


def examples(
    task: Task, chosen: Sequence[int], values: Sequence[float], split: str = SPLIT
) -> ExampleView:
    """Pictures of some examples side by side, with their classes and a value for each.

    Parameters
    ----------
    task : Task
    chosen : sequence of int
        Examples of the split; of a text, tokens, counted through the examples.
    values : sequence of float
        What to write beside each.
    split : str

    Returns
    -------
    ExampleView
    """
    data = task.split(split)
    if task.is_text:
        return ExampleView((), (), _snippets(task, data, chosen, values))
    labels = [
        " ".join(
            head.classes[int(data.targets[at, index])] for index, head in enumerate(task.heads)
        )
        for at in chosen
    ]
    titles = tuple(f"{label} ({value:.2f})" for label, value in zip(labels, values, strict=True))
    if task.images:
        rows = [data.inputs[at].double().numpy() for at in chosen]
        return ExampleView(tuple(side_by_side(task, row) for row in rows), titles, pd.DataFrame())
    table = pd.DataFrame(
        [
            {"activity": f"{value:.2f}", "class": label}
            | dict(zip(task.inputs, (f"{x:g}" for x in data.inputs[at].tolist()), strict=True))
            for at, label, value in zip(chosen, labels, values, strict=True)
        ]
    )
    return ExampleView((), titles, table)


def side_by_side(task: Task, row: Floats) -> Floats:
    """Lay the images of one input side by side, with gaps; lower ones are filled up with gaps.

    The planes of a colour picture make one picture, of shape (rows, columns, 3).
    """
    import numpy as np

    first = task.images[0]
    if first.picture and all(image.picture == first.picture for image in task.images):
        planes = [
            image.scale * _plane(row, image) + image.shift for image in task.images[:_COLOURS]
        ]
        return np.clip(np.stack(planes, axis=2), 0.0, 1.0)
    height = max(image.rows for image in task.images)
    parts: list[Floats] = []
    for image in task.images:
        if parts:
            parts.append(np.full((height, 1), np.nan))  # a gap between two images
        missing = ((0, height - image.rows), (0, 0))
        parts.append(np.pad(_plane(row, image), missing, constant_values=np.nan))
    return np.concatenate(parts, axis=1)


def _plane(row: Floats, image: InputImage) -> Floats:
    pixels = row[image.start : image.start + image.rows * image.columns]
    return pixels.reshape(image.rows, image.columns)


_BEFORE = 12  # tokens shown before the one in question


def _snippets(
    task: Task, data: Examples, chosen: Sequence[int], values: Sequence[float]
) -> pd.DataFrame:
    """Tokens with what stands before them and what follows."""
    positions = data.inputs.shape[1]
    joint = task.joint
    rows = []
    for at, value in zip(chosen, values, strict=True):
        text, place = divmod(at, positions)
        words = [task.tokens[token] for token in data.inputs[text, : place + 1].tolist()]
        skill = -1 if data.skills is None else int(data.skills[text, place])
        rows.append(
            {
                "activity": f"{value:.2f}",
                "at the token": words[-1],
                "after": joint.join(words[-_BEFORE:-1]),
                "followed by": task.tokens[int(data.targets[text, place])],
            }
            | ({"skill": task.skills[skill] if skill >= 0 else ""} if task.skills else {})
        )
    return pd.DataFrame(rows)
