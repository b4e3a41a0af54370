"""A small convolutional network, its channels the nodes of its graph."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

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


class CNN(Network):
    """Convolutions of 3x3 with ReLU, pictures halved after each, then one linear layer.

    Nodes are channels: what a channel holds at one place of the picture it holds at all. The edge
    between two channels is the sum of |weights| of the kernel slice between them; between a channel
    and an output, the sum over the places of the last picture. A single input channel is no node:
    there is nothing to part.

    Parameters
    ----------
    image : pair of int
        Rows and columns of the input pictures.
    channels : sequence of int
        Input pictures (such as 1 for grey), then the channels after each convolution.
    outputs : int

    Examples
    --------
    >>> network = CNN((8, 8), [1, 8, 16], 10)
    >>> network(torch.zeros(5, 64)).shape, network.shape
    (torch.Size([5, 10]), '8-16-10')
    """

    kind: ClassVar[str] = "cnn"

    def __init__(self, image: Sequence[int], channels: Sequence[int], outputs: int) -> None:
        super().__init__()
        if len(channels) < 2 or min((*channels, *image, outputs)) < 1 or len(image) != 2:
            raise ArchitectureError(
                f"found pictures of {list(image)!r:.40}, channels {list(channels)!r:.60} and "
                f"{outputs} outputs; expected rows and columns, at least one convolution, and at "
                f"least one of each"
            )
        if sum(channels) + outputs > MAX_NODES or len(channels) > MAX_LAYERS:
            raise ArchitectureError(
                f"found channels {list(channels)!r:.60}; expected at most {MAX_NODES:,} channels "
                f"and outputs in {MAX_LAYERS:,} layers"
            )
        self.image = (int(image[0]), int(image[1]))
        self.channels = tuple(int(count) for count in channels)
        self.outputs = int(outputs)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(self.channels)
        )
        rows, columns = self.image
        for _ in self.channels[1:]:  # halved, rounded up
            rows, columns = (rows + 1) // 2, (columns + 1) // 2
        self.places = rows * columns
        self.head = nn.Linear(self.channels[-1] * self.places, self.outputs)

    @property
    def neuron_layers(self) -> tuple[Layer, ...]:
        """Input channels if there are several, channels after each convolution, outputs."""
        hidden = [
            Layer(f"channels {index}", "hidden", size)
            for index, size in enumerate(self.channels[1:], start=1)
        ]
        inputs = [Layer("input pictures", "input", self.channels[0])] if self._shows_inputs else []
        return (*inputs, *hidden, Layer("outputs", "output", self.outputs))

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Each layer leads into the next."""
        return tuple(pairwise(range(len(self.neuron_layers))))

    @property
    def matrices(self) -> tuple[Tensor, ...]:
        """Kernels, and the weights of the linear layer."""
        kernels = [layer.weight for layer in self._layers()]
        return (*kernels[0 if self._shows_inputs else 1 :], self.head.weight)

    def magnitudes(self, activity: Activity | None = None) -> tuple[Tensor, ...]:
        """Sums of |weights| behind every edge."""
        return tuple(
            weight.abs().sum(dim=(2, 3)) if weight.dim() == 4 else self._by_channel(weight.abs())
            for weight in self.matrices
        )

    @property
    def edge_weights(self) -> tuple[Tensor, ...]:
        """Sums of |weights|: an edge stands for several of either sign."""
        return self.magnitudes()

    def without_edges(self, masks: Sequence[Tensor]) -> Self:
        """Copy the network with the kernel slices behind some edges set to zero."""
        return self.with_matrices(
            [
                weight.masked_fill(
                    mask[:, :, None, None]
                    if weight.dim() == 4
                    else mask.repeat_interleave(self.places, dim=1),
                    0.0,
                )
                for weight, mask in zip(self.matrices, masks, strict=True)
            ]
        )

    def trace(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network on pictures given as rows of pixels, picture after picture."""
        current = inputs.reshape(len(inputs), self.channels[0], *self.image)
        layers: list[Tensor] = []

        def keep(activations: Tensor) -> Tensor:
            """Note activations, and edit them; the last axis counts channels there."""
            shown = activations.movedim(1, -1)
            if edit is not None:
                shown = edit(len(layers), shown)
            layers.append(shown)
            return shown.movedim(-1, 1)

        if self._shows_inputs:
            current = keep(current)
        for layer in self._layers():
            current = keep(layer(current).relu())
            current = F.max_pool2d(current, 2, ceil_mode=True)
        outputs = keep(self.head(current.flatten(1)))
        return Trace(outputs, tuple(layers), tuple(layers), {})

    def initialise(self, generator: torch.Generator) -> None:
        """Draw weights and biases as ``nn.Conv2d`` and ``nn.Linear`` do."""
        with torch.no_grad():
            convolutions = [(layer.weight, layer.bias) for layer in self._layers()]
            for weight, bias in (*convolutions, (self.head.weight, self.head.bias)):
                nn.init.kaiming_uniform_(weight, a=5**0.5, generator=generator)
                bound = weight[0].numel() ** -0.5
                assert bias is not None
                bias.uniform_(-bound, bound, generator=generator)

    def describe(self) -> dict[str, Any]:
        """The architecture as plain data."""
        return {
            "kind": self.kind,
            "image": list(self.image),
            "channels": list(self.channels),
            "outputs": self.outputs,
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Make the network of this ``image``, these ``channels`` and ``outputs``."""
        image, channels = description.get("image"), description.get("channels")
        outputs = description.get("outputs")
        numbers = [*_list(image), *_list(channels), outputs]
        if not numbers or any(type(number) is not int or number > 10**4 for number in numbers):
            raise ArchitectureError(
                f"found a CNN of pictures {image!r:.40}, channels {channels!r:.40} and outputs "
                f"{outputs!r:.40}; expected whole numbers up to 10,000"
            )
        return cls(_list(image), _list(channels), numbers[-1])

    @property
    def input_size(self) -> int:
        """Pixels of all input pictures."""
        return self.channels[0] * self.image[0] * self.image[1]

    @property
    def output_size(self) -> int:
        """Logits."""
        return self.outputs

    @property
    def _shows_inputs(self) -> bool:
        return self.channels[0] > 1

    def _by_channel(self, weight: Tensor) -> Tensor:
        return weight.reshape(len(weight), self.channels[-1], self.places).sum(dim=2)

    def _layers(self) -> list[nn.Conv2d]:
        return [layer for layer in self.convolutions if isinstance(layer, nn.Conv2d)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
