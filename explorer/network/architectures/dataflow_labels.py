"""Which channel every number of a value belongs to, and which channels are one and the same.

Every value carries labels: an array of numbers of channels that can be stretched to its shape, one
entry along the axes of places. A weight step makes new channels; whatever only reshapes, cuts or
joins values moves the labels as it moves the numbers; and what adds or multiplies two values ties
their channels together, for the two are from then on one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_steps import ACTIVATIONS, WEIGHTS, Step

Ints = NDArray[np.int64]
MAX_LABELS = 2**22  # entries of an array that is stretched to be reshaped


class MixedError(ArchitectureError):
    """A step that mixes what was taken for different channels."""


@dataclass(eq=False)
class Labels:
    """Labels of all values, and what ties channels together.

    Attributes
    ----------
    values : list of array
        Of every value, the input first.
    groups : list of pair of int
        Every set of channels that is made together: the step that makes it (0 for the input), and
        how many channels there are. They are numbered one group after the other.
    ties : list of pair of array
        Channels that are one.
    """

    values: list[Ints]
    groups: list[tuple[int, int]]
    ties: list[tuple[Ints, Ints]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many channels have been made."""
        return sum(size for _, size in self.groups)

    def new(self, step: int, size: int) -> Ints:
        """Make channels."""
        first = self.count
        self.groups.append((step, size))
        return np.arange(first, first + size)


def label_values(
    steps: Sequence[Step], shapes: Sequence[tuple[int, ...]], input_axes: Sequence[int]
) -> Labels:
    """Label what every step gives.

    Parameters
    ----------
    steps : sequence of Step
    shapes : sequence of tuple of int
        Of all values, the input first.
    input_axes : sequence of int
        Axes of the input along which numbers are nodes of their own; places lie along the others.

    Raises
    ------
    MixedError
        If a step mixes channels in a way that no weight stands behind.
    """
    counted = [n if axis in input_axes else 1 for axis, n in enumerate(shapes[0])]
    size = math.prod(counted)
    labels = Labels([np.arange(size).reshape(counted)], [(0, size)])
    for number, step in enumerate(steps, start=1):
        read = [labels.values[place] for place in step.inputs]
        before = [shapes[place] for place in step.inputs]
        labels.values.append(_after(step, number, read, before, shapes[number], labels))
    return labels


def _after(
    step: Step,
    number: int,
    read: list[Ints],
    before: list[tuple[int, ...]],
    after: tuple[int, ...],
    labels: Labels,
) -> Ints:
    kind, settings = step.kind, step.settings
    first = read[0]
    if kind in WEIGHTS:
        return _weighed(step, number, first, after, labels)
    if kind in ("add", "subtract", "multiply"):
        return _tied(kind, read, labels)
    if kind == "concatenate":
        return _concatenated(read, before, settings["axis"])
    if kind == "reshape":
        return _compressed(_stretched(first, before[0]).reshape(after))
    if kind == "permute":
        return first.transpose(settings["order"])
    if kind == "slice":
        axis = settings["axis"]
        if first.shape[axis] == 1:
            return first
        cut = (slice(None),) * axis + (
            slice(settings["start"], settings["stop"], settings["step"]),
        )
        return _compressed(first[cut])
    if kind in ("mean", "maximum"):
        _same_along(first, settings["axes"], step)
        return first if settings["keep"] else first.squeeze(tuple(settings["axes"]))
    if kind.endswith("_pool") or kind.startswith("adaptive"):
        places = len(settings["size"])
        _same_along(first, range(first.ndim - places, first.ndim), step)
        return first
    if kind == "pad":
        _same_along(first, range(first.ndim - len(settings["sizes"]) // 2, first.ndim), step)
        return first
    # Activations, norms and constants leave every number where it is; a constant may stretch it.
    assert kind in ACTIVATIONS or len(first.shape) == len(after)
    return first


def _weighed(step: Step, number: int, first: Ints, after: tuple[int, ...], labels: Labels) -> Ints:
    axis = read_axis(step, first.ndim)
    _same_along(first, [other for other in range(first.ndim) if other != axis], step)
    made = labels.new(number, step.tensors["weight"][0])
    return made.reshape([len(made) if other == axis else 1 for other in range(len(after))])


def read_axis(step: Step, axes: int) -> int:
    """Along which axis of a value of so many axes a weight step reads channels."""
    return axes - 1 if step.kind == "linear" else axes - len(step.tensors["weight"]) + 1


def _tied(kind: str, read: list[Ints], labels: Labels) -> Ints:
    one, other = read
    if one.size == 1 or other.size == 1:
        # One channel that scales or shifts all others is a neuron of its own.
        return other if one.size == 1 else one
    try:
        both = np.broadcast_arrays(one, other)
    except ValueError as problem:
        raise MixedError(
            f"found a step {kind} of channels that lie along different axes; expected the same"
        ) from problem
    if both[0].size > max(one.size, other.size):
        raise MixedError(
            f"found a step {kind} of channels that lie along different axes; expected the same"
        )
    labels.ties.append((both[0].reshape(-1), both[1].reshape(-1)))
    return both[0] if one.size == both[0].size else both[1]


def _concatenated(read: list[Ints], before: list[tuple[int, ...]], axis: int) -> Ints:
    counts = [shape[axis] for shape in before]
    wide = [max(part.shape[other] for part in read) for other in range(read[0].ndim)]
    _limit(math.prod(wide) // wide[axis] * sum(counts))
    parts = [
        np.broadcast_to(part, [n if other == axis else w for other, w in enumerate(wide)])
        for part, n in zip(read, counts, strict=True)
    ]
    return _compressed(np.concatenate(parts, axis=axis))


def _same_along(labels: Ints, axes: Sequence[int] | range, step: Step) -> None:
    if any(labels.shape[axis] > 1 for axis in axes):
        raise MixedError(
            f"found a step {step.kind} that mixes channels with each other as if they were "
            f"places; expected weights wherever channels meet"
        )


def _stretched(labels: Ints, shape: tuple[int, ...]) -> Ints:
    _limit(math.prod(shape))
    return np.broadcast_to(labels, shape)


def _limit(count: int) -> None:
    if count > MAX_LABELS:
        raise ArchitectureError(
            f"found {count:,} numbers that change places; at most {MAX_LABELS:,} can be followed"
        )


def _compressed(labels: Ints) -> Ints:
    """Leave one entry along every axis of places."""
    for axis in range(labels.ndim):
        first = labels.take([0], axis=axis)
        if labels.shape[axis] > 1 and (labels == first).all():
            labels = first
    return labels
