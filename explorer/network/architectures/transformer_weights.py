"""The weight matrices of a transformer's blocks, and the sizes of the edges they stand for."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.network.architectures.base import Activity, Change
from explorer.network.architectures.families import Family
from explorer.network.architectures.transformer_module import heads_of


class BlockWeights:
    """Weights of one block of a module, by role.

    Parameters
    ----------
    family : Family
    body : nn.Module
        Of transformers.
    index : int
        Of the block.
    """

    def __init__(self, family: Family, body: Any, index: int) -> None:
        self.family, self.body, self.index = family, body, index
        self.heads, self.groups, self.size = heads_of(body.config)
        self.block = body.get_submodule(family.blocks)[index]

    def owner(self, role: str) -> Any:
        """The module that holds the matrix of a role."""
        return self.block.get_submodule(getattr(self.family, role))

    def matrix(self, role: str) -> Tensor:
        """The matrix of a role, of shape (out, in): a view, but where rows lie head by head."""
        weight: Tensor = self.owner(role).weight
        whole = weight.t() if self.family.transposed else weight
        if not self.family.fused or role not in ("query", "key", "value"):
            return whole
        place = ("query", "key", "value").index(role)
        if self.family.fused == "stacked":
            return whole.chunk(3)[place]
        return whole.reshape(self.heads, 3, -1, whole.shape[1])[:, place].flatten(0, 1)

    def replaced(self, matrices: Sequence[Tensor]) -> dict[str, Tensor]:
        """Return the parameters, by name within the block, that hold these matrices instead."""
        given = dict(zip(self.family.roles, matrices, strict=True))
        if self.family.fused:
            three = [given.pop(role) for role in ("query", "key", "value")]
            if self.family.fused == "stacked":
                whole = torch.cat(three)
            else:
                parts = [matrix.reshape(self.heads, -1, matrix.shape[1]) for matrix in three]
                whole = torch.stack(parts, dim=1).flatten(0, 2)
            given["query"] = whole
        return {
            f"{getattr(self.family, role)}.weight": (
                matrix.t() if self.family.transposed else matrix
            ).contiguous()
            for role, matrix in given.items()
        }

    def cut(self, masks: Sequence[Tensor]) -> list[Tensor]:
        """Turn masks of all edges, a link each, into those of the block's matrices."""
        own = masks[4 * self.index : 4 * self.index + 4]
        into_heads, out_of_heads, into_neurons, out_of_neurons = own
        shared = into_heads.reshape(self.groups, -1, into_heads.shape[1]).all(dim=1)
        found = {
            "query": into_heads.repeat_interleave(self.size, dim=0),
            "key": shared.repeat_interleave(self.size, dim=0),
            "value": shared.repeat_interleave(self.size, dim=0),
            "out": out_of_heads.repeat_interleave(self.size, dim=1),
            "gate": into_neurons,
            "up": into_neurons,
            "down": out_of_neurons,
        }
        return [found[role] for role in self.family.roles]

    def magnitude(self, part: int, activity: Activity | None, change: Change | None) -> Tensor:
        """Sizes of the edges of one of the block's four links, in single precision."""

        def sizes(role: str) -> Tensor:
            matrix = self.matrix(role)
            if change is not None:
                roles = self.family.roles
                matrix = change(self.index * len(roles) + roles.index(role), matrix.float())
            return matrix.abs().float()

        mean = None if activity is None else activity.mean[4 * self.index + part]
        if part == 0:
            rows = self._head_rows("query", sizes) + self._head_rows("key", sizes)
            rows = rows + self._head_rows("value", sizes)
        elif part == 1:
            rows = sizes("out")
            rows = rows if mean is None else _times(rows, mean)
            rows = rows.reshape(len(rows), self.heads, self.size).sum(dim=2)
        elif part == 2:
            rows = _plus(sizes("up"), sizes("gate")) if self.family.gate else sizes("up")
        else:
            rows = sizes("down")
            rows = rows if mean is None else _times(rows, mean)
        if part % 2 == 0:  # the gain of the norm is in what was measured behind it
            return _times(rows, self._gain_read(part // 2) if mean is None else mean)
        after = self.family.norms_after
        return _times(rows, self._gain(after[part // 2])[:, None]) if after else rows

    def signed(self, part: int) -> Tensor:
        """Weights of a link, with their signs where an edge is a single one; else its sizes."""
        sizes = self.magnitude(part, None, None)
        if part < 2 or (part == 2 and self.family.gate):
            return sizes
        return self.matrix("up" if part == 2 else "down").sign().float() * sizes

    def _head_rows(self, role: str, sizes: Callable[[str], Tensor]) -> Tensor:
        """Sum the rows of every head; those of a shared key or value count for all who share."""
        rows = sizes(role)
        rows = rows.reshape(-1, self.size, rows.shape[1])
        if self.family.head_norms and role != "value":
            rows = _times(rows, self._gain(self.family.head_norms[role == "key"])[:, None])
        summed = rows.sum(dim=1)
        return summed.repeat_interleave(self.heads // len(summed), dim=0)

    def _gain(self, norm: str, owner: Any = None) -> Tensor:
        weight: Tensor = (owner or self.block).get_submodule(norm).weight.float()
        return (weight + self.family.unit_gain).abs()

    def _gain_read(self, which: int) -> Tensor:
        """Gains of the norm through which attention (0) or feed-forward layer (1) reads."""
        norm = self.family.norms[which]
        if which or not self.family.first_norm:
            return self._gain(norm)
        if self.index == 0:
            return self._gain(self.family.first_norm, self.body)
        return self._gain(norm, self.body.get_submodule(self.family.blocks)[self.index - 1])


def _times(fresh: Tensor, other: Tensor) -> Tensor:
    """Multiply a tensor that nobody else holds: in place, which is faster, but for gradients."""
    return fresh * other if fresh.requires_grad or other.requires_grad else fresh.mul_(other)


def _plus(fresh: Tensor, other: Tensor) -> Tensor:
    return fresh + other if fresh.requires_grad or other.requires_grad else fresh.add_(other)
