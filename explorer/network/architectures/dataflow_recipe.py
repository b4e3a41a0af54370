"""A network being written down step by step, with its tensors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_running import shape_after
from explorer.network.architectures.dataflow_steps import MAX_STEPS, Step


class Recipe:
    """Steps with their tensors, in an order in which they can be run.

    Whoever reads a plan (a trace of an ``nn.Module``, an ONNX file, the names of tensors) writes
    one; ``explorer.network.architectures.dataflow_forms.network_from`` makes the network.

    Parameters
    ----------
    input_shape : sequence of int
        Of one example, without the axis of examples.

    Attributes
    ----------
    steps : list of Step
    tensors : list of dict of str to Tensor
        Of every step, in single precision.
    shapes : list of tuple of int
        Of every value for one example: the input, then what each step gives.
    notes : list of str
        Sentences that people must know of the network.

    Examples
    --------
    >>> recipe = Recipe((4,))
    >>> recipe.add("linear", 0, weight=torch.ones(3, 4))
    1
    >>> recipe.add("relu", 1), recipe.shapes
    (2, [(4,), (3,), (3,)])
    """

    def __init__(self, input_shape: Sequence[int]) -> None:
        self.steps: list[Step] = []
        self.tensors: list[dict[str, Tensor]] = []
        self.shapes: list[tuple[int, ...]] = [tuple(int(size) for size in input_shape)]
        self.notes: list[str] = []

    def add(
        self,
        kind: str,
        inputs: int | Sequence[int],
        settings: Mapping[str, Any] | None = None,
        **tensors: Tensor | None,
    ) -> int:
        """Add a step; return the number of the value that it gives.

        Raises
        ------
        ArchitectureError
            If it cannot take what it reads.
        """
        read = (inputs,) if isinstance(inputs, int) else tuple(inputs)
        held = {role: _single(t, role, kind) for role, t in tensors.items() if t is not None}
        shapes = {role: tuple(tensor.shape) for role, tensor in held.items()}
        step = Step(kind, read, dict(settings or {}), shapes)
        self.shapes.append(shape_after(step, [self.shapes[place] for place in read]))
        self.steps.append(step)
        self.tensors.append(held)
        if len(self.steps) > MAX_STEPS:
            raise ArchitectureError(
                f"found more than {MAX_STEPS:,} steps; networks of that many cannot be opened"
            )
        return len(self.steps)

    def batch_norm(
        self,
        value: int,
        mean: Tensor,
        variance: Tensor,
        gain: Tensor | None,
        shift: Tensor | None,
        eps: float,
    ) -> int:
        """Add a batch norm with the statistics that it learned, as one gain and shift a channel."""
        # numpy's root is rounded as IEEE 754 says and as exporters that fold take it; torch's is
        # not on every processor, and graphs of one network must not differ in the last bit.
        spread = torch.from_numpy(np.sqrt((variance.float() + eps).numpy()))
        scale = (torch.ones_like(spread) if gain is None else gain) / spread
        moved = (torch.zeros_like(spread) if shift is None else shift) - mean * scale
        axes = (-1, *(1,) * (len(self.shapes[value]) - 1))
        return self.add("affine", value, scale=scale.reshape(axes), shift=moved.reshape(axes))


def _single(tensor: Tensor, role: str, kind: str) -> Tensor:
    if not tensor.dtype.is_floating_point:
        raise ArchitectureError(
            f"found a {role} of a step {kind} of type {str(tensor.dtype).removeprefix('torch.')}; "
            f"expected floating-point weights"
        )
    return tensor.detach().to(torch.float32)
