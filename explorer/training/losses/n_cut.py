"""Small eigenvalues of the graph's Laplacian: the relaxed n-cut."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.spectral_n_cut import cut_eigenvectors
from explorer.network.architectures import Network
from explorer.network.graph import Floats, NetworkGraph
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss


class NCut(ModularityLoss):
    """Penalty: mean of the 2nd to k-th smallest eigenvalue of the normalised Laplacian.

    They bound the n-cut of k modules from below; the smallest is 0. At every refresh the
    generalised eigenvectors (D - A) x = eigenvalue D x are computed, and held fixed in between; an
    eigenvalue is then the Rayleigh quotient

        sum_ij A_ij (x_i - x_j)^2 / sum_ij A_ij (x_i^2 + x_j^2)

    over the edges, whose derivative by A at the refresh is exactly that of the eigenvalue, since
    the quotient is stationary in x. Beware: n-cut of the whole graph knows no layers, and a split
    by depth makes it small; so it may fall while nothing becomes modular.

    References
    ----------
    Shi and Malik (2000), Normalized cuts and image segmentation, IEEE PAMI 22, 888-905. Filan et
    al. (2021), Clusterability in neural networks, arXiv:2103.03386: eigenvalues as a loss.
    """

    title: ClassVar[str] = "N-cut eigenvalues"
    summary: ClassVar[str] = (
        "Shrinks the small eigenvalues of the graph's Laplacian, which bound the n-cut. A split by "
        "depth shrinks them too."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.vectors: Tensor | None = None

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Find the partition to show, and the eigenvectors."""
        super().refresh(graph, slopes)
        vectors = cut_eigenvectors(graph, self.count, self.config.seed)
        self.vectors = torch.from_numpy(np.ascontiguousarray(vectors)).float()

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Mean of the Rayleigh quotients of the eigenvectors."""
        assert self.vectors is not None
        places = torch.split(self.vectors.to(masses[0].dtype), self.sizes)
        cut, volume = torch.zeros(()), torch.zeros(())
        for mass, (source, target) in zip(masses, self.links, strict=True):
            x, y = places[source], places[target]
            sums = mass.sum(dim=0) @ x**2 + mass.sum(dim=1) @ y**2
            volume = volume + sums
            cut = cut + sums - 2.0 * ((mass @ x) * y).sum(dim=0)
        return (cut / volume.clamp_min(1e-12)).mean()

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly: the partition and the eigenvectors."""
        kept = super().state()
        return kept if self.vectors is None else kept | {"vectors": self.vectors.clone()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        super().restore(state)
        self.vectors = state["vectors"].clone() if "vectors" in state else None
