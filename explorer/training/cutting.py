"""Which weights stay when a run cuts the interfaces of its modules.

A penalty leaves many small weights between modules, and keeps pulling at weights within them that
the task needs. Once the modules have formed it can go: of the weights between modules all but some
of the heaviest are set to 0 and held there, and the rest is trained for the task. That the
interfaces are small is then certain, and accuracy that the penalty cost comes back. It is magnitude
pruning, of the interfaces alone.

References
----------
Han, Pool, Tran, Dally (2015), Learning both weights and connections for efficient neural networks,
arXiv:1506.02626: prune small weights, then train the rest.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from explorer.network.architectures import Network
from explorer.network.graph import Ints


def weights_that_stay(
    network: Network, masses: Sequence[Tensor], labels: Ints, limit: int
) -> tuple[Tensor, ...]:
    """Tell of every weight whether it stays: all within modules, and the heaviest between them.

    Parameters
    ----------
    network : Network
    masses : sequence of Tensor
        Edge masses of every link.
    labels : array of int, shape (nodes,)
        Module of every node.
    limit : int
        Edges between modules that stay; one of a GPT or a CNN stands for several weights.

    Returns
    -------
    tuple of Tensor
        1 or 0, in the shapes of ``network.matrices``.

    Examples
    --------
    >>> from explorer.network.architectures import MLP
    >>> masses = [torch.tensor([[0.4, 0.3], [0.1, 0.2]])]
    >>> weights_that_stay(MLP([2, 2]), masses, np.array([0, 1, 0, 1]), limit=1)[0].tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    parts = np.split(labels, np.cumsum([layer.size for layer in network.neuron_layers])[:-1])
    between = [
        torch.from_numpy(parts[target][:, None] != parts[source][None, :])
        for source, target in network.links
    ]
    flat = torch.cat([block.reshape(-1) for block in between])
    order = torch.cat([mass.detach().reshape(-1) for mass in masses])
    order = torch.where(flat, order, -1.0).argsort(descending=True, stable=True)
    flat[order[:limit]] = False
    cut = torch.split(flat, [block.numel() for block in between])
    shaped = [part.reshape(block.shape) for part, block in zip(cut, between, strict=True)]
    return weights_outside(network, shaped)


def weights_outside(network: Network, edges: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Tell of every weight whether it is behind none of some edges.

    Parameters
    ----------
    network : Network
    edges : sequence of Tensor of bool
        True for an edge, one tensor of shape (target neurons, source neurons) a link.

    Returns
    -------
    tuple of Tensor
        1 or 0, in the shapes of ``network.matrices``.
    """
    ones = network.with_matrices([torch.ones_like(matrix) for matrix in network.matrices])
    return tuple(matrix.detach() for matrix in ones.without_edges(edges).matrices)


def hold(network: Network, kept: Sequence[Tensor]) -> None:
    """Set weights to 0 that are not to be kept; ``kept`` is as ``weights_outside`` gives it."""
    with torch.no_grad():
        torch._foreach_mul_(list(network.matrices), list(kept))
