"""The weights behind a link: taken out of their step, put back, summed to the sizes of edges."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from explorer.network.architectures.dataflow_labels import Ints
from explorer.network.architectures.dataflow_spaces import Link
from explorer.network.architectures.dataflow_steps import Step


@dataclass(frozen=True, eq=False)
class LinkWeights:
    """How the weights of a step make the edges of a link.

    Of a convolution in groups every weight is an entry by itself, since its row says which channels
    it reads; of all others the matrix is cut by columns.

    Attributes
    ----------
    link : Link
    step : Step
    sizes : pair of int
        Nodes of the target layer, and of the source layer.
    """

    link: Link
    step: Step
    sizes: tuple[int, int]

    @cached_property
    def groups(self) -> int:
        """Groups of a convolution; 1 of all else."""
        return int(self.step.settings.get("groups", 1))

    @cached_property
    def is_single(self) -> bool:
        """Whether every edge is one weight."""
        shape = self.step.tensors["weight"]
        return self.groups == 1 and all(
            (
                int(np.prod(shape[2:])) == 1,
                len(self.link.rows) == self.sizes[0],
                len(self.link.nodes) == self.sizes[1],
            )
        )

    @cached_property
    def columns(self) -> Tensor:
        """Columns of the step's weights that read the source layer."""
        return torch.from_numpy(self.link.columns)

    @cached_property
    def entries(self) -> tuple[Tensor, Tensor]:
        """Of a convolution in groups: which weights read the source layer, and their edges."""
        rows, each = self.step.tensors["weight"][:2]
        group = np.arange(rows) // (rows // self.groups)
        reads = group[:, None] * each + np.arange(each)
        node = np.full(each * self.groups, -1)
        node[self.link.columns] = self.link.nodes
        found = np.flatnonzero(node[reads] >= 0)
        edge = self.link.rows[:, None] * self.sizes[1] + node[reads]
        return torch.from_numpy(found), torch.from_numpy(edge.reshape(-1)[found])

    def take(self, weight: Tensor) -> Tensor:
        """The weights behind the link."""
        if self.link.whole:
            return weight
        if self.groups > 1:
            return weight.flatten(0, 1)[self.entries[0]]
        return weight[:, self.columns]

    def put(self, weight: Tensor, matrix: Tensor) -> None:
        """Write other weights in the place of those behind the link."""
        if self.link.whole:
            weight.copy_(matrix)
        elif self.groups > 1:
            weight.view(-1, *weight.shape[2:])[self.entries[0]] = matrix
        else:
            weight[:, self.columns] = matrix

    def fold(self, matrix: Tensor) -> Tensor:
        """Sum weights to edges, shape (target nodes, source nodes)."""
        if self.groups > 1:
            parts = matrix if not self.link.whole else matrix.flatten(0, 1)
            sums = parts.flatten(1).sum(dim=1)
            flat = sums.new_zeros(self.sizes[0] * self.sizes[1])
            return flat.index_add(0, self.entries[1], sums).reshape(self.sizes)
        if matrix.dim() > 2:
            matrix = matrix.flatten(2).sum(dim=2)
        matrix = _summed(matrix.T, self.link.nodes, self.sizes[1]).T
        return _summed(matrix, self.link.rows, self.sizes[0])

    def unfold(self, mask: Tensor) -> Tensor:
        """Say of every weight behind the link what is said of its edge."""
        weight = self.step.tensors["weight"]
        ones = (1,) * (len(weight) - 2)
        if self.groups > 1:
            chosen = mask.reshape(-1)[self.entries[1]]
            lead = weight[:2] if self.link.whole else (len(chosen),)
            return chosen.reshape(*lead, *ones)
        rows, nodes = torch.from_numpy(self.link.rows), torch.from_numpy(self.link.nodes)
        chosen = mask[rows][:, nodes]
        return chosen.reshape(*chosen.shape, *ones)

    def site(self, value: Tensor, axis: int) -> Tensor:
        """What flows into the weights; its last axis counts the nodes of the source layer."""
        shown = value.movedim(axis + 1, -1)
        if not self.link.whole:
            shown = shown[..., self.columns]
        nodes, size = self.link.nodes, self.sizes[1]
        if _is_range(nodes, size):
            return shown
        if (
            len(nodes) % size == 0
            and (np.bincount(nodes, minlength=size) * size == len(nodes)).all()
        ):
            by_place = np.argsort(nodes, kind="stable").reshape(size, -1).T
            return shown[..., torch.from_numpy(np.ascontiguousarray(by_place))]
        means = shown.new_zeros(*shown.shape[:-1], size)
        means = means.index_add(-1, torch.from_numpy(nodes), shown.abs())
        return means / torch.from_numpy(np.bincount(nodes, minlength=size).clip(1))


def _is_range(nodes: Ints, size: int) -> bool:
    return len(nodes) == size and np.array_equal(nodes, np.arange(size))


def _summed(matrix: Tensor, nodes: Ints, size: int) -> Tensor:
    """Sum the rows that belong to each node."""
    if _is_range(nodes, size):
        return matrix
    places = len(nodes) // size
    if np.array_equal(nodes, np.repeat(np.arange(size), places)):
        return matrix.reshape(size, places, -1).sum(dim=1)
    sums = matrix.new_zeros(size, matrix.shape[1])
    return sums.index_add(0, torch.from_numpy(nodes), matrix)
