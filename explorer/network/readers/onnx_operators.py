"""What every operator of ONNX that is known here amounts to in steps."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from explorer.errors import ArchitectureError
from explorer.network.readers import onnx_moving
from explorer.network.readers.onnx_node import Node
from explorer.network.tracing import arithmetic, moving
from explorer.network.tracing.calls import Value

Operator = Callable[[Node], Any]


def _simple(kind: str, **settings: tuple[str, float]) -> Operator:
    """An activation whose settings are attributes of these names and defaults."""
    return lambda node: node.add(
        kind, {key: node.get(given, default) for key, (given, default) in settings.items()}
    )


def _same(node: Node) -> list[Any]:
    return [node.value]


def _hard_sigmoid(node: Node) -> Value:
    slope, middle = node.get("alpha", 0.2), node.get("beta", 0.5)
    if math.isclose(slope, 1 / 6, rel_tol=1e-5) and middle == 0.5:
        return node.add("hardsigmoid")
    line = node.add("affine", scale=torch.full((1,), slope), shift=torch.full((1,), middle))
    return Value(node.recipe.add("clamp", line.number, {"low": 0, "high": 1}))


def _clip(node: Node) -> Value:
    low = node.number(1) if len(node.inputs) > 1 else node.get("min", None)
    high = node.number(2) if len(node.inputs) > 2 else node.get("max", None)
    return arithmetic.clamp(node.call(min=low, max=high))


def _softmax(kind: str) -> Operator:
    def operator(node: Node) -> Value:
        axis = node.get("axis", -1 if node.opset >= 13 else 1)
        if node.opset < 13 and node.axis(axis) != len(node.before) - 1:
            raise ArchitectureError("found a softmax over several axes; expected one")
        return node.add(kind, {"axis": node.axis(axis)})

    return operator


def _prelu(node: Node) -> Value:
    slope = node.tensor(1)
    if slope is None:
        raise ArchitectureError("found no slopes; expected them")
    return node.add("prelu", slope=slope.reshape(1) if slope.dim() == 0 else slope)


def _joined(operation: Any) -> Operator:
    return lambda node: operation(node.call(other=node.input(1)))


def _sum(node: Node) -> Any:
    total = node.input(0)
    for other in node.inputs[1:]:
        total = arithmetic.joined("add")(node.call(self=total, other=other)) if total else other
    return total


def _gemm(node: Node) -> Value:
    weight, bias = node.tensor(1), node.tensor(2)
    if weight is None or weight.dim() != 2 or node.get("transA", 0):
        raise ArchitectureError("found weights that are no matrix; expected one")
    weight = weight if node.get("transB", 0) else weight.T
    alpha, beta = node.get("alpha", 1.0), node.get("beta", 1.0)
    if bias is not None:
        bias = bias.reshape(-1).expand(len(weight))
        bias = bias if beta == 1 else bias * beta
    return node.add("linear", weight=weight if alpha == 1 else weight * alpha, bias=bias)


def _matmul(node: Node) -> Value:
    return arithmetic.matmul(node.call(other=node.input(1)))


def _spread(node: Node, sides: Sequence[int], stride: Sequence[int]) -> tuple[list[int], int]:
    """Padding as pairs for every axis of places, and the value that holds what it stands on."""
    how, places = node.get("auto_pad", "NOTSET"), len(sides)
    dilation = node.get("dilations", [1] * places)
    if how == "NOTSET":
        pads = node.get("pads", [0] * 2 * places)
        return [pads[i + end * places] for i in range(places) for end in (0, 1)], places
    if how == "VALID":
        return [0] * 2 * places, places
    pairs = []
    for size, side, step, apart in zip(node.before[-places:], sides, stride, dilation, strict=True):
        total = max((-(-size // step) - 1) * step + apart * (side - 1) + 1 - size, 0)
        ends = [total // 2, total - total // 2]
        pairs += ends if how == "SAME_UPPER" else ends[::-1]
    return pairs, places


def _padded(node: Node, pairs: Sequence[int], places: int, fill: float) -> tuple[Any, list[int]]:
    """Pad ahead where the two ends differ; return the value and what is left to pad."""
    starts, ends = list(pairs[::2]), list(pairs[1::2])
    if starts == ends:
        return node.value, starts
    if any(pad < 0 for pad in pairs):
        raise ArchitectureError("found padding below 0; expected at least 0")
    sizes = [pad for place in reversed(range(places)) for pad in pairs[2 * place : 2 * place + 2]]
    padded = node.recipe.add("pad", node.value.number, {"sizes": sizes, "value": fill})
    return Value(padded), [0] * places


def _convolution(node: Node) -> Value:
    weight = node.tensor(1)
    if weight is None or weight.dim() < 3:
        raise ArchitectureError("found no kernel; expected one")
    places = weight.dim() - 2
    stride = node.get("strides", [1] * places)
    pairs, _ = _spread(node, list(weight.shape[2:]), stride)
    value, padding = _padded(node, pairs, places, 0.0)
    return arithmetic.convolution(
        node.call(
            self=value,
            weight=weight,
            bias=node.tensor(2),
            stride=stride,
            padding=padding,
            dilation=node.get("dilations", [1] * places),
            groups=node.get("group", 1),
        )
    )


def _pool(kind: str) -> Operator:
    def operator(node: Node) -> Any:
        size = node.attributes["kernel_shape"]
        stride = node.get("strides", [1] * len(size))
        pairs, places = _spread(node, size, stride)
        counts = bool(node.get("count_include_pad", 0))
        if kind == "average_pool" and pairs[::2] != pairs[1::2] and not counts:
            raise ArchitectureError("found a mean over places that are padded unevenly")
        value, padding = _padded(node, pairs, places, -3e38 if kind == "max_pool" else 0.0)
        settings = {
            "kernel_size": size,
            "stride": stride,
            "padding": padding,
            "ceil_mode": bool(node.get("ceil_mode", 0)),
            "dilation": node.get("dilations", [1] * places),
            "count_include_pad": counts,
        }
        if kind == "average_pool" and any(one != 1 for one in settings["dilation"]):
            raise ArchitectureError("found a mean over places apart; expected neighbours")
        return moving.pool(kind, places)(node.call(**{**settings, "self": value}))

    return operator


def _global(kind: str) -> Operator:
    return lambda node: node.add(kind, {"axes": list(range(1, len(node.before))), "keep": True})


def _reduced(operation: Any) -> Operator:
    def operator(node: Node) -> Value:
        axes = node.whole(1, "axes") or list(range(1, len(node.before) + 1))
        return operation(node.call(dim=axes, keepdim=bool(node.get("keepdims", 1))))  # type: ignore[no-any-return]

    return operator


def _batch_norm(node: Node) -> Value:
    return arithmetic.batch_norm(
        node.call(
            weight=node.tensor(1),
            bias=node.tensor(2),
            running_mean=node.tensor(3),
            running_var=node.tensor(4),
            training=node.get("training_mode", 0),
            eps=node.get("epsilon", 1e-5),
        )
    )


def _grouped(groups: int | None) -> Operator:
    def operator(node: Node) -> Value:
        channels = node.before[0]
        count = node.attributes["num_groups"] if groups is None else channels
        scale, shift = node.tensor(1), node.tensor(2)
        if scale is not None and len(scale) != channels:  # version 18: one a group
            scale = scale.repeat_interleave(channels // count)
            shift = None if shift is None else shift.repeat_interleave(channels // count)
        settings = {"groups": count, "eps": node.get("epsilon", 1e-5)}
        return node.add("group_norm", settings, scale=scale, shift=shift)

    return operator


def _layer_norm(kind: str) -> Operator:
    def operator(node: Node) -> Any:
        axes = len(node.before) - node.axis(node.get("axis", -1))
        settings = {"axes": axes, "eps": node.get("epsilon", 1e-5)}
        tensors = {"scale": node.tensor(1)}
        if kind == "layer_norm":
            tensors["shift"] = node.tensor(2)
        return [node.add(kind, settings, **tensors), None, None]

    return operator


OPERATORS: dict[str, Operator] = {
    **dict.fromkeys(("Identity", "Dropout", "Cast"), _same),
    "Relu": _simple("relu"),
    "LeakyRelu": _simple("leaky_relu", slope=("alpha", 0.01)),
    "PRelu": _prelu,
    "Elu": _simple("elu", alpha=("alpha", 1.0)),
    "Selu": _simple("selu"),
    "Gelu": lambda node: node.add("gelu", {"approximate": node.get("approximate", "none")}),
    "Mish": _simple("mish"),
    "Tanh": _simple("tanh"),
    "Sigmoid": _simple("sigmoid"),
    "Erf": _simple("erf"),
    "Softplus": lambda node: node.add("softplus", {"beta": 1.0, "threshold": 20.0}),
    "Softsign": _simple("softsign"),
    "HardSwish": _simple("hardswish"),
    "HardSigmoid": _hard_sigmoid,
    "Clip": _clip,
    "Softmax": _softmax("softmax"),
    "LogSoftmax": _softmax("log_softmax"),
    "Add": _joined(arithmetic.joined("add")),
    "Sub": _joined(arithmetic.joined("subtract")),
    "Mul": _joined(arithmetic.joined("multiply")),
    "Div": _joined(arithmetic.divide),
    "Sum": _sum,
    "Neg": lambda node: node.add("affine", scale=torch.full((1,), -1.0)),
    "Pow": lambda node: arithmetic.power(node.call(exponent=node.number(1))),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _convolution,
    "BatchNormalization": _batch_norm,
    "InstanceNormalization": _grouped(1),
    "GroupNormalization": _grouped(None),
    "LayerNormalization": _layer_norm("layer_norm"),
    "RMSNormalization": _layer_norm("rms_norm"),
    "MaxPool": lambda node: [_pool("max_pool")(node)],
    "AveragePool": _pool("average_pool"),
    "GlobalAveragePool": _global("mean"),
    "GlobalMaxPool": _global("maximum"),
    "ReduceMean": _reduced(moving.over_axes("mean")),
    "ReduceMax": _reduced(moving.over_axes("maximum")),
    "ReduceSum": _reduced(moving.summed),
    "Flatten": onnx_moving.flatten,
    "Reshape": onnx_moving.reshaped,
    "Squeeze": onnx_moving.squeezed,
    "Unsqueeze": onnx_moving.unsqueezed,
    "Transpose": onnx_moving.transposed,
    "Slice": onnx_moving.sliced,
    "Split": onnx_moving.split,
    "Concat": onnx_moving.concatenated,
    "Pad": onnx_moving.pad,
    "Expand": onnx_moving.expanded,
}
