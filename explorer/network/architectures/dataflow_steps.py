"""What a network of any plan is made of: steps, as plain data that is checked before it is run."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.errors import ArchitectureError

MAX_STEPS = 5_000
MAX_NUMBERS = 400_000_000  # in all tensors of a network together
_MAX_AXES = 8
_MAX_COUNT = 2**31 - 1


@dataclass(frozen=True)
class Step:
    """One operation of a network.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    inputs : tuple of int
        Which values it reads: 0 is what the network reads, n what step n gave, counted from 1.
    settings : mapping
        Such as the stride of a convolution. Axes are counted without the one of examples.
    tensors : mapping of str to tuple of int
        Shapes of its tensors, such as ``weight`` and ``bias``.
    """

    kind: str
    inputs: tuple[int, ...]
    settings: Mapping[str, Any]
    tensors: Mapping[str, tuple[int, ...]]

    def describe(self) -> dict[str, Any]:
        """The step as plain data."""
        return {
            "kind": self.kind,
            "inputs": list(self.inputs),
            "settings": dict(self.settings),
            "tensors": {role: list(shape) for role, shape in self.tensors.items()},
        }


Check = Callable[[Any], bool]


def _whole(low: int, high: int = _MAX_COUNT) -> Check:
    return lambda value: type(value) is int and low <= value <= high


def _several(one: Check) -> Check:
    return lambda value: (
        isinstance(value, list) and len(value) <= 2 * _MAX_AXES and all(one(item) for item in value)
    )


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _flag(value: Any) -> bool:
    return type(value) is bool


_AXIS = _whole(0, _MAX_AXES - 1)
_COUNTS, _PADS = _several(_whole(1)), _several(_whole(0))


@dataclass(frozen=True)
class Kind:
    """What a kind of step takes.

    Attributes
    ----------
    settings : mapping of str to callable
        A check of every setting; all are there.
    required, optional : tuple of str
        Its tensors.
    inputs : int
        How many values it reads; 0 for one or more.
    """

    settings: Mapping[str, Check]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    inputs: int = 1


_POOL: dict[str, Check] = {"size": _COUNTS, "stride": _COUNTS, "padding": _PADS, "ceil": _flag}

ACTIVATIONS: dict[str, Kind] = {
    "relu": Kind({}),
    "leaky_relu": Kind({"slope": _number}),
    "prelu": Kind({}, ("slope",)),
    "elu": Kind({"alpha": _number}),
    "selu": Kind({}),
    "gelu": Kind({"approximate": lambda value: value in ("none", "tanh")}),
    "silu": Kind({}),
    "mish": Kind({}),
    "tanh": Kind({}),
    "sigmoid": Kind({}),
    "softplus": Kind({"beta": _number, "threshold": _number}),
    "softsign": Kind({}),
    "erf": Kind({}),
    "hardswish": Kind({}),
    "hardsigmoid": Kind({}),
    "clamp": Kind({"low": _number, "high": _number}),
    "softmax": Kind({"axis": _AXIS}),
    "log_softmax": Kind({"axis": _AXIS}),
}
WEIGHTS: dict[str, Kind] = {
    "linear": Kind({}, ("weight",), ("bias",)),
    "convolution": Kind(
        {"stride": _COUNTS, "padding": _PADS, "dilation": _COUNTS, "groups": _whole(1)},
        ("weight",),
        ("bias",),
    ),
}
NORMS: dict[str, Kind] = {
    "layer_norm": Kind({"axes": _whole(1, _MAX_AXES), "eps": _number}, (), ("scale", "shift")),
    "rms_norm": Kind({"axes": _whole(1, _MAX_AXES), "eps": _number}, (), ("scale",)),
    "group_norm": Kind({"groups": _whole(1), "eps": _number}, (), ("scale", "shift")),
    "affine": Kind({}, (), ("scale", "shift")),
}
JOINS: dict[str, Kind] = {
    "add": Kind({}, inputs=2),
    "subtract": Kind({}, inputs=2),
    "multiply": Kind({}, inputs=2),
}
POOLS: dict[str, Kind] = {
    "max_pool": Kind({**_POOL, "dilation": _COUNTS}),
    "average_pool": Kind({**_POOL, "count_padding": _flag}),
    "adaptive_average": Kind({"size": _COUNTS}),
    "adaptive_max": Kind({"size": _COUNTS}),
    "mean": Kind({"axes": _several(_AXIS), "keep": _flag}),
    "maximum": Kind({"axes": _several(_AXIS), "keep": _flag}),
}
SHAPES: dict[str, Kind] = {
    "reshape": Kind({"shape": _COUNTS}),
    "permute": Kind({"order": _several(_AXIS)}),
    "slice": Kind({"axis": _AXIS, "start": _whole(0), "stop": _whole(0), "step": _whole(1)}),
    "pad": Kind({"sizes": _PADS, "value": _number}),
    "concatenate": Kind({"axis": _AXIS}, inputs=0),
}
KINDS: dict[str, Kind] = ACTIVATIONS | WEIGHTS | NORMS | JOINS | POOLS | SHAPES


def steps_from(listed: Any) -> tuple[Step, ...]:
    """Read steps off plain data.

    Raises
    ------
    ArchitectureError
        If something is not as ``Step.describe`` writes it, or over a limit.
    """
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_STEPS:
        raise ArchitectureError(
            f"found steps {listed!r:.60}; expected a list of 1 to {MAX_STEPS:,} of them"
        )
    steps = tuple(_step(one, place) for place, one in enumerate(listed, start=1))
    numbers = sum(math.prod(shape) for step in steps for shape in step.tensors.values())
    if numbers > MAX_NUMBERS:
        raise ArchitectureError(
            f"found steps of {numbers:,} weights; expected at most {MAX_NUMBERS:,}"
        )
    return steps


def shape_from(value: Any, what: str) -> tuple[int, ...]:
    """Read a shape off plain data."""
    if not _COUNTS(value) or len(value) > _MAX_AXES or math.prod(value) > MAX_NUMBERS:
        raise ArchitectureError(
            f"found {what} {value!r:.60}; expected a list of at most {_MAX_AXES} whole numbers"
        )
    return tuple(value)


def _step(one: Any, place: int) -> Step:
    if not isinstance(one, dict) or set(one) != {"kind", "inputs", "settings", "tensors"}:
        raise ArchitectureError(
            f"found a step {one!r:.80}; expected its kind, inputs, settings and tensors"
        )
    kind, settings, tensors = one["kind"], one["settings"], one["tensors"]
    known = KINDS.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise ArchitectureError(
            f"found a step of the kind {kind!r:.60}; expected one of {', '.join(KINDS)}"
        )
    inputs = one["inputs"]
    counted = isinstance(inputs, list) and 1 <= len(inputs) <= MAX_STEPS
    if not counted or not all(_whole(0, place - 1)(item) for item in inputs):
        raise ArchitectureError(
            f"found a step {kind} that reads the values {inputs!r:.60}; expected numbers of steps "
            f"before it"
        )
    if known.inputs and len(inputs) != known.inputs:
        raise ArchitectureError(
            f"found a step {kind} that reads {len(inputs)} values; expected {known.inputs}"
        )
    fits = isinstance(settings, dict) and set(settings) == set(known.settings)
    if not fits or not all(check(settings[name]) for name, check in known.settings.items()):
        raise ArchitectureError(
            f"found a step {kind} with the settings {settings!r:.80}; expected "
            f"{', '.join(known.settings) or 'none'}"
        )
    if not isinstance(tensors, dict) or not set(known.required) <= set(tensors) <= {
        *known.required,
        *known.optional,
    }:
        raise ArchitectureError(
            f"found a step {kind} with the tensors {tensors!r:.80}; expected "
            f"{', '.join((*known.required, *known.optional)) or 'none'}"
        )
    shapes = {role: shape_from(shape, f"a {role} of shape") for role, shape in tensors.items()}
    return Step(kind, tuple(inputs), settings, shapes)


def as_list(values: int | Sequence[int], axes: int) -> list[int]:
    """One number for every axis, where one may stand for all."""
    listed = [values] if isinstance(values, int) else list(values)
    return listed * axes if len(listed) == 1 else listed
