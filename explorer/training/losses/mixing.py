"""Mass from module to module, for hard and for soft modules."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def indicators(labels: Sequence[Tensor], count: int, dtype: torch.dtype) -> list[Tensor]:
    """One row a neuron, 1 at its module; zeros for a neuron of none (label -1)."""
    return [F.one_hot(label + 1, count + 1)[:, 1:].to(dtype) for label in labels]


def crossing_masses(
    masses: Sequence[Tensor],
    labels: Sequence[Tensor],
    count: int,
    links: Sequence[tuple[int, int]],
) -> Tensor:
    """Mass from module to module over all links, shape (target module, source module)."""
    parts = module_blocks(masses, indicators(labels, count, masses[0].dtype), links)
    return torch.stack(parts).sum(dim=0)


def module_blocks(
    masses: Sequence[Tensor], members: Sequence[Tensor], links: Sequence[tuple[int, int]]
) -> list[Tensor]:
    """Mass from module to module, one matrix (target module, source module) a link.

    Parameters
    ----------
    masses : sequence of Tensor, shape (target neurons, source neurons)
    members : sequence of Tensor, shape (neurons of the layer, modules)
        How much each neuron belongs to each module.
    links : sequence of (int, int)
        Source and target layer of every matrix of masses.
    """
    return [
        members[target].T @ mass @ members[source]
        for mass, (source, target) in zip(masses, links, strict=True)
    ]


def mixed_modularity(
    masses: Sequence[Tensor], members: Sequence[Tensor], links: Sequence[tuple[int, int]]
) -> Tensor:
    """Q_B of modules that neurons may belong to in part, averaged over the links."""
    within = module_blocks(masses, members, links)
    parts = [block.trace() - block.sum(dim=0) @ block.sum(dim=1) for block in within]
    return torch.stack(parts).mean()
