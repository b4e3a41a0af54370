"""Gains and shifts folded into the weights beside them, and steps that do nothing dropped."""

from collections import Counter
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.architectures.dataflow_steps import WEIGHTS, Step

_GAINED = ("layer_norm", "rms_norm", "affine")


def fold_gains(recipe: Recipe) -> Recipe:
    """Fold what scales and shifts channels into weights, where the function stays what it is.

    Behind weights that nothing else reads (a batch norm), into their rows; before linear layers
    that are all that reads it (the gain of a layer norm), into their columns.
    """
    steps, tensors = list(recipe.steps), [dict(held) for held in recipe.tensors]
    number: dict[int, int] = {0: 0}  # of every old value, the value that stands for it
    uses = Counter(read for step in steps for read in step.inputs)
    uses[len(steps)] += 1
    for value, written in enumerate(recipe.steps, start=1):
        inputs = tuple(number[read] for read in written.inputs)
        step = _plainer(replace(written, inputs=inputs), recipe.shapes, value)
        steps[value - 1] = step
        number[value] = value
        source = inputs[0]
        if _does_nothing(step, recipe.shapes[source], recipe.shapes[value]):
            number[value] = source
            uses[source] += uses[value] - 1
        elif (
            step.kind == "affine"
            and source
            and uses[source] == 1
            and _fold_back(steps[source - 1], tensors, source, tensors[value - 1], recipe.shapes)
        ):
            steps[source - 1] = _measured(steps[source - 1], tensors[source - 1])
            number[value] = source
            uses[source] = uses[value]
    folded = Recipe(recipe.shapes[0])
    folded.notes, folded.shapes = recipe.notes, list(recipe.shapes)
    folded.steps, folded.tensors = steps, tensors
    output = number[len(steps)]
    dropped = {value for value in number if number[value] != value}
    for value in range(1, len(steps) + 1):
        if steps[value - 1].kind in _GAINED and value != output and value not in dropped:
            readers = [n for n in _readers(steps, value) if n not in dropped]
            _fold_forward(folded, value, readers)
    if output != len(steps):  # what comes last is what a network gives
        folded.steps, folded.tensors = folded.steps[:output], folded.tensors[:output]
        folded.shapes = folded.shapes[: output + 1]
    return folded


def _plainer(step: Step, shapes: list[tuple[int, ...]], value: int) -> Step:
    """Write what can be said in two ways in one."""
    settings = dict(step.settings)
    if step.kind == "adaptive_average" and set(settings["size"]) == {1}:
        axes = len(shapes[value])
        last = list(range(axes - len(settings["size"]), axes))
        return replace(step, kind="mean", settings={"axes": last, "keep": True})
    return step


def _does_nothing(step: Step, before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    return (step.kind in ("reshape", "slice") and before == after) or (
        step.kind == "permute" and step.settings["order"] == sorted(step.settings["order"])
    )


def _readers(steps: list[Step], value: int) -> list[int]:
    return [number for number, step in enumerate(steps, start=1) if value in step.inputs]


def _fold_back(
    step: Step,
    tensors: list[dict[str, Tensor]],
    value: int,
    gains: dict[str, Tensor],
    shapes: list[tuple[int, ...]],
) -> bool:
    """Fold a gain and a shift of each channel into the rows of the weights that make it."""
    if step.kind not in WEIGHTS:
        return False
    shape, rows = shapes[value], step.tensors["weight"][0]
    axis = len(shape) - 1 if step.kind == "linear" else len(shape) - len(step.tensors["weight"]) + 1
    vectors = {role: _vector(tensor, shape, axis) for role, tensor in gains.items()}
    if any(vector is None for vector in vectors.values()):
        return False
    held = tensors[value - 1]
    scale, shift = vectors.get("scale"), vectors.get("shift")
    bias = held.get("bias", torch.zeros(rows) if shift is not None else None)
    if scale is not None:
        weight = held["weight"]
        held["weight"] = weight * scale.reshape(-1, *(1,) * (weight.dim() - 1))
        bias = None if bias is None else bias * scale
    if shift is not None and bias is not None:
        bias = bias + shift
    if bias is not None:
        held["bias"] = bias
    return True


def _fold_forward(recipe: Recipe, value: int, readers: list[int]) -> None:
    """Fold a gain and a shift of every number into the columns of the linear layers behind it."""
    steps, tensors = recipe.steps, recipe.tensors
    shape = recipe.shapes[value]
    own = tensors[value - 1]
    vectors = {role: _vector(tensor, shape, len(shape) - 1) for role, tensor in own.items()}
    if not readers or any(steps[reader - 1].kind != "linear" for reader in readers):
        return
    if not vectors or any(vector is None for vector in vectors.values()):
        return
    scale, shift = vectors.get("scale"), vectors.get("shift")
    for reader in readers:
        held = tensors[reader - 1]
        weight = held["weight"]
        if shift is not None:
            moved = weight @ shift
            held["bias"] = moved + held["bias"] if "bias" in held else moved
        if scale is not None:
            held["weight"] = weight * scale
        steps[reader - 1] = _measured(steps[reader - 1], held)
    tensors[value - 1] = {}
    steps[value - 1] = _measured(steps[value - 1], {})
    if steps[value - 1].kind == "affine":
        source = steps[value - 1].inputs[0]
        for reader in readers:
            steps[reader - 1] = replace(steps[reader - 1], inputs=(source,))


def _vector(tensor: Tensor, shape: tuple[int, ...], axis: int) -> Tensor | None:
    """Read a tensor as one number for every place along an axis; None if it has more to say."""
    wide = (1,) * (len(shape) - tensor.dim()) + tuple(tensor.shape)
    if any(size > 1 for other, size in enumerate(wide) if other != axis):
        return None
    return tensor.reshape(-1).expand(shape[axis])


def _measured(step: Step, tensors: dict[str, Tensor]) -> Step:
    shapes: dict[str, Any] = {role: tuple(tensor.shape) for role, tensor in tensors.items()}
    return replace(step, tensors=shapes)
