"""Operations of an ONNX graph on constants, such as those that compute a shape."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.readers.onnx_node import Node
from explorer.network.tracing.calls import Value

_MOST = 2**20  # numbers that a constant may grow to
_CASTS = {
    1: torch.float32,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
    16: torch.bfloat16,
}


def fold(operator: str, node: Node) -> Tensor:
    """Compute a constant."""
    result = FOLDED[operator](node)
    if result.numel() > max(_MOST, *(one.numel() for one in node.inputs if _is_tensor(one)), 0):
        raise ArchitectureError(
            f"found a constant of {result.numel():,} numbers that is made of fewer; expected at "
            f"most {_MOST:,}"
        )
    return result


def _is_tensor(given: object) -> bool:
    return isinstance(given, Tensor)


def _first(node: Node) -> Tensor:
    found = node.tensor(0)
    if found is None:
        raise ArchitectureError("found nothing to compute with; expected a constant")
    return found


def _shape(node: Node) -> Tensor:
    given = node.input(0)
    sizes = (
        [node.batch, *node.recipe.shapes[given.number]]
        if isinstance(given, Value)
        else list(_first(node).shape)
    )
    cut = slice(node.get("start", 0), node.get("end", None))
    return torch.tensor(sizes[cut], dtype=torch.int64)


def _constant(node: Node) -> Tensor:
    for key, value in node.attributes.items():
        if key == "value" and isinstance(value, Tensor):
            return value
        if key in ("value_int", "value_ints"):
            return torch.tensor(value, dtype=torch.int64)
        if key in ("value_float", "value_floats"):
            return torch.tensor(value, dtype=torch.float32)
    raise ArchitectureError("found a constant that is neither numbers nor a tensor of them")


def _filled(node: Node) -> Tensor:
    shape = node.whole(0, "shape") or []
    value = node.get("value", torch.zeros(1))
    return torch.as_tensor(value).reshape(-1)[:1].expand(_limited(shape)).clone()


def _limited(shape: list[int]) -> list[int]:
    if any(size < 0 for size in shape) or math.prod(shape) > _MOST:
        raise ArchitectureError(
            f"found a constant of shape {shape!r:.60}; expected at most {_MOST:,} numbers"
        )
    return shape


def _expanded(node: Node) -> Tensor:
    wanted = _limited(node.whole(1, "shape") or [])
    return _first(node).expand(_limited(_broadcast(list(_first(node).shape), wanted))).clone()


def _broadcast(one: Sequence[int], other: Sequence[int]) -> list[int]:
    axes = max(len(one), len(other))
    wide = [[1] * (axes - len(shape)) + list(shape) for shape in (one, other)]
    return [max(sizes) for sizes in zip(*wide, strict=True)]


def _gathered(node: Node) -> Tensor:
    places = node.tensor(1)
    source = _first(node)
    axis = node.get("axis", 0)
    if places is None or places.dtype.is_floating_point or source.dim() == 0:
        raise ArchitectureError("found no places to gather; expected whole numbers")
    size = source.shape[axis]
    _limited([places.numel(), max(source.numel() // max(size, 1), 1)])
    flat = places.reshape(-1).long()
    picked = source.index_select(axis, torch.where(flat < 0, flat + size, flat))
    at = axis % source.dim()
    return picked.reshape([*source.shape[:at], *places.shape, *source.shape[at + 1 :]])


def _reshaped(node: Node) -> Tensor:
    source = _first(node)
    wanted = node.whole(1, "shape") or []
    kept = [source.shape[i] if size == 0 else size for i, size in enumerate(wanted)]
    return source.reshape(kept)


def _squeezed(node: Node) -> Tensor:
    axes = node.whole(1, "axes")
    return _first(node).squeeze() if axes is None else _first(node).squeeze(tuple(axes))


def _unsqueezed(node: Node) -> Tensor:
    result, axes = _first(node), node.whole(1, "axes") or []
    if len(axes) > 8:
        raise ArchitectureError("found more than 8 axes; expected fewer")
    count = result.dim() + len(axes)
    for axis in sorted(axis % count for axis in axes):
        result = result.unsqueeze(axis)
    return result


def _sliced(node: Node) -> Tensor:
    result = _first(node)
    starts, ends = node.whole(1, "starts") or [], node.whole(2, "ends") or []
    axes = node.whole(3, "axes") or list(range(len(starts)))
    steps = node.whole(4, "steps") or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        places = range(*slice(start, end, step).indices(result.shape[axis]))
        result = result.index_select(axis, torch.tensor(list(places), dtype=torch.int64))
    return result


def _joined(node: Node) -> Tensor:
    parts = [node.tensor(place) for place in range(len(node.inputs))]
    return torch.cat([part for part in parts if part is not None], dim=node.attributes["axis"])


def _paired(compute: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Node], Tensor]:
    def computed(node: Node) -> Tensor:
        one, other = _first(node), node.tensor(1)
        if other is None:
            raise ArchitectureError("found one side only; expected two")
        if one.shape != other.shape:
            _limited(_broadcast(one.shape, other.shape))
        return compute(one, other)

    return computed


def _divided(one: Tensor, other: Tensor) -> Tensor:
    if one.dtype.is_floating_point:
        return one / other
    return torch.div(one, other, rounding_mode="trunc")


FOLDED: dict[str, Callable[[Node], Tensor]] = {
    "Shape": _shape,
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Expand": _expanded,
    "Gather": _gathered,
    "Reshape": _reshaped,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Slice": _sliced,
    "Concat": _joined,
    "Identity": _first,
    "Cast": lambda node: _first(node).to(_CASTS[node.attributes["to"]]),
    "Transpose": lambda node: _first(node).permute(
        node.get("perm", list(range(_first(node).dim()))[::-1])
    ),
    "Add": _paired(torch.add),
    "Sub": _paired(torch.sub),
    "Mul": _paired(torch.mul),
    "Div": _paired(_divided),
    "Sqrt": lambda node: _first(node).sqrt(),
    "Neg": lambda node: -_first(node),
}
