"""The sum of all |weights|: sparse, and modular where the task is."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from explorer.network.architectures import Activity, Network
from explorer.network.graph import Floats, NetworkGraph
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss, Penalty
from explorer.training.losses.chains import l1_gradients


class L1(ModularityLoss):
    """Penalty sum |W| over its value when the penalty set in: D = 1 everywhere.

    A strong baseline: on a task of independent parts, sparse networks fall apart into them. It
    knows no modules; its ``labels`` are the partition of largest Q_B, for people to see.

    References
    ----------
    Tibshirani (1996), Regression shrinkage and selection via the lasso, J. R. Stat. Soc. B 58.
    """

    title: ClassVar[str] = "L1"
    summary: ClassVar[str] = "Shrinks every weight alike: the baseline that others must beat."

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.network = network
        self.scale = 0.0  # sum of |weights| at the first refresh

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Find the partition to show, and note the scale at the first time."""
        super().refresh(graph, slopes)
        if not self.scale:
            with torch.no_grad():
                self.scale = float(total_magnitude(self.network)) or 1.0

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Sum of |weights|, 1 when the penalty set in."""
        return total_magnitude(network) / self.scale

    def of_network(self, network: Network, activity: Activity | None, strength: float) -> Penalty:
        """The same, without the masses that it does not need."""
        with torch.no_grad():
            value = float(total_magnitude(network)) / self.scale
        matrices = network.matrices
        return Penalty(value, matrices, l1_gradients(matrices, strength / self.scale))

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly."""
        return super().state() | {"scale": torch.tensor(self.scale, dtype=torch.float64)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        super().restore(state)
        self.scale = float(state["scale"])


def total_magnitude(network: Network) -> Tensor:
    """Sum of |weights| behind all edges."""
    return torch.stack([matrix.abs().sum() for matrix in network.matrices]).sum()
