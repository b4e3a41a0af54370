"""The networks that can be opened: so far a stack of linear layers with ReLU between them."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from explorer.errors import ArchitectureError

# What a caller may do to the activations of a layer on their way: (layer, activations) -> new ones.
Edit = Callable[[int, Tensor], Tensor]

MAX_NEURONS = 5_000


class MLP(nn.Module):
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

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        if len(widths) < 2 or min(widths) < 1:
            raise ArchitectureError(
                f"found widths {list(widths)!r:.60}; expected at least two layers of at least one "
                f"neuron each"
            )
        if sum(widths) > MAX_NEURONS:
            raise ArchitectureError(
                f"found widths {list(widths)!r:.60}; expected at most {MAX_NEURONS:,} neurons"
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

    def activations(self, inputs: Tensor, edit: Edit | None = None) -> tuple[Tensor, ...]:
        """Activations of every layer, from the inputs to the outputs (the logits).

        Parameters
        ----------
        inputs : Tensor, shape (examples, inputs)
        edit : callable, optional
            Called as ``edit(layer, activations)`` for every layer; what it returns goes on to the
            next layer. This is how neurons are ablated.

        Returns
        -------
        tuple of Tensor
            One tensor of shape (examples, neurons) a layer.
        """
        current = inputs if edit is None else edit(0, inputs)
        result = [current]
        linear = self._linear()
        for index, layer in enumerate(linear, start=1):
            current = layer(current)
            if index < len(linear):
                current = current.relu()
            if edit is not None:
                current = edit(index, current)
            result.append(current)
        return tuple(result)

    def forward(self, inputs: Tensor, edit: Edit | None = None) -> Tensor:
        """Logits, shape (examples, outputs)."""
        return self.activations(inputs, edit)[-1]

    def describe(self) -> dict[str, Any]:
        """The architecture as plain data; ``build`` turns it back into a network."""
        return {"kind": "mlp", "widths": list(self.widths)}

    def _linear(self) -> list[nn.Linear]:
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]


def build(description: Mapping[str, Any]) -> MLP:
    """Make the network that a description names, with untrained weights.

    Parameters
    ----------
    description : mapping
        ``{"kind": "mlp", "widths": [...]}``.

    Raises
    ------
    ArchitectureError
        If the kind is not known or the widths make no network.
    """
    kind = description.get("kind")
    widths = description.get("widths")
    if kind != "mlp":
        raise ArchitectureError(f"found architecture {kind!r:.80}; expected 'mlp'")
    if not isinstance(widths, list) or not all(type(width) is int for width in widths):
        raise ArchitectureError(
            f"found widths {widths!r:.80}; expected a list of whole numbers such as [64, 64, 10]"
        )
    return MLP(widths)


def with_weights(
    network: MLP, weights: Sequence[Tensor], biases: Sequence[Tensor] | None = None
) -> MLP:
    """Make a copy of a network in eval mode with other weights (and, if given, biases)."""
    copy = MLP(network.widths)
    with torch.no_grad():
        for layer, weight, bias in zip(
            copy._linear(), weights, network.biases if biases is None else biases, strict=True
        ):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    return copy.eval().requires_grad_(False)
