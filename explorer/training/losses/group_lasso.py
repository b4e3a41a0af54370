"""Group lasso over the blocks of weights that lead from one module to another."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from explorer.network.architectures import Network
from explorer.training.losses.base import ModularityLoss
from explorer.training.losses.mixing import indicators, module_blocks


class GroupLasso(ModularityLoss):
    """Penalty: sum over links and pairs of modules a != b of sqrt(n_ab) times the norm of A_ab.

    A group is the block of n_ab edges of one link that lead from module a to module b of the
    current partition; blocks inside modules are not penalised. The norm is Euclidean, over the
    edges' masses, so that a block is pulled to zero as a whole; in this it differs from
    L1 between modules. The sum is divided by the number of links and by 1 - 1/k, which makes it 1
    for masses that are all alike.

    References
    ----------
    Yuan and Lin (2006), Model selection and estimation in regression with grouped variables, J. R.
    Stat. Soc. B 68, 49-67.
    """

    title: ClassVar[str] = "Group lasso"
    summary: ClassVar[str] = (
        "Pulls whole blocks of weights between two modules to zero; one group for each link and "
        "pair of modules."
    )

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Norms of the blocks between modules, 1 for masses that are all alike."""
        members = indicators(self.by_layer, self.count, masses[0].dtype)
        squares = module_blocks([mass**2 for mass in masses], members, self.links)
        between = 1.0 - torch.eye(self.count, dtype=masses[0].dtype)
        total = torch.zeros((), dtype=masses[0].dtype)
        for square, (source, target) in zip(squares, self.links, strict=True):
            edges = members[target].sum(dim=0)[:, None] * members[source].sum(dim=0)[None, :]
            # An empty block has no slope: sqrt alone would make it infinite.
            norms = (edges * square).clamp_min(1e-18).sqrt()
            total = total + (norms * between).sum()
        return total / (len(masses) * (1.0 - 1.0 / self.count))
