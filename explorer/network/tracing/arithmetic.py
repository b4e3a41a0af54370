"""What operations of torch that compute amount to: activations, sums, weights and norms."""

import torch

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_steps import as_list
from explorer.network.tracing.calls import Call, Operation, Value, constant


def same(call: Call) -> Value:
    """Nothing, outside training."""
    return Value(call.value())


def simple(kind: str, **settings: str) -> Operation:
    """An activation whose settings are arguments under these names."""

    def operation(call: Call) -> Value:
        return call.add(kind, {name: call[given] for name, given in settings.items()})

    return operation


def softmax_over(kind: str) -> Operation:
    """A softmax along an axis."""
    return lambda call: call.add(kind, {"axis": call.axis(call["dim"])})


def clamp(call: Call) -> Value:
    """Clamp to an interval, of which one end may be open."""
    low = call.given.get("min", call.given.get("min_val"))
    high = call.given.get("max", call.given.get("max_val"))
    ends = [-3e38 if low is None else low, 3e38 if high is None else high]
    return call.add("clamp", {"low": ends[0], "high": ends[1]})


def elu(call: Call) -> Value:
    """An ELU."""
    if call["scale"] != 1 or call["input_scale"] != 1:
        raise ArchitectureError("found an ELU that is scaled; expected a plain one")
    return call.add("elu", {"alpha": call["alpha"]})


def prelu(call: Call) -> Value:
    """A leaky ReLU with learned slopes."""
    slope = call.tensor("weight")
    assert slope is not None
    axes = (-1, *(1,) * (len(call.before()) - 1))
    return call.add("prelu", slope=slope.reshape(axes))


def joined(kind: str) -> Operation:
    """Add, subtract or multiply two values, or a value and a constant."""

    def operation(call: Call) -> Value:
        one, other, recipe = call["self"], call["other"], call.recipe
        if call.given.get("alpha", 1) != 1:
            raise ArchitectureError("found a sum in which one side is scaled; expected plain sums")
        if isinstance(one, Value) and isinstance(other, Value):
            return Value(recipe.add(kind, (one.number, other.number)))
        if kind == "subtract" and isinstance(other, Value):
            axes = len(recipe.shapes[other.number])
            turned = torch.full((1,), -1.0)
            shift = constant(one, axes)
            return Value(recipe.add("affine", other.number, scale=turned, shift=shift))
        value, fixed = (one, other) if isinstance(one, Value) else (other, one)
        moved = constant(fixed, len(recipe.shapes[value.number]))
        if kind == "multiply":
            return Value(recipe.add("affine", value.number, scale=moved))
        moved = -moved if kind == "subtract" else moved
        return Value(recipe.add("affine", value.number, shift=moved))

    return operation


def divide(call: Call) -> Value:
    """Divide by a constant."""
    if isinstance(call["other"], Value) or call.given.get("rounding_mode") is not None:
        raise ArchitectureError("found a division by a value; expected one by constants")
    return call.add("affine", scale=1.0 / constant(call["other"], len(call.before())))


def power(call: Call) -> Value:
    """A square."""
    if call["exponent"] != 2:
        raise ArchitectureError(f"found a power of {call['exponent']!r:.20}; expected 2")
    return Value(call.recipe.add("multiply", (call.value(), call.value())))


def linear(call: Call) -> Value:
    """A linear layer."""
    return call.add("linear", weight=call.tensor("weight"), bias=call.tensor("bias"))


def matmul(call: Call) -> Value:
    """A product with a constant matrix."""
    matrix = call.tensor("other" if "other" in call.given else "mat2")
    if matrix is None or matrix.dim() != 2:
        raise ArchitectureError("found a product with a stack of matrices; expected one matrix")
    return call.add("linear", weight=matrix.T)


def addmm(call: Call) -> Value:
    """A linear layer, its matrix the other way round."""
    matrix, bias = call.tensor("mat2"), call.tensor("self")
    if call["alpha"] != 1 or call["beta"] != 1 or matrix is None or bias is None:
        raise ArchitectureError("found a scaled sum of products; expected plain weights and biases")
    read = call["mat1"]
    if not isinstance(read, Value) or bias.dim() != 1:
        raise ArchitectureError("found weights that depend on the inputs; expected constants")
    return Value(call.recipe.add("linear", read.number, weight=matrix.T, bias=bias))


def convolution(call: Call) -> Value:
    """A convolution; padding may be a word."""
    weight = call.tensor("weight")
    assert weight is not None
    if call.given.get("transposed"):
        raise ArchitectureError("found a transposed convolution; expected a plain one")
    places = weight.dim() - 2
    stride, dilation = (as_list(call[name], places) for name in ("stride", "dilation"))
    padding, value = call["padding"], call.value()
    if padding == "valid":
        padding = 0
    if padding == "same":
        spread = [d * (side - 1) for d, side in zip(dilation, weight.shape[2:], strict=True)]
        padding = [total // 2 for total in spread]
        if any(total % 2 for total in spread):
            sizes = [end for total in reversed(spread) for end in (0, total % 2)]
            value = call.recipe.add("pad", value, {"sizes": sizes, "value": 0.0})
    settings = {
        "stride": stride,
        "padding": as_list(padding, places),
        "dilation": dilation,
        "groups": call["groups"],
    }
    bias = call.tensor("bias")
    return Value(call.recipe.add("convolution", value, settings, weight=weight, bias=bias))


def batch_norm(call: Call) -> Value:
    """A batch norm with the statistics that it learned."""
    mean, variance = call.tensor("running_mean"), call.tensor("running_var")
    if mean is None or variance is None or call.given.get("training"):
        raise ArchitectureError(
            "found a batch norm that takes its statistics from the batch; expected ones it learned"
        )
    gain, shift = call.tensor("weight"), call.tensor("bias")
    return Value(call.recipe.batch_norm(call.value(), mean, variance, gain, shift, call["eps"]))


def instance_norm(call: Call) -> Value:
    """A norm of every channel by itself."""
    if not call["use_input_stats"]:
        return batch_norm(call)
    settings = {"groups": call.before()[0], "eps": call["eps"]}
    return call.add("group_norm", settings, scale=call.tensor("weight"), shift=call.tensor("bias"))


def group_norm(call: Call) -> Value:
    """A group norm."""
    settings = {"groups": call["num_groups"], "eps": call["eps"]}
    return call.add("group_norm", settings, scale=call.tensor("weight"), shift=call.tensor("bias"))


def layer_norm(call: Call) -> Value:
    """A layer norm."""
    settings = {"axes": len(call["normalized_shape"]), "eps": call["eps"]}
    return call.add("layer_norm", settings, scale=call.tensor("weight"), shift=call.tensor("bias"))


def rms_norm(call: Call) -> Value:
    """A root-mean-square norm."""
    eps = torch.finfo(torch.float32).eps if call["eps"] is None else call["eps"]
    settings = {"axes": len(call["normalized_shape"]), "eps": eps}
    return call.add("rms_norm", settings, scale=call.tensor("weight"))
