"""Q_B of a chain of layers with its gradient in one operation, and what is averaged for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.network.architectures import MLP, Activity, Network, Trace, activity_of
from explorer.network.graph import Floats, Ints
from explorer.training.losses.base import Penalty
from explorer.training.losses.chain_kernels import average_activity, layered_value_and_gradient

_AVERAGE = 0.95  # of the moving averages of activity


@dataclass(frozen=True, eq=False)
class FlatActivity(Activity):
    """Activity whose tensors are parts of two arrays, one site behind the other."""

    means: Floats
    shares: Floats


def averaged_activity(before: Activity | None, trace: Trace) -> FlatActivity:
    """Mix what happens on a batch into moving averages.

    Parameters
    ----------
    before : Activity or None
        None for a start.
    trace : Trace

    Returns
    -------
    FlatActivity
    """
    if before is None:
        return _flat(activity_of(trace))
    if not isinstance(before, FlatActivity):
        before = _flat(before)
    means, shares = np.empty_like(before.means), np.empty_like(before.shares)
    start = 0
    for site in trace.sites:
        rows = site.detach().reshape(-1, site.shape[-1]).contiguous().numpy()
        part = slice(start, start + site.shape[-1])
        old = before.means[part], before.shares[part]
        average_activity(rows, *old, _AVERAGE, means[part], shares[part])
        start = part.stop
    sizes = [site.shape[-1] for site in trace.sites]
    return _parted(means, shares, sizes)


class ChainModularity:
    """Q_B of a fixed partition of a chain of layers, and its derivative by the weights.

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
        self.ones: Floats = np.asarray(np.ones(int(self.widths.sum()), dtype=np.float32))

    def penalty(
        self, network: Network, activity: Activity | None, labels: Ints, count: int, strength: float
    ) -> Penalty:
        """1 - Q_B / (1 - 1/k), its gradient weighted with ``strength``."""
        # Of an MLP the weights themselves, which saves an operation a layer each way.
        edges = network.weights if isinstance(network, MLP) else network.magnitudes()
        means: Floats = self.ones
        shares: Floats = self.ones
        if self.weighting == "activity":
            assert activity is not None
            flat = activity if isinstance(activity, FlatActivity) else _flat(activity)
            means, shares = flat.means, flat.shares
        weights = torch.cat([edge.detach().reshape(-1) for edge in edges])
        gradient = torch.empty_like(weights)
        largest = 1.0 - 1.0 / count
        value = layered_value_and_gradient(
            weights.numpy(),
            self.widths,
            labels,
            count,
            means,
            shares,
            self.weighting == "path",
            self.weighting != "layer",
            -strength / largest,
            gradient.numpy(),
        )
        parts = torch.split(gradient, [edge.numel() for edge in edges])
        return Penalty(
            1.0 - value / largest,
            edges,
            tuple(part.view_as(edge) for part, edge in zip(parts, edges, strict=True)),
        )


def l1_gradients(matrices: Sequence[Tensor], strength: float) -> tuple[Tensor, ...]:
    """Derivative of the sum of |weights| by every matrix, weighted with ``strength``."""
    signs = torch._foreach_sign([matrix.detach() for matrix in matrices])
    torch._foreach_mul_(signs, strength)
    return tuple(signs)


def _flat(activity: Activity) -> FlatActivity:
    return _parted(
        torch.cat(activity.mean).numpy(),
        torch.cat(activity.active_share).numpy(),
        [len(mean) for mean in activity.mean],
    )


def _parted(means: Floats, shares: Floats, sizes: list[int]) -> FlatActivity:
    return FlatActivity(
        torch.split(torch.from_numpy(means), sizes),
        torch.split(torch.from_numpy(shares), sizes),
        means,
        shares,
    )
