"""What every network can be asked for: its neurons, the weights between them, what they do."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

# What a caller may do to the activations of a layer on their way: (layer, activations) -> new ones.
# The last axis of the activations counts the layer's neurons.
Edit = Callable[[int, Tensor], Tensor]
# What a caller may do to a weight matrix before its sizes are taken: (its place in ``matrices``,
# the matrix) -> a new one of the same shape. This is how null models shuffle a large network.
Change = Callable[[int, Tensor], Tensor]

MAX_NEURONS = 5_000  # of a network that is trained here
MAX_NODES = 200_000  # of a network that is opened
MAX_LAYERS = 1_000


@dataclass(frozen=True)
class Layer:
    """A set of neurons side by side: ``role`` is input, hidden, residual or output."""

    name: str
    role: str
    size: int


@dataclass(frozen=True, eq=False)
class Trace:
    """What happens inside a network on a batch.

    Attributes
    ----------
    outputs : Tensor
        Logits: (examples, outputs), or (examples, positions, tokens) of a network that reads text.
    layers : tuple of Tensor
        Activations of every layer of neurons; their last axis counts the neurons. The first
        ``example_axes`` axes count examples (and positions).
    sites : tuple of Tensor
        What the activity weighting averages: one tensor a layer for a chain of layers, one a link
        for a transformer, its last axis counting what flows into the link's weights.
    extra : mapping of str to Tensor
        What else a loss may need, such as the logits of a gate.
    """

    outputs: Tensor
    layers: tuple[Tensor, ...]
    sites: tuple[Tensor, ...]
    extra: Mapping[str, Tensor]


class Network(nn.Module, ABC):
    """A network whose neurons are nodes of a graph and whose weights are its edges.

    ``neuron_layers`` are the sets of nodes. ``links`` says which layer leads into which, one entry
    for every block of edges; ``magnitudes`` gives the sizes of these edges, from the tensors in
    ``matrices`` (one or several behind each link).
    """

    kind: ClassVar[str]
    reads: ClassVar[str] = "numbers"  # or "tokens"
    example_axes: ClassVar[int] = 1
    # Whether layers follow each other one by one, so that there are path norms.
    is_chain: ClassVar[bool] = True
    # Whether ``link_magnitude`` reads only the tensors behind its link, and takes a ``change``, so
    # that the graph of a large network can be made link by link.
    streams: ClassVar[bool] = False
    # Of one that reads tokens: how many at once, at most.
    most_positions: int = 10**9
    # Of one that reads tokens: whether it names the next token, and not the one it reads.
    names_next: bool = True

    @property
    @abstractmethod
    def neuron_layers(self) -> tuple[Layer, ...]:
        """The sets of nodes."""

    @property
    @abstractmethod
    def links(self) -> tuple[tuple[int, int], ...]:
        """Source and target layer of every block of edges."""

    @property
    @abstractmethod
    def matrices(self) -> tuple[Tensor, ...]:
        """Weight tensors behind the edges: what L1 counts and what null models shuffle."""

    @abstractmethod
    def magnitudes(self, activity: "Activity | None" = None) -> tuple[Tensor, ...]:
        """Sizes of the edges of every link, shape (target neurons, source neurons), with gradient.

        With ``activity``, a network that is no chain counts each weight by the mean |activation|
        of what flows into it; a chain leaves that to ``explorer.network.weightings``.
        """

    def link_magnitude(
        self, link: int, activity: "Activity | None" = None, change: "Change | None" = None
    ) -> Tensor:
        """Sizes of the edges of one link, as ``magnitudes`` gives them for all.

        Parameters
        ----------
        link : int
            Place in ``links``.
        activity : Activity, optional
        change : callable, optional
            Called with every weight matrix behind the link; only where ``streams``.
        """
        assert change is None, "only a network that streams can change its matrices on the way"
        return self.magnitudes(activity)[link]

    @property
    @abstractmethod
    def edge_weights(self) -> tuple[Tensor, ...]:
        """One number for every edge to show people: signed where an edge is a single weight."""

    def edge_weight(self, link: int) -> Tensor:
        """What ``edge_weights`` gives for one link."""
        return self.edge_weights[link]

    @abstractmethod
    def without_edges(self, masks: Sequence[Tensor]) -> Self:
        """Copy the network with the weights behind some edges set to zero.

        Parameters
        ----------
        masks : sequence of Tensor of bool, shape (target neurons, source neurons)
            One a link: True where an edge is cut.
        """

    def running_without(self, masks: Sequence[Tensor]) -> Self:
        """Give a network that runs as ``without_edges`` does, and is only to be run.

        A large network does so without a copy of its weights.
        """
        return self.without_edges(masks)

    @abstractmethod
    def trace(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network and keep what happens on the way.

        Parameters
        ----------
        inputs : Tensor
        edit : callable, optional
            Called as ``edit(layer, activations)`` for every layer of neurons; what it returns goes
            on. This is how neurons are ablated.
        """

    def inside(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network as ``trace`` does, without more than happens inside it.

        A network with a large vocabulary leaves out its logits: then ``outputs`` is empty.
        """
        return self.trace(inputs, edit)

    def activations(self, inputs: Tensor, edit: Edit | None = None) -> tuple[Tensor, ...]:
        """What every layer of neurons does: ``trace(inputs).layers``, without more than it takes.

        A network with a large vocabulary leaves out its logits.
        """
        return self.trace(inputs, edit).layers

    def neurons_behind(self, layer: int) -> int:
        """How many neurons each node of a layer stands for: the size of a head, else 1."""
        return 1

    def examples_at_once(self, positions: int = 1) -> int:
        """How many examples (of so many positions) to run at a time, so that memory suffices."""
        return 20_000 if self.example_axes == 1 else 512

    def examples_inside(self, positions: int = 1) -> int:
        """How many to run at a time where only what happens inside is wanted; see ``inside``."""
        return self.examples_at_once(positions)

    @abstractmethod
    def initialise(self, generator: torch.Generator) -> None:
        """Draw all weights anew."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The architecture as plain data; ``from_description`` turns it back into a network."""

    @classmethod
    @abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Make the network that a description names.

        Raises
        ------
        ArchitectureError
            If the description makes no network.
        """

    @property
    @abstractmethod
    def input_size(self) -> int:
        """Numbers that it reads, or tokens in its vocabulary."""

    @property
    @abstractmethod
    def output_size(self) -> int:
        """Logits that it gives."""

    @property
    def shape(self) -> str:
        """Its size in a few characters, for tables."""
        return "-".join(str(layer.size) for layer in self.neuron_layers)

    def forward(self, inputs: Tensor, edit: Edit | None = None) -> Tensor:
        """Logits."""
        return self.trace(inputs, edit).outputs

    def copy(self) -> Self:
        """Copy the network, in eval mode and without gradients."""
        copy = type(self).from_description(self.describe())
        copy.load_state_dict(self.state_dict())
        return copy.eval().requires_grad_(False)

    def with_matrices(self, matrices: Sequence[Tensor]) -> Self:
        """Copy the network with other tensors in the place of ``matrices``."""
        copy = self.copy()
        for own, new in zip(copy.matrices, matrices, strict=True):
            own.copy_(new)
        return copy


@dataclass(frozen=True)
class Activity:
    """What happens at a network's sites (see ``Trace``) on data.

    Attributes
    ----------
    mean : tuple of Tensor
        Mean of |activation|, one tensor a site.
    active_share : tuple of Tensor
        Share of examples on which an activation is not zero, one tensor a site.
    """

    mean: tuple[Tensor, ...]
    active_share: tuple[Tensor, ...]


def activity_of(trace: Trace, counted: Tensor | None = None) -> Activity:
    """Average what happened at every site over examples and positions.

    Parameters
    ----------
    trace : Trace
    counted : Tensor of bool, shape (examples, positions), optional
        Of a text, which tokens count; by default all.
    """
    flat = [site.detach().flatten(0, -2) for site in trace.sites]
    if counted is not None and not bool(counted.all()):
        weights = counted.flatten().to(flat[0].dtype)
        weights = weights / weights.sum()
        return Activity(
            mean=tuple(weights @ site.abs() for site in flat),
            active_share=tuple(weights @ (site != 0).to(site.dtype) for site in flat),
        )
    return Activity(
        mean=tuple(site.abs().mean(dim=0) for site in flat),
        active_share=tuple((site != 0).to(site.dtype).mean(dim=0) for site in flat),
    )
