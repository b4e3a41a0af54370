"""The one form of all losses that make a network modular: <A, D>.

A are the edge masses of the network's graph, differentiable in its weights, and D is a distance
taken from a structure (a partition, a cut tree, places in space) that is found anew every so many
steps and held fixed in between. Each loss is a class with a name in the registry; the training loop
calls ``refresh`` now and then, and ``penalty`` at every step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from explorer.modularity.finding import choose_count
from explorer.modularity.layered import maximise_layered_modularity
from explorer.network.architectures import Network
from explorer.network.graph import Ints, NetworkGraph
from explorer.training.config import TrainingConfig


class ModularityLoss(ABC):
    """A penalty that falls as a network becomes modular.

    Parameters
    ----------
    config : TrainingConfig
    network : Network
        The network being trained; its layers and links do not change.

    Attributes
    ----------
    labels : array of int, shape (nodes,), or None
        Module of every node, as of the last refresh; None before the first.
    count : int
        Number of modules aimed at; 0 until it is chosen.
    """

    title: ClassVar[str]  # for people
    summary: ClassVar[str]  # one sentence for people

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        self.config = config
        self.links = network.links
        self.sizes = [layer.size for layer in network.neuron_layers]
        self.labels: Ints | None = None
        self.count = config.module_count

    def refresh(self, graph: NetworkGraph) -> None:
        """Find the structure anew.

        Parameters
        ----------
        graph : NetworkGraph
            Of the current (averaged) masses.
        """
        if not self.count:
            self.count = choose_count(graph, self.config.seed)
        self.labels = self.find_partition(graph)

    def find_partition(self, graph: NetworkGraph) -> Ints:
        """Partition the nodes, starting from the last partition."""
        return maximise_layered_modularity(graph, self.count, self.labels, self.config.seed)

    @abstractmethod
    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Return the penalty, a scalar, from the edge masses of every link (each of sum 1)."""

    @property
    def by_layer(self) -> tuple[Tensor, ...]:
        """The labels, one tensor for every layer of neurons."""
        assert self.labels is not None
        return torch.split(torch.from_numpy(self.labels), self.sizes)

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly as if there had been no stop."""
        kept = {"count": torch.tensor(self.count)}
        if self.labels is not None:
            kept["labels"] = torch.from_numpy(self.labels.copy())
        return kept

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        self.count = int(state["count"])
        self.labels = state["labels"].numpy().copy() if "labels" in state else None
