"""What operators of ONNX that cut, join and reshape amount to."""

import math
from typing import Any

from explorer.errors import ArchitectureError
from explorer.network.readers.onnx_node import Node
from explorer.network.tracing import moving
from explorer.network.tracing.calls import Value


def reshaped(node: Node) -> Value:
    """Reshape; the first size counts examples."""
    wanted = node.whole(1, "shape") or []
    before = [node.batch, *node.before]
    sizes = [
        before[i] if size == 0 and not node.get("allowzero", 0) else size
        for i, size in enumerate(wanted)
    ]
    known = math.prod(size for size in sizes if size != -1)
    if -1 in sizes and known > 0:
        sizes[sizes.index(-1)] = math.prod(before) // known
    if not sizes or sizes[0] != node.batch:
        raise ArchitectureError("found a reshaping that mixes examples; expected them apart")
    return moving.reshape(node.call(sizes[1:]))


def flatten(node: Node) -> Value:
    """Flatten all but the examples."""
    if node.get("axis", 1) % (len(node.before) + 1) != 1:
        raise ArchitectureError("found a flattening of other axes; expected all but the first")
    return moving.reshape(node.call([math.prod(node.before)]))


def squeezed(node: Node) -> Value:
    """Drop axes of one."""
    axes = node.whole(1, "axes")
    gone = (
        [axis for axis, size in enumerate(node.before) if size == 1]
        if axes is None
        else [node.axis(axis) for axis in axes]
    )
    return moving.reshape(node.call([n for i, n in enumerate(node.before) if i not in gone]))


def unsqueezed(node: Node) -> Value:
    """Add axes of one."""
    axes = node.whole(1, "axes") or []
    count = len(node.before) + 1 + len(axes)
    shape = [node.batch, *node.before]
    for axis in sorted(axis % count for axis in axes):
        shape.insert(axis, 1)
    if shape[0] != node.batch:
        raise ArchitectureError("found an axis ahead of that of examples; expected it first")
    return moving.reshape(node.call(shape[1:]))


def transposed(node: Node) -> Value:
    """Permute axes."""
    order = node.get("perm", list(range(len(node.before) + 1))[::-1])
    return moving.permuted(node.call(), order)


def sliced(node: Node) -> Value:
    """Cut by starts, ends and steps."""
    starts, ends = node.whole(1, "starts") or [], node.whole(2, "ends") or []
    axes = node.whole(3, "axes") or list(range(len(starts)))
    steps = node.whole(4, "steps") or [1] * len(starts)
    value = node.value
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        value = moving.sliced(node.call(self=value, dim=axis, start=start, end=end, step=step))
    return value


def split(node: Node) -> Any:
    """Cut into parts."""
    axis, sizes = node.get("axis", 0), node.whole(1, "split")
    size = node.before[node.axis(axis)]
    if sizes is None:
        each = -(-size // node.get("num_outputs", node.outputs))
        return moving.parts(node.call(dim=axis, split_size=each))
    return moving.parts(node.call(dim=axis, split_sizes=sizes))


def concatenated(node: Node) -> Value:
    """Put values one behind the other."""
    return moving.concatenate(node.call(tensors=list(node.inputs), dim=node.attributes["axis"]))


def pad(node: Node) -> Value:
    """Pad with a constant."""
    pads, axes = node.whole(1, "pads") or [], node.whole(3, "axes")
    count = len(node.before) + 1
    given = list(range(count)) if axes is None else [axis % count for axis in axes]
    ends = [[0, 0] for _ in range(count)]
    for place, axis in enumerate(given):
        ends[axis] = [pads[place], pads[place + len(given)]]
    if node.get("mode", "constant") != "constant" or any(ends[0]):
        raise ArchitectureError("found padding by other than constants; expected constants")
    sizes = [pad for pair in reversed(ends[1:]) for pad in pair]
    while sizes[-2:] == [0, 0]:
        sizes = sizes[:-2]
    if not sizes:
        return node.value
    return node.add("pad", {"sizes": sizes, "value": node.number(2) or 0.0})


def expanded(node: Node) -> Value:
    """Stretch to the shape that it has already."""
    wanted = node.whole(1, "shape") or []
    whole = [node.batch, *node.before][-len(wanted) :]
    if any(size not in (1, has) for size, has in zip(wanted, whole, strict=True)):
        raise ArchitectureError("found values copied along an axis; expected them as they are")
    return node.value
