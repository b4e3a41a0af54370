"""A multilayer perceptron, the plainest network there is."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import (
    MAX_LAYERS,
    MAX_NODES,
    Activity,
    Edit,
    Layer,
    Network,
    Trace,
)


class MLP(Network):
    """A multilayer perceptron: linear layers with a ReLU after each but the last.

    Layers of neurons are counted from the inputs: layer 0 holds the inputs, the last layer the
    outputs, and weight matrix ``l`` leads from layer ``l`` to layer ``l + 1``.

    Parameters
    ----------
    widths : sequence of int
        Neurons in each layer, inputs and outputs included; at least two entries.

    Examples
    --------
    >>> network = MLP([8, 32, 32, 8])
    >>> [tuple(weight.shape) for weight in network.weights]
    [(32, 8), (32, 32), (8, 32)]
    """

    kind: ClassVar[str] = "mlp"

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        if len(widths) < 2 or min(widths) < 1:
            raise ArchitectureError(
                f"found widths {list(widths)!r:.60}; expected at least two layers of at least one "
                f"neuron each"
            )
        if sum(widths) > MAX_NODES or len(widths) > MAX_LAYERS:
            raise ArchitectureError(
                f"found widths {list(widths)!r:.60}; expected at most {MAX_NODES:,} neurons in "
                f"{MAX_LAYERS:,} layers"
            )
        self.widths = tuple(int(width) for width in widths)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(self.widths))

    @property
    def weights(self) -> tuple[Tensor, ...]:
        """Weight matrices, shape (neurons of the next layer, neurons of this layer)."""
        return tuple(layer.weight for layer in self._linear())

    @property
    def biases(self) -> tuple[Tensor, ...]:
        """Bias vectors, one entry for every neuron that is not an input."""
        return tuple(layer.bias for layer in self._linear())

    @property
    def neuron_layers(self) -> tuple[Layer, ...]:
        """Inputs, hidden layers and outputs."""
        last = len(self.widths) - 1
        return tuple(
            Layer("inputs", "input", size)
            if index == 0
            else Layer("outputs", "output", size)
            if index == last
            else Layer(f"hidden {index}", "hidden", size)
            for index, size in enumerate(self.widths)
        )

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Each layer leads into the next."""
        return tuple(pairwise(range(len(self.widths))))

    @property
    def matrices(self) -> tuple[Tensor, ...]:
        """The weight matrices."""
        return self.weights

    def magnitudes(self, activity: Activity | None = None) -> tuple[Tensor, ...]:
        """|W| of every weight matrix."""
        return tuple(weight.abs() for weight in self.weights)

    @property
    def edge_weights(self) -> tuple[Tensor, ...]:
        """The weights themselves."""
        return self.weights

    def without_edges(self, masks: Sequence[Tensor]) -> Self:
        """Copy the network with some weights set to zero."""
        pairs = zip(self.weights, masks, strict=True)
        return self.with_matrices([weight.masked_fill(mask, 0.0) for weight, mask in pairs])

    def trace(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network; activations of hidden layers are taken after their ReLU."""
        current = inputs if edit is None else edit(0, inputs)
        layers = [current]
        linear = self._linear()
        for index, layer in enumerate(linear, start=1):
            current = layer(current)
            if index < len(linear):
                current = current.relu()
            if edit is not None:
                current = edit(index, current)
            layers.append(current)
        return Trace(current, tuple(layers), tuple(layers), {})

    def initialise(self, generator: torch.Generator) -> None:
        """Draw weights and biases as ``nn.Linear`` does."""
        with torch.no_grad():
            for weight, bias in zip(self.weights, self.biases, strict=True):
                nn.init.kaiming_uniform_(weight, a=5**0.5, generator=generator)
                bound = weight.shape[1] ** -0.5
                bias.uniform_(-bound, bound, generator=generator)

    def describe(self) -> dict[str, Any]:
        """The architecture as plain data."""
        return {"kind": self.kind, "widths": list(self.widths)}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Make the network of these ``widths``."""
        widths = description.get("widths")
        if not isinstance(widths, list) or not all(type(width) is int for width in widths):
            raise ArchitectureError(
                f"found widths {widths!r:.80}; expected a list of whole numbers such as "
                f"[64, 64, 10]"
            )
        return cls(widths)

    @property
    def input_size(self) -> int:
        """Width of the first layer."""
        return self.widths[0]

    @property
    def output_size(self) -> int:
        """Width of the last layer."""
        return self.widths[-1]

    def _linear(self) -> list[nn.Linear]:
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]


def with_weights(
    network: MLP, weights: Sequence[Tensor], biases: Sequence[Tensor] | None = None
) -> MLP:
    """Make a copy of a network in eval mode with other weights (and, if given, biases)."""
    copy = network.with_matrices(weights)
    if biases is not None:
        for own, new in zip(copy.biases, biases, strict=True):
            own.copy_(new)
    return copy
