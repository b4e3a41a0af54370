"""Layered modularity Q_B as a loss: the default."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from explorer.network.architectures import Activity, Network
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss, Penalty
from explorer.training.losses.chains import ChainModularity
from explorer.training.losses.mixing import indicators, mixed_modularity


class LayeredModularity(ModularityLoss):
    """Penalty 1 - Q_B / (1 - 1/k): 0 for k equal modules with nothing between them.

    D is Barber's matrix of the partition: 1 inside modules, minus what the degrees alone would put
    there.
    """

    title: ClassVar[str] = "Layered modularity"
    summary: ClassVar[str] = (
        "The default: raises Q_B, the share of each layer's weight inside modules beyond what "
        "their sizes alone would give."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.chain = ChainModularity(self.sizes, config.graph) if network.is_chain else None

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """1 - Q_B / (1 - 1/k) of the current partition."""
        return modularity_penalty(masses, self.by_layer, self.count, self.links)

    def of_network(self, network: Network, activity: Activity | None, strength: float) -> Penalty:
        """The same in one operation, where layers follow each other one by one."""
        if self.chain is None:
            return super().of_network(network, activity, strength)
        assert self.labels is not None
        return self.chain.penalty(network, activity, self.labels, self.count, strength)


def layered_modularity(
    masses: Sequence[Tensor],
    labels: Sequence[Tensor],
    count: int,
    links: Sequence[tuple[int, int]] | None = None,
) -> Tensor:
    """Q_B of a fixed partition as a function of the edge masses.

    The same figure as ``explorer.modularity.layered.layered_modularity``, with a gradient.

    Parameters
    ----------
    masses : sequence of Tensor
        Edge masses of every block, shape (target layer, source layer), each with sum 1.
    labels : sequence of Tensor
        Module of every neuron, one tensor of int64 a layer; -1 for none.
    count : int
        Number of modules.
    links : sequence of (int, int), optional
        Source and target layer of every block; by default each layer leads into the next.

    Returns
    -------
    Tensor
        A scalar.
    """
    if links is None:
        links = [(block, block + 1) for block in range(len(masses))]
    return mixed_modularity(masses, indicators(labels, count, masses[0].dtype), links)


def modularity_penalty(
    masses: Sequence[Tensor],
    labels: Sequence[Tensor],
    count: int,
    links: Sequence[tuple[int, int]] | None = None,
) -> Tensor:
    """Penalty 1 - Q_B / (1 - 1/k): 0 for k equal modules with nothing between them."""
    return 1.0 - layered_modularity(masses, labels, count, links) / (1.0 - 1.0 / count)
