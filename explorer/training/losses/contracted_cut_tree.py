"""Cuts between whole modules, from the exact cut tree over them: the Gomory-Hu loss that works."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.cut_tree.differentiable import CutValues
from explorer.network.architectures import Network
from explorer.network.graph import Floats, Ints, NetworkGraph
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss
from explorer.training.losses.mixing import crossing_masses


class ContractedCutTree(ModularityLoss):
    """Penalty 1/(k-1) sum_e cut_e / min(vol S_e, vol rest) over the edges of the modules' tree.

    Each module of the current partition is contracted to one node, and the exact Gomory-Hu tree of
    these k nodes is computed at every refresh. Its k - 1 edges are minimum cuts that keep modules
    whole; each is divided by the volume of its smaller side, so that cutting off a crumb does not
    pay. For k = 2 this is the conductance of the split. The partition is that of largest Q_B, which
    knows layers: conductance alone would part a network by depth.

    A module without any mass counts as a cut of 1, its worst.

    References
    ----------
    Gomory and Hu (1961), Multi-terminal network flows, J. SIAM 9, 551-570. Kannan, Vempala, Vetta
    (2004), On clusterings: good, bad and spectral, J. ACM 51, 497-515: conductance.
    """

    title: ClassVar[str] = "Cut tree of the modules"
    summary: ClassVar[str] = (
        "Shrinks the minimum cuts between whole modules, each as a share of the smaller side's "
        "volume."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.cuts: CutValues | None = None

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Find the partition, contract its modules and compute their tree."""
        super().refresh(graph, slopes)
        masses = [torch.from_numpy(block.dense().copy()) for block in graph.blocks]
        between, _ = self._contracted(masses)
        self.cuts = self._empty_tree()
        self.cuts.refresh(between)

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Mean over the tree's edges of cut / volume of the smaller side."""
        assert self.cuts is not None
        assert self.cuts.parent is not None
        between, volumes = self._contracted(masses)
        below = torch.from_numpy(_below(self.cuts.parent)).to(volumes.dtype)
        side = below @ volumes
        smaller = torch.minimum(side, volumes.sum() - side)
        empty = smaller <= 0
        share = self.cuts(between) / torch.where(empty, torch.ones_like(smaller), smaller)
        return torch.where(empty, torch.ones_like(share), share).mean()

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly: the partition and the tree."""
        kept = super().state()
        if self.cuts is not None and self.cuts.parent is not None:
            kept["parent"] = torch.from_numpy(self.cuts.parent.copy())
        return kept

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        super().restore(state)
        self.cuts = None
        if "parent" in state:
            self.cuts = self._empty_tree()
            self.cuts.parent = state["parent"].numpy().copy()

    def _empty_tree(self) -> CutValues:
        first, second = np.triu_indices(self.count, k=1)
        return CutValues(self.count, first.astype(np.int64), second.astype(np.int64))

    def _contracted(self, masses: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Mass between every two modules, and the volume of each."""
        crossing = crossing_masses(masses, self.by_layer, self.count, self.links)
        first, second = np.triu_indices(self.count, k=1)
        both = crossing + crossing.T
        return both[first, second], both.sum(dim=1)


def _below(parent: Ints) -> Ints:
    """For every node but the root, which nodes are under it in the tree, itself included."""
    under = np.eye(len(parent), dtype=np.int64)
    for node in range(len(parent)):
        above = parent[node]
        while above >= 0:
            under[above, node] = 1
            above = parent[above]
    return np.asarray(under[parent >= 0])
