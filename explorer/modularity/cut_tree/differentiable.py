"""Cut values as a differentiable function of a graph's weights, for losses in torch."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.errors import GraphError
from explorer.modularity.cut_tree.engine import gomory_hu_arrays
from explorer.modularity.cut_tree.gradient import cut_value_gradient
from explorer.modularity.cut_tree.verification import cut_values
from explorer.network.graph import Ints


class CutValues:
    """The values of a cut tree's edges, differentiable in the weights of the graph.

    The tree is computed now and then (``refresh``) and kept in between: a stale tree. Its cuts are
    cuts of the changed graph too, with values that are exact, but they may no longer be minimum
    cuts; each is then an upper bound of the minimum cut between its two ends.

    Parameters
    ----------
    n : int
        Number of nodes.
    u, v : array of int, shape (edges,)
        The two ends of every edge.

    Examples
    --------
    >>> cuts = CutValues(3, np.array([0, 1, 0]), np.array([1, 2, 2]))
    >>> weight = torch.tensor([3.0, 2.0, 1.0], requires_grad=True)
    >>> cuts.refresh(weight)
    >>> cuts(weight).sum().backward()
    >>> weight.grad
    tensor([1., 1., 2.])
    """

    def __init__(self, n: int, u: Ints, v: Ints) -> None:
        self.n, self.u, self.v = n, u, v
        self.parent: Ints | None = None

    def refresh(self, weight: Tensor) -> None:
        """Compute the tree for these weights, shape (edges,)."""
        self.parent, _ = gomory_hu_arrays(
            self.n, self.u, self.v, weight.detach().double().cpu().numpy()
        )

    def __call__(self, weight: Tensor) -> Tensor:
        """Return the value of every tree edge but the root's, shape (nodes - 1,).

        Raises
        ------
        GraphError
            If the tree was never computed.
        """
        if self.parent is None:
            raise GraphError("found no tree yet; expected refresh(weight) before the first call")
        values: Tensor = _CutValueFunction.apply(weight, self.n, self.u, self.v, self.parent)  # type: ignore[no-untyped-call]
        return values


class _CutValueFunction(torch.autograd.Function):
    """Cut values forwards; the sum over tree paths backwards."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, n: int, u: Ints, v: Ints, parent: Ints) -> Tensor:
        ctx.graph = n, u, v, parent
        values = cut_values(n, u, v, weight.detach().double().cpu().numpy(), parent)
        return torch.from_numpy(values[parent >= 0]).to(weight)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        n, u, v, parent = ctx.graph
        (gradient,) = gradients
        full = np.zeros(n)
        full[parent >= 0] = gradient.detach().double().cpu().numpy()
        return torch.from_numpy(cut_value_gradient(n, u, v, parent, full)).to(gradient), *[None] * 4
