"""Q_B of soft modules: neurons may belong to several in part."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.layered import layered_profiles
from explorer.network.architectures import Network
from explorer.network.graph import Floats, NetworkGraph
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss
from explorer.training.losses.mixing import mixed_modularity

_SHARPNESS = 4.0


class SoftLayered(ModularityLoss):
    """Penalty 1 - Q_B / (1 - 1/k) with a share p_ic of neuron i in module c in place of a label.

    Q_B = mean over links of sum_ij A_ji sum_c p_ic p_jc - sum_c out_c in_c, where in_c and out_c
    are the masses at targets and sources, each counted by its share in c. At every refresh the
    leading eigenvectors of the layered modularity matrix place each neuron in a direction; the
    modules of the current partition have mean directions; and p is the softmax over modules of
    4 times the cosine between the two. Neurons between modules are thus pulled both ways, and not
    committed by an early guess; the shares of even a perfect network stay soft, and the penalty
    above 0.

    References
    ----------
    Barber (2007), Phys. Rev. E 76, 066102. Nicosia et al. (2009), Extending the definition of
    modularity to directed graphs with overlapping communities, J. Stat. Mech. P03024: shares.
    """

    title: ClassVar[str] = "Soft layered modularity"
    summary: ClassVar[str] = (
        "Raises Q_B of soft modules, which neurons belong to in part as the eigenvectors place "
        "them."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.shares: Tensor | None = None

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Find the partition, and the share of every neuron in every module."""
        super().refresh(graph, slopes)
        assert self.labels is not None
        places = layered_profiles(graph, self.count, self.config.seed)
        scale = np.linalg.norm(places, axis=1, keepdims=True)
        directions = places / np.where(scale > 0, scale, 1.0)
        centres = np.zeros((self.count, directions.shape[1]))
        attached = self.labels >= 0
        np.add.at(centres, self.labels[attached], directions[attached])
        length = np.linalg.norm(centres, axis=1, keepdims=True)
        centres /= np.where(length > 0, length, 1.0)
        shares = torch.from_numpy(_SHARPNESS * directions @ centres.T).softmax(dim=1)
        shares[~torch.from_numpy(attached)] = 0.0
        self.shares = shares.float()

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """1 - Q_B / (1 - 1/k) of the soft modules."""
        assert self.shares is not None
        members = torch.split(self.shares.to(masses[0].dtype), self.sizes)
        return 1.0 - mixed_modularity(masses, members, self.links) / (1.0 - 1.0 / self.count)

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly: the partition and the shares."""
        kept = super().state()
        return kept if self.shares is None else kept | {"shares": self.shares.clone()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        super().restore(state)
        self.shares = state["shares"].clone() if "shares" in state else None
