"""The one form of all losses that make a network modular: <A, D>.

A are the edge masses of the network's graph, differentiable in its weights, and D is a distance
taken from a structure (a partition, a cut tree, places in space) that is found anew every so many
steps and held fixed in between. Each loss is a class with a name in the registry; the training loop
calls ``refresh`` now and then, and ``penalty`` at every step.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from explorer.modularity.finding import choose_count
from explorer.modularity.layered import improve_partition, maximise_layered_modularity
from explorer.network.architectures import Activity, Network
from explorer.network.graph import Floats, Ints, NetworkGraph
from explorer.network.weightings import graph_masses
from explorer.training.losses.slopes import with_slopes

# The first refreshes search for a partition, and every so many-th later; the others improve it.
_SEARCHES = 5


@dataclass(frozen=True, eq=False)
class Penalty:
    """The value of a penalty, and where its gradient enters backpropagation.

    Attributes
    ----------
    value : float
        Before it is weighted.
    tensors : tuple of Tensor
        Functions of the weights, or the weights themselves.
    gradients : tuple of Tensor
        Derivative of the weighted penalty by each of them.
    """

    value: float
    tensors: tuple[Tensor, ...]
    gradients: tuple[Tensor, ...]


def backpropagate(loss: Tensor, tensors: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
    """Backpropagate a loss, and gradients that are known at some tensors.

    At weights these are added to what was found: to weigh and add penalties in the graph of the
    loss would take several times as long.
    """
    pairs = list(zip(tensors, gradients, strict=True))
    inner = [(tensor, gradient) for tensor, gradient in pairs if not tensor.is_leaf]
    torch.autograd.backward([loss, *(t for t, _ in inner)], [None, *(g for _, g in inner)])
    add_gradients([(tensor, gradient) for tensor, gradient in pairs if tensor.is_leaf])


def add_gradients(pairs: Sequence[tuple[Tensor, Tensor]]) -> None:
    """Add gradients to those that weights have."""
    if pairs:
        torch._foreach_add_([_gradient_of(t) for t, _ in pairs], [g for _, g in pairs])


def _gradient_of(weight: Tensor) -> Tensor:
    if weight.grad is None:
        weight.grad = torch.zeros_like(weight)
    return weight.grad


class LossSettings(Protocol):
    """What a loss asks of the settings of a run."""

    @property
    def module_count(self) -> int:
        """Number of modules aimed at; 0 for one that is found."""

    @property
    def graph(self) -> str:
        """Weighting of the graph that the penalty is computed on."""

    @property
    def seed(self) -> int:
        """Of the search for modules."""


class ModularityLoss(ABC):
    """A penalty that falls as a network becomes modular.

    Parameters
    ----------
    config : LossSettings
        Such as a ``TrainingConfig``.
    network : Network
        The network being trained; its layers and links do not change.

    Attributes
    ----------
    labels : array of int, shape (nodes,), or None
        Module of every node, as of the last refresh; None before the first.
    count : int
        Number of modules aimed at; 0 until it is chosen.
    refreshes : int
        How often the structure was found.
    """

    title: ClassVar[str]  # for people
    summary: ClassVar[str]  # one sentence for people

    def __init__(self, config: LossSettings, network: Network) -> None:
        self.config = config
        self.links = network.links
        self.sizes = [layer.size for layer in network.neuron_layers]
        self.labels: Ints | None = None
        self.count = config.module_count
        self.refreshes = 0
        self.slopes: Floats | None = None

    @property
    def searches_next(self) -> bool:
        """Whether the next refresh searches for a partition, and does not only improve the last."""
        return self.refreshes < _SEARCHES or self.refreshes % _SEARCHES == 0

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Find the structure anew.

        Parameters
        ----------
        graph : NetworkGraph
            Of the current (averaged) masses.
        slopes : array, shape (outputs, inputs), optional
            Of the network as it is (see ``mean_slopes``), kept until there are new ones. They count
            as one more block of edges in the search for a partition, not in the penalty.
        """
        if slopes is not None:
            self.slopes = slopes
        searched = with_slopes(graph, self.slopes)
        if not self.count:
            self.count = choose_count(searched, self.config.seed)
        self.labels = self.find_partition(searched)
        self.refreshes += 1

    def find_partition(self, graph: NetworkGraph) -> Ints:
        """Partition the nodes: search anew at first and now and then, else improve the last one."""
        if self.labels is None or self.searches_next:
            return maximise_layered_modularity(graph, self.count, self.labels, self.config.seed)
        return improve_partition(graph, self.labels, self.count, self.config.seed)

    @abstractmethod
    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Return the penalty, a scalar, from the edge masses of every link (each of sum 1)."""

    def of_network(self, network: Network, activity: Activity | None, strength: float) -> Penalty:
        """Return the penalty of a network as it is now; needs a structure (``refresh``).

        Parameters
        ----------
        network : Network
        activity : Activity or None
            Averages for the activity weighting; the others need none.
        strength : float
            What its gradient is weighted with.
        """
        penalty = self.penalty(graph_masses(network, self.config.graph, activity), network)
        weight = torch.full_like(penalty, strength)
        return Penalty(float(penalty.detach()), (penalty,), (weight,))

    def held(self, network: Network) -> tuple[Tensor, ...] | None:
        """Which weights the structure does not hold at 0, while the penalty counts.

        1 or 0 in the shapes of ``network.matrices``; None if it holds none, as most do.
        """
        return None

    @property
    def by_layer(self) -> tuple[Tensor, ...]:
        """The labels, one tensor for every layer of neurons."""
        assert self.labels is not None
        return torch.split(torch.from_numpy(self.labels), self.sizes)

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly as if there had been no stop."""
        kept = {"count": torch.tensor(self.count), "refreshes": torch.tensor(self.refreshes)}
        if self.slopes is not None:
            kept["slopes"] = torch.from_numpy(self.slopes.copy())
        if self.labels is not None:
            kept["labels"] = torch.from_numpy(self.labels.copy())
        return kept

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        self.count = int(state["count"])
        self.refreshes = int(state["refreshes"])
        self.slopes = state["slopes"].numpy().copy() if "slopes" in state else None
        self.labels = state["labels"].numpy().copy() if "labels" in state else None
