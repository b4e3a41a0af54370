"""Losses that make a network modular: differentiable in its weights."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.network.tasks import Task


def task_loss(task: Task, logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy, averaged over the task's heads."""
    losses = [
        F.cross_entropy(logits[:, outputs], targets[:, index])
        for index, outputs in enumerate(task.head_slices)
    ]
    return torch.stack(losses).mean()


def layered_modularity(masses: Sequence[Tensor], labels: Sequence[Tensor], count: int) -> Tensor:
    """Q_B of a fixed partition as a function of the edge masses.

    The same figure as ``explorer.modularity.layered.layered_modularity``, with a gradient.

    Parameters
    ----------
    masses : sequence of Tensor
        Edge masses of every block, shape (next layer, this layer), each with sum 1.
    labels : sequence of Tensor
        Module of every neuron, one tensor of int64 a layer; -1 for none.
    count : int
        Number of modules.

    Returns
    -------
    Tensor
        A scalar.
    """
    indicators = [F.one_hot(label + 1, count + 1)[:, 1:].to(masses[0].dtype) for label in labels]
    total = torch.zeros((), dtype=masses[0].dtype)
    for layer, mass in enumerate(masses):
        within = indicators[layer + 1].T @ mass @ indicators[layer]
        total = total + within.trace() - within.sum(dim=0) @ within.sum(dim=1)
    return total / len(masses)


def modularity_penalty(masses: Sequence[Tensor], labels: Sequence[Tensor], count: int) -> Tensor:
    """Penalty 1 - Q_B / (1 - 1/k): 0 for k equal modules with nothing between them."""
    return 1.0 - layered_modularity(masses, labels, count) / (1.0 - 1.0 / count)
