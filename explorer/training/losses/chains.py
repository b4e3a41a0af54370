"""Q_B of a chain of layers as one differentiable operation, and what is averaged for it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.network.architectures import MLP, Activity, Network, Trace, activity_of
from explorer.network.graph import Ints
from explorer.training.losses.chain_kernels import average_activity, layered_value_and_gradient

_AVERAGE = 0.95  # of the moving averages of activity


def averaged_activity(before: Activity | None, trace: Trace) -> Activity:
    """Mix what happens on a batch into moving averages.

    Parameters
    ----------
    before : Activity or None
        Changed in place; None for a start.
    trace : Trace

    Returns
    -------
    Activity
        ``before`` itself, if there was one.
    """
    if before is None:
        return activity_of(trace)
    for site, mean, share in zip(trace.sites, before.mean, before.active_share, strict=True):
        rows = site.detach().reshape(-1, site.shape[-1])
        average_activity(rows.numpy(), mean.numpy(), share.numpy(), _AVERAGE)
    return before


class ChainModularity:
    """Q_B of a fixed partition of a chain of layers, differentiable in the network's weights.

    The same figure as ``explorer.training.losses.layered.layered_modularity`` of
    ``explorer.network.weightings.graph_masses``, in one operation.

    Parameters
    ----------
    widths : sequence of int
        Neurons of every layer.
    weighting : {"activity", "path", "layer"}
    """

    def __init__(self, widths: Sequence[int], weighting: str) -> None:
        self.widths = np.array(widths, dtype=np.int64)
        self.weighting = weighting
        self.ones = np.ones(int(self.widths.sum()), dtype=np.float32)

    def __call__(
        self, network: Network, activity: Activity | None, labels: Ints, count: int
    ) -> Tensor:
        """Q_B, a scalar."""
        # Of an MLP the weights themselves, which saves an operation a layer each way.
        edges = network.weights if isinstance(network, MLP) else network.magnitudes()
        means = shares = self.ones
        if self.weighting == "activity":
            assert activity is not None
            means = torch.cat(activity.mean).numpy()
            shares = torch.cat(activity.active_share).numpy()
        value: Tensor = _LayeredFunction.apply(self, labels, count, means, shares, *edges)  # type: ignore[no-untyped-call]
        return value


class _LayeredFunction(torch.autograd.Function):
    """Value and gradient at once forwards; backwards the gradient is only scaled."""

    @staticmethod
    def forward(
        ctx: Any,
        chain: ChainModularity,
        labels: Ints,
        count: int,
        means: np.ndarray,
        shares: np.ndarray,
        *edges: Tensor,
    ) -> Tensor:
        flat = torch.cat([edge.detach().reshape(-1) for edge in edges])
        gradient = torch.empty_like(flat)
        value = layered_value_and_gradient(
            flat.numpy(),
            chain.widths,
            labels,
            count,
            means,
            shares,
            chain.weighting == "path",
            chain.weighting != "layer",
            gradient.numpy(),
        )
        ctx.gradient, ctx.shapes = gradient, [edge.shape for edge in edges]
        return flat.new_tensor(value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        scaled = ctx.gradient * gradients[0]
        parts = scaled.split([shape.numel() for shape in ctx.shapes])
        shaped = [part.view(shape) for part, shape in zip(parts, ctx.shapes, strict=True)]
        return None, None, None, None, None, *shaped


def l1_norm(matrices: Sequence[Tensor]) -> Tensor:
    """Sum of |weights| over all matrices."""
    value: Tensor = _L1Function.apply(*matrices)  # type: ignore[no-untyped-call]
    return value


class _L1Function(torch.autograd.Function):
    """One operation for all matrices, where torch would take three for each."""

    @staticmethod
    def forward(ctx: Any, *matrices: Tensor) -> Tensor:
        flat = torch.cat([matrix.detach().reshape(-1) for matrix in matrices])
        ctx.sign, ctx.shapes = flat.sign(), [matrix.shape for matrix in matrices]
        return flat @ ctx.sign

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        parts = (ctx.sign * gradients[0]).split([shape.numel() for shape in ctx.shapes])
        return tuple(part.view(shape) for part, shape in zip(parts, ctx.shapes, strict=True))
