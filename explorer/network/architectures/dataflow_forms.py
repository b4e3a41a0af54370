"""One network, one form: whatever wrote down its steps, the same network comes out.

Steps that the outputs do not need are dropped, the others put in the order in which the outputs ask
for them, gains and shifts folded into the weights beside them, and what is a plain stack of linear
layers or 3x3 convolutions becomes an ``MLP`` or a ``CNN``.
"""

import math
from dataclasses import replace

import torch
from torch import Tensor

from explorer.network.architectures.base import MAX_NEURONS, Network
from explorer.network.architectures.cnn import CNN
from explorer.network.architectures.dataflow import Dataflow
from explorer.network.architectures.dataflow_folding import fold_gains
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.architectures.mlp import MLP

SOFTMAX_NOTE = "The softmax behind its outputs is left out: they are logits here."


def network_from(recipe: Recipe, output: int | None = None) -> Network:
    """Make the network that was written down.

    Parameters
    ----------
    recipe : Recipe
        Gets a note where outputs are no longer what they were.
    output : int, optional
        Number of the value that the network gives; the last one by default.

    Raises
    ------
    ArchitectureError
        If it has no weights between layers, too many nodes, or mixes channels without weights.
    """
    last = len(recipe.steps) if output is None else output
    while last and recipe.steps[last - 1].kind in ("softmax", "log_softmax"):
        recipe.notes.append(SOFTMAX_NOTE)
        last = recipe.steps[last - 1].inputs[0]
    plain = in_order(fold_gains(in_order(recipe, last)), None)
    plain = _read_flat(plain)
    found = _as_mlp(plain) or _as_cnn(plain)
    if found is not None:
        return found
    shape = plain.shapes[0]
    network = Dataflow(shape, plain.steps, device="meta")
    state = {
        f"tensors.{number}.{role}": tensor.contiguous()
        for number, tensors in enumerate(plain.tensors)
        for role, tensor in tensors.items()
    }
    network.load_state_dict(state, assign=True)
    return network


def in_order(recipe: Recipe, output: int | None) -> Recipe:
    """Leave the steps that the output needs, each behind what it reads, first things first."""
    order: list[int] = []
    placed: set[int] = {0}
    waiting = [len(recipe.steps) if output is None else output]
    while waiting:
        value = waiting[-1]
        missing = (
            []
            if value in placed
            else [read for read in recipe.steps[value - 1].inputs if read not in placed]
        )
        if missing:
            waiting.append(missing[0])
            continue
        waiting.pop()
        if value not in placed:
            placed.add(value)
            order.append(value)
    number = {0: 0, **{value: place for place, value in enumerate(order, start=1)}}
    plain = Recipe(recipe.shapes[0])
    plain.notes = recipe.notes
    for value in order:
        step = recipe.steps[value - 1]
        plain.steps.append(replace(step, inputs=tuple(number[read] for read in step.inputs)))
        plain.tensors.append(recipe.tensors[value - 1])
        plain.shapes.append(recipe.shapes[value])
    return plain


def _read_flat(recipe: Recipe) -> Recipe:
    """Read numbers as they come where the first thing done to pictures is to flatten them."""
    readers = [step for step in recipe.steps if 0 in step.inputs]
    first = recipe.steps[0] if recipe.steps else None
    if first is None or readers != [first] or first.kind != "reshape" or len(recipe.steps) < 2:
        return recipe
    if len(recipe.shapes[1]) != 1:
        return recipe
    plain = Recipe(recipe.shapes[1])
    plain.notes = recipe.notes
    plain.steps = [
        replace(step, inputs=tuple(read - 1 for read in step.inputs)) for step in recipe.steps[1:]
    ]
    plain.tensors, plain.shapes = recipe.tensors[1:], recipe.shapes[1:]
    return plain


def _is_chain(recipe: Recipe) -> bool:
    return all(step.inputs == (number,) for number, step in enumerate(recipe.steps))


def _bias(tensors: dict[str, Tensor]) -> Tensor:
    return tensors.get("bias", torch.zeros(len(tensors["weight"])))


def _as_mlp(recipe: Recipe) -> MLP | None:
    """Make an MLP of linear layers with a ReLU after each but the last."""
    kinds = [step.kind for step in recipe.steps]
    depth = (len(kinds) + 1) // 2
    if not _is_chain(recipe) or kinds != (["linear", "relu"] * depth)[:-1]:
        return None
    linear = recipe.tensors[::2]
    widths = [recipe.shapes[0][-1], *(len(tensors["weight"]) for tensors in linear)]
    if len(recipe.shapes[0]) != 1 or sum(widths) > MAX_NEURONS:
        return None
    network = MLP(widths)
    state = {f"layers.{i}.weight": tensors["weight"] for i, tensors in enumerate(linear)}
    state |= {f"layers.{i}.bias": _bias(tensors) for i, tensors in enumerate(linear)}
    network.load_state_dict(state)
    return network


_CONVOLUTION = {"stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1}
_HALVED = {"size": [2, 2], "stride": [2, 2], "padding": [0, 0], "dilation": [1, 1]}


def _as_cnn(recipe: Recipe) -> CNN | None:
    """Make a CNN of 3x3 convolutions with ReLU, each halved, and one linear layer."""
    kinds = [step.kind for step in recipe.steps]
    depth = (len(kinds) - 2) // 3
    expected = [*["convolution", "relu", "max_pool"] * depth, "reshape", "linear"]
    if not _is_chain(recipe) or depth < 1 or kinds != expected or len(recipe.shapes[0]) != 3:
        return None
    for number in range(0, 3 * depth, 3):
        kernel = recipe.tensors[number]["weight"]
        pool = dict(recipe.steps[number + 2].settings)
        even = all(side % 2 == 0 for side in recipe.shapes[number + 2][1:])
        if tuple(kernel.shape[2:]) != (3, 3) or recipe.steps[number].settings != _CONVOLUTION:
            return None
        if not (pool.pop("ceil") or even) or pool != _HALVED:
            return None
    channels = [recipe.shapes[0][0], *(recipe.shapes[3 * i + 3][0] for i in range(depth))]
    outputs = recipe.shapes[-1][0]
    if recipe.shapes[-2] != (math.prod(recipe.shapes[-3]),) or len(recipe.shapes[-1]) != 1:
        return None
    if sum(channels) + outputs > MAX_NEURONS or max(recipe.shapes[0]) > 10**4:
        return None
    network = CNN(recipe.shapes[0][1:], channels, outputs)
    state = {"head.weight": recipe.tensors[-1]["weight"], "head.bias": _bias(recipe.tensors[-1])}
    for index, tensors in enumerate(recipe.tensors[: 3 * depth : 3]):
        state[f"convolutions.{index}.weight"] = tensors["weight"]
        state[f"convolutions.{index}.bias"] = _bias(tensors)
    network.load_state_dict(state)
    return network
