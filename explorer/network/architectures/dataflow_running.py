"""How each kind of step is computed."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_steps import Step

MAX_VALUES = 2**26  # numbers that a step may give for one example
_EXAMPLES = 2  # of the empty batch that shapes are measured with

Run = Callable[[Sequence[Tensor], Mapping[str, Any], Mapping[str, Tensor]], Tensor]

_CONVOLUTIONS: dict[int, Callable[..., Tensor]] = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}
_MAX_POOLS: dict[int, Callable[..., Tensor]] = {
    1: F.max_pool1d,
    2: F.max_pool2d,
    3: F.max_pool3d,
}
_AVERAGE_POOLS: dict[int, Callable[..., Tensor]] = {
    1: F.avg_pool1d,
    2: F.avg_pool2d,
    3: F.avg_pool3d,
}
_ADAPTIVE_AVERAGES: dict[int, Callable[..., Tensor]] = {
    1: F.adaptive_avg_pool1d,
    2: F.adaptive_avg_pool2d,
    3: F.adaptive_avg_pool3d,
}
_ADAPTIVE_MAXIMA: dict[int, Callable[..., Tensor]] = {
    1: F.adaptive_max_pool1d,
    2: F.adaptive_max_pool2d,
    3: F.adaptive_max_pool3d,
}


def run_step(step: Step, inputs: Sequence[Tensor], tensors: Mapping[str, Tensor]) -> Tensor:
    """Compute one step on a batch."""
    return _RUN[step.kind](inputs, step.settings, tensors)


def shape_after(step: Step, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Shape of what a step gives for one example; nothing is computed.

    Raises
    ------
    ArchitectureError
        If it cannot take what it reads, mixes examples, or gives too much.
    """
    inputs = [torch.empty(_EXAMPLES, *shape, device="meta") for shape in shapes]
    tensors = {r: torch.empty(shape, device="meta") for r, shape in step.tensors.items()}
    try:
        _keep_examples_apart(step, shapes)
        found = tuple(run_step(step, inputs, tensors).shape)
    except (RuntimeError, ValueError, TypeError, IndexError, KeyError, OverflowError) as problem:
        raise ArchitectureError(
            f"found a step {step.kind} of {_plain(step)} that cannot take values of shape "
            f"{', '.join(str(list(s)) for s in shapes):.80}; expected shapes that fit"
        ) from problem
    if not found or found[0] != _EXAMPLES or min(found) < 1:
        raise ArchitectureError(
            f"found a step {step.kind} that turns {shapes!r:.60} into {found!r:.60}; expected "
            f"examples to stay apart, and at least one number each"
        )
    if math.prod(found[1:]) > MAX_VALUES or len(found) == 1:
        raise ArchitectureError(
            f"found a step {step.kind} that gives values of shape {list(found[1:])} an example; "
            f"expected one to {MAX_VALUES:,} numbers"
        )
    return found[1:]


def _keep_examples_apart(step: Step, shapes: Sequence[tuple[int, ...]]) -> None:
    """Refuse what torch would stretch along the axis of examples, and so compute."""
    axes = {len(shape) for shape in shapes}
    if len(axes) > 1:
        raise ValueError("values of different numbers of axes")
    if step.kind in ("affine", "prelu") and max(map(len, step.tensors.values()), default=0) > max(
        axes
    ):
        raise ValueError("tensors of more axes than the value")
    if step.settings.get("axes", 0) in range(max(axes) + 1, 99):
        raise ValueError("a norm over more axes than there are")


def _plain(step: Step) -> str:
    told = {**step.settings, **{role: list(shape) for role, shape in step.tensors.items()}}
    return f"{told}" if len(f"{told}") <= 120 else f"{told}"[:117] + "..."


def _convolution(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    return _CONVOLUTIONS[t["weight"].dim()](
        x[0], t["weight"], t.get("bias"), s["stride"], s["padding"], s["dilation"], s["groups"]
    )


def _affine(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    value = x[0]
    if "scale" in t:
        value = value * t["scale"]
    return value + t["shift"] if "shift" in t else value


def _prelu(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    return torch.where(x[0] >= 0, x[0], x[0] * t["slope"])


def _layer_norm(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    return F.layer_norm(x[0], x[0].shape[-s["axes"] :], t.get("scale"), t.get("shift"), s["eps"])


def _rms_norm(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    return F.rms_norm(x[0], x[0].shape[-s["axes"] :], t.get("scale"), s["eps"])


def _group_norm(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    return F.group_norm(x[0], s["groups"], t.get("scale"), t.get("shift"), s["eps"])


def _max_pool(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    pool = _MAX_POOLS[len(s["size"])]
    return pool(x[0], s["size"], s["stride"], s["padding"], s["dilation"], s["ceil"])


def _average_pool(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    pool = _AVERAGE_POOLS[len(s["size"])]
    return pool(x[0], s["size"], s["stride"], s["padding"], s["ceil"], s["count_padding"])


def _slice(x: Sequence[Tensor], s: Mapping[str, Any], t: Mapping[str, Tensor]) -> Tensor:
    axis = s["axis"] + 1
    cut = (slice(None),) * axis + (slice(s["start"], s["stop"], s["step"]),)
    if axis >= x[0].dim():
        raise IndexError("no such axis")
    return x[0][cut]


def _axes(s: Mapping[str, Any]) -> list[int]:
    return [axis + 1 for axis in s["axes"]]


_RUN: dict[str, Run] = {
    "relu": lambda x, s, t: x[0].relu(),
    "leaky_relu": lambda x, s, t: F.leaky_relu(x[0], s["slope"]),
    "prelu": _prelu,
    "elu": lambda x, s, t: F.elu(x[0], s["alpha"]),
    "selu": lambda x, s, t: F.selu(x[0]),
    "gelu": lambda x, s, t: F.gelu(x[0], approximate=s["approximate"]),
    "silu": lambda x, s, t: F.silu(x[0]),
    "mish": lambda x, s, t: F.mish(x[0]),
    "tanh": lambda x, s, t: x[0].tanh(),
    "sigmoid": lambda x, s, t: x[0].sigmoid(),
    "softplus": lambda x, s, t: F.softplus(x[0], s["beta"], s["threshold"]),
    "softsign": lambda x, s, t: F.softsign(x[0]),
    "erf": lambda x, s, t: x[0].erf(),
    "hardswish": lambda x, s, t: F.hardswish(x[0]),
    "hardsigmoid": lambda x, s, t: F.hardsigmoid(x[0]),
    "clamp": lambda x, s, t: x[0].clamp(s["low"], s["high"]),
    "softmax": lambda x, s, t: x[0].softmax(s["axis"] + 1),
    "log_softmax": lambda x, s, t: x[0].log_softmax(s["axis"] + 1),
    "linear": lambda x, s, t: F.linear(x[0], t["weight"], t.get("bias")),
    "convolution": _convolution,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "group_norm": _group_norm,
    "affine": _affine,
    "add": lambda x, s, t: x[0] + x[1],
    "subtract": lambda x, s, t: x[0] - x[1],
    "multiply": lambda x, s, t: x[0] * x[1],
    "max_pool": _max_pool,
    "average_pool": _average_pool,
    "adaptive_average": lambda x, s, t: _ADAPTIVE_AVERAGES[len(s["size"])](x[0], s["size"]),
    "adaptive_max": lambda x, s, t: _ADAPTIVE_MAXIMA[len(s["size"])](x[0], s["size"]),
    "mean": lambda x, s, t: x[0].mean(dim=_axes(s), keepdim=s["keep"]),
    "maximum": lambda x, s, t: x[0].amax(dim=_axes(s), keepdim=s["keep"]),
    "reshape": lambda x, s, t: x[0].reshape(len(x[0]), *s["shape"]),
    "permute": lambda x, s, t: x[0].permute(0, *(axis + 1 for axis in s["order"])),
    "slice": _slice,
    "pad": lambda x, s, t: F.pad(x[0], s["sizes"], value=s["value"]),
    "concatenate": lambda x, s, t: torch.cat(list(x), dim=s["axis"] + 1),
}
