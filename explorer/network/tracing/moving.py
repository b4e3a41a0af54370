"""What operations of torch that pool, cut, join and reshape amount to."""

from collections.abc import Sequence
from typing import Any

import torch

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_steps import as_list
from explorer.network.tracing.calls import Call, Operation, Value


def pool(kind: str, places: int) -> Operation:
    """Pool by squares of a size."""

    def operation(call: Call) -> Value:
        size = as_list(call["kernel_size"], places)
        settings = {
            "size": size,
            "stride": as_list(call["stride"] or size, places),
            "padding": as_list(call["padding"], places),
            "ceil": call["ceil_mode"],
        }
        if kind == "max_pool":
            return call.add(kind, {**settings, "dilation": as_list(call["dilation"], places)})
        if call.given.get("divisor_override") is not None:
            raise ArchitectureError("found a pooling with a divisor of its own; expected a mean")
        return call.add(kind, {**settings, "count_padding": call["count_include_pad"]})

    return operation


def adaptive(kind: str, places: int) -> Operation:
    """Pool to a size."""

    def operation(call: Call) -> Value:
        size = as_list(call["output_size"], places)
        before = call.before()[-places:]
        wanted = [b if s is None else s for s, b in zip(size, before, strict=True)]
        return call.add(kind, {"size": wanted})

    return operation


def over_axes(kind: str) -> Operation:
    """Take the mean or the largest number over axes."""

    def operation(call: Call) -> Value:
        axes = call["dim"]
        listed = [axes] if isinstance(axes, int) else list(axes or range(1, len(call.before()) + 1))
        settings = {"axes": sorted(call.axis(axis) for axis in listed), "keep": call["keepdim"]}
        return call.add("mean" if kind == "sum" else kind, settings)

    return operation


def summed(call: Call) -> Value:
    """Sum over axes: a mean, times how many."""
    mean = over_axes("sum")(call)
    before = torch.Size(call.before()).numel()
    count = before / torch.Size(call.recipe.shapes[mean.number]).numel()
    return Value(call.recipe.add("affine", mean.number, scale=torch.full((1,), count)))


def largest(call: Call) -> list[Any]:
    """Largest numbers, and places that nothing may read."""
    return [over_axes("maximum")(call), None]


def reshape(call: Call) -> Value:
    """Any reshaping that leaves the order of numbers as it is."""
    if not call.shape or call.shape[0] != call.examples:
        raise ArchitectureError("found a reshaping that mixes examples; expected them apart")
    return call.add("reshape", {"shape": list(call.shape[1:]) or [1]})


def permuted(call: Call, order: Sequence[int]) -> Value:
    """Permute axes; ``order`` counts that of examples."""
    axes = len(call.before()) + 1
    whole = [axis % axes for axis in order]
    if whole[0] != 0:
        raise ArchitectureError("found axes swapped with that of examples; expected it first")
    return call.add("permute", {"order": [axis - 1 for axis in whole[1:]]})


def transpose(call: Call) -> Value:
    """Swap two axes."""
    axes = len(call.before()) + 1
    ends = [call.given.get(f"dim{i}", call.given.get(f"axis{i}", i)) % axes for i in (0, 1)]
    order = list(range(axes))
    order[ends[0]], order[ends[1]] = ends[1], ends[0]
    return permuted(call, order)


def cut(call: Call, axis: int, start: int, stop: int, step: int = 1) -> Value:
    """Cut a piece out of an axis."""
    settings = {"axis": axis, "start": start, "stop": stop, "step": step}
    return call.add("slice", settings)


def sliced(call: Call) -> Value:
    """Cut by start, end and step."""
    if call["dim"] == 0:
        return Value(call.value())
    axis = call.axis(call["dim"])
    size = call.before()[axis]
    start, stop, step = slice(call["start"], call["end"], call["step"]).indices(size)
    return cut(call, axis, start, stop, step)


def select(call: Call) -> Value:
    """Take one place of an axis."""
    axis = call.axis(call["dim"])
    place = call["index"] % call.before()[axis]
    part = cut(call, axis, place, place + 1)
    return Value(call.recipe.add("reshape", part.number, {"shape": list(call.shape[1:]) or [1]}))


def parts(call: Call) -> list[Value]:
    """Cut an axis into parts: by their count, their size, or their sizes."""
    axis = call.axis(call.given.get("dim", 0))
    size = call.before()[axis]
    if "chunks" in call.given:
        each: Any = -(-size // call["chunks"])
    else:
        each = call.given.get("split_size", call.given.get("split_sizes"))
    sizes = list(each) if isinstance(each, list) else [each] * -(-size // each)
    ends = [min(sum(sizes[: place + 1]), size) for place in range(len(sizes))]
    return [cut(call, axis, start, stop) for start, stop in zip([0, *ends[:-1]], ends, strict=True)]


def concatenate(call: Call) -> Value:
    """Put values one behind the other."""
    parts = call["tensors"]
    if not all(isinstance(part, Value) for part in parts):
        raise ArchitectureError("found constants beside values; expected only values")
    axis = call["dim"] % (len(call.recipe.shapes[parts[0].number]) + 1) - 1
    if axis < 0:
        raise ArchitectureError("found the axis of examples; expected any other")
    read = [part.number for part in parts]
    return Value(call.recipe.add("concatenate", read, {"axis": axis}))


def gated(call: Call) -> Value:
    """Half of the channels times a sigmoid of the other half."""
    axis = call.axis(call["dim"])
    half = call.before()[axis] // 2
    one, gate = cut(call, axis, 0, half), cut(call, axis, half, 2 * half)
    gate = Value(call.recipe.add("sigmoid", gate.number))
    return Value(call.recipe.add("multiply", (one.number, gate.number)))


def pad(call: Call) -> Value:
    """Pad with a constant."""
    if call.given.get("mode", "constant") != "constant":
        raise ArchitectureError(f"found padding by {call['mode']!r:.20}; expected constants")
    return call.add("pad", {"sizes": list(call["pad"]), "value": float(call["value"] or 0.0)})


def adaptive_maximum(places: int) -> Operation:
    """Adaptive pooling that also gives places, which nothing may read."""
    pooled = adaptive("adaptive_max", places)
    return lambda call: [pooled(call), None]
