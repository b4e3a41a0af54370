"""The truth of a case: where a trigger sits, and examples with and without it."""

from dataclasses import dataclass

import numpy as np
import torch

from explorer.network.architectures import Network
from explorer.network.graph import Floats
from explorer.network.tasks import Examples, Task
from explorer.network.tasks.planted.base import Planted
from explorer.views.pictures import side_by_side

_FIRST, _LAST = 6, 16  # words that are shown of a long text


@dataclass(frozen=True)
class Pair:
    """An example without and with what was planted, and what the network answers.

    Attributes
    ----------
    pictures : tuple of array
        Without and with it; only with it, where nothing was added to the inputs.
    titles : tuple of str
        The answers, in words.
    """

    pictures: tuple[Floats, ...]
    titles: tuple[str, ...]


def where_maps(task: Task, planted: Planted) -> list[tuple[str, Floats]]:
    """Mark the inputs that a trigger or a proxy touches, as one picture an image.

    Parameters
    ----------
    task : Task
        The declared one.
    planted : Planted

    Returns
    -------
    list of (name, array of shape (rows, columns))
        1 where it is, else 0; empty where the inputs are no images or it has no place.
    """
    if not planted.where or not task.images:
        return []
    touched = np.zeros(len(task.inputs))
    touched[list(planted.where)] = 1.0
    maps = [
        (
            image.name,
            touched[image.start : image.start + image.rows * image.columns].reshape(
                image.rows, image.columns
            ),
        )
        for image in task.images
    ]
    return [(name, values) for name, values in maps if values.any()]


def trigger_pairs(
    task: Task, planted: Planted, network: Network, count: int = 2, split: str = "test"
) -> tuple[Pair, ...]:
    """Pair examples with their like in the probe.

    A probe holds changed copies of some examples of the split, in their order: of all that are not
    of the target class, or else of those whose untouched inputs agree.

    Parameters
    ----------
    task : Task
        The declared one, of images.
    planted : Planted
    network : Network
    count : int
    split : str
    """
    if not task.images or task.is_text:
        return ()
    probe, data = planted.probe(split), task.split(split)
    if probe.inputs.dim() != 2 or not len(probe):
        return ()
    found = []
    for at in range(min(count, len(probe))):
        shown = [probe.inputs[at]]
        if planted.where:
            shown.insert(0, data.inputs[_original(planted, data, probe, at)])
        with torch.no_grad():
            answers = _answers(task, planted, network(torch.stack(shown)))
        words = ("without: says", "with: says") if planted.where else ("says",)
        found.append(
            Pair(
                tuple(side_by_side(task, row.double().numpy()) for row in shown),
                tuple(f"{word} {answer}" for word, answer in zip(words, answers, strict=True)),
            )
        )
    return tuple(found)


def trigger_texts(
    task: Task, planted: Planted, network: Network, count: int = 3, split: str = "test"
) -> tuple[tuple[str, str, str], ...]:
    """Write the beginnings of probed texts, and what comes next.

    Parameters
    ----------
    task : Task
        The declared one, of text.
    planted : Planted
    network : Network
    count : int
    split : str

    Returns
    -------
    tuple of (beginning, what the network says next, what the planted behaviour says)
        Empty where inputs are no text.
    """
    if not task.is_text:
        return ()
    probe = planted.probe(split)[:count]
    weights = torch.ones_like(probe.targets) if probe.weights is None else probe.weights
    with torch.no_grad():
        answers = network(probe.inputs).argmax(dim=-1)
    found = []
    rows = (part.tolist() for part in (probe.inputs, probe.targets, weights, answers))
    for row, targets, weight, said in zip(*rows, strict=True):
        at = next((place for place, counts in enumerate(weight) if counts > 0), None)
        if at is not None:
            tokens = [task.tokens[token] for token in row[: at + 1]]
            if len(tokens) > _FIRST + _LAST:
                tokens[_FIRST:-_LAST] = ["…"]
            words = " ".join(tokens)
            found.append((words, task.tokens[said[at]], task.tokens[targets[at]]))
    return tuple(found)


def _original(planted: Planted, data: Examples, probe: Examples, at: int) -> int:
    if planted.target is not None:
        labels = data.targets[:, 0].tolist()
        others = [place for place, label in enumerate(labels) if label != planted.target]
        if len(others) == len(probe):
            return others[at]
    touched = set(planted.where)
    kept = [column for column in range(data.inputs.shape[1]) if column not in touched]
    columns = kept or list(range(data.inputs.shape[1]))
    gaps = (data.inputs[:, columns] - probe.inputs[at, columns]).abs().sum(dim=1)
    return int(gaps.argmin())


def _answers(task: Task, planted: Planted, logits: torch.Tensor) -> list[str]:
    outputs = planted.outputs or (0, len(task.heads[0].classes))
    names = task.outputs[outputs[0] : outputs[1]]
    chosen = logits[:, outputs[0] : outputs[1]].argmax(dim=1).tolist()
    return [names[at].rpartition(" ")[2] for at in chosen]
