"""Declared and undeclared features of a task's heads, and inputs in which one of them is another's.

A *feature* is one of a task's images. Which of them a head's answer may depend on is declared with
the task. Auditors put an undeclared feature of one clean example into another, and look whether the
answer heeds it: inputs of this kind are made of clean examples alone, and nobody labels them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.auditing.view import AuditView
from explorer.modularity.partition import Partition
from explorer.network.architectures import MLP
from explorer.network.graph import Floats, Ints
from explorer.network.tasks import InputImage, Task

EACH = 16  # examples, and donors, of every class


@dataclass(frozen=True)
class Question:
    """A head, and a feature that its answer may not depend on.

    Attributes
    ----------
    head : int
    feature : InputImage
    donor_head : int
        The head whose class says what the feature shows: one that is declared to read it, or else
        the same.
    """

    head: int
    feature: InputImage
    donor_head: int


@dataclass(frozen=True, eq=False)
class Grid:
    """Every one of some examples with the feature of every one of some donors.

    Attributes
    ----------
    inputs : Tensor, shape (classes * each * donor classes * each, inputs)
        The donor counts fastest. Examples and donors are sorted by class.
    classes, donor_classes : tuple of int
    each : int
        Examples, and donors, of a class.
    """

    inputs: Tensor
    classes: tuple[int, ...]
    donor_classes: tuple[int, ...]
    each: int

    def by_class(self, values: Tensor) -> Tensor:
        """Put values of every input, shape (inputs, ...), into the form of the grid.

        Returns
        -------
        Tensor, shape (classes, each, donor classes, each, ...)
        """
        sides = (len(self.classes), self.each, len(self.donor_classes), self.each)
        return values.reshape(*sides, *values.shape[1:])


def slice_of(feature: InputImage) -> slice:
    """Inputs of a feature."""
    return slice(feature.start, feature.start + feature.rows * feature.columns)


def features_of(task: Task, names: Sequence[str]) -> tuple[InputImage, ...]:
    """Features of these names."""
    return tuple(image for image in task.images if image.name in names)


def questions(task: Task) -> tuple[Question, ...]:
    """Every head with every feature that it is not declared to depend on.

    Examples
    --------
    >>> from explorer.network.tasks import task
    >>> [(q.head, q.feature.name, q.donor_head) for q in questions(task("pair"))]
    [(0, 'right', 1), (1, 'left', 0)]
    >>> questions(task("gridworld"))
    ()
    """
    found = []
    for head, names in enumerate(task.declared):
        for image in task.images:
            if image.name not in names:
                readers = [at for at, own in enumerate(task.declared) if image.name in own]
                found.append(Question(head, image, readers[0] if readers else head))
    return tuple(found)


def lone(task: Task) -> tuple[int, ...]:
    """Heads that are declared to depend on several features: one of them may be left unread."""
    return tuple(head for head, names in enumerate(task.declared) if len(names) > 1)


def why_no_features(view: AuditView) -> str:
    """Say why there is nothing declared to hold a network to; empty if there is."""
    if not isinstance(view.checkpoint.network, MLP):
        return "it looks at multilayer perceptrons only"
    if not questions(view.task) and not lone(view.task):
        return f"of the task {view.task.name} it is not declared which inputs an answer depends on"
    return ""


def grid(view: AuditView, question: Question, each: int = EACH) -> Grid:
    """Combine clean examples of every class with donors of every class, drawn by the view's seed.

    Only classes that occur in the clean data are taken.
    """
    rng = np.random.default_rng([view.seed, question.head, question.feature.start])
    own, classes = _of_every_class(view.clean.targets[:, question.head].numpy(), each, rng)
    donors, shown = _of_every_class(view.clean.targets[:, question.donor_head].numpy(), each, rng)
    inputs = view.clean.inputs[own].repeat_interleave(len(donors), dim=0)
    feature = slice_of(question.feature)
    inputs[:, feature] = view.clean.inputs[donors][:, feature].repeat(len(own), 1)
    return Grid(inputs, classes, shown, each)


def is_constant(values: Tensor) -> bool:
    """Tell whether all examples have the same values."""
    return bool((values == values[:1]).all())


def changed(view: AuditView, feature: InputImage, rng: np.random.Generator) -> Tensor:
    """Return the clean inputs with a feature of other examples in the place of their own.

    A feature that is the same in all clean examples, so that no other has anything else to give,
    has its cells shuffled, in every example in another way.
    """
    inputs, place = view.clean.inputs.clone(), slice_of(feature)
    values = inputs[:, place]
    if is_constant(values):
        orders = torch.from_numpy(rng.random(tuple(values.shape)).argsort(axis=1))
        inputs[:, place] = values.gather(1, orders)
    else:
        inputs[:, place] = values[torch.from_numpy(rng.permutation(len(inputs)))]
    return inputs


def shuffled_labels(partition: Partition, seed: int) -> Ints:
    """Deal a partition's labels out anew among the neurons of every layer."""
    rng = np.random.default_rng([17, seed])
    labels = partition.labels.copy()
    layers = partition.graph.layer_of
    for layer in range(len(partition.graph.layers)):
        labels[layers == layer] = rng.permutation(labels[layers == layer])
    return labels


def summed(values: Tensor, labels: Ints, count: int) -> Tensor:
    """Sum values of a layer's neurons, shape (..., neurons), over the neurons of every module.

    Returns
    -------
    Tensor, shape (..., count)
    """
    member = torch.from_numpy((labels[:, None] == np.arange(count)).astype(np.float32))
    return values @ member.to(values.dtype)


def layer_labels(partition: Partition, labels: Ints, layer: int) -> Ints:
    """Labels of the neurons of one layer."""
    offsets = partition.graph.offsets
    return np.asarray(labels[offsets[layer] : offsets[layer + 1]])


def ranked(values: Floats, most: int, of: Callable[[float], float] = abs) -> list[int]:
    """Places of the largest values, the largest first, without those that are 0."""
    order = sorted(range(len(values)), key=lambda at: -of(float(values[at])))
    return [at for at in order[:most] if values[at] != 0]


def _of_every_class(
    labels: np.ndarray, each: int, rng: np.random.Generator
) -> tuple[Tensor, tuple[int, ...]]:
    classes = np.unique(labels).tolist()
    chosen = [rng.choice(np.flatnonzero(labels == c), size=each) for c in classes]
    return torch.from_numpy(np.concatenate(chosen)), tuple(classes)
