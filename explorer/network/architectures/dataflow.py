"""A network of any plan: a list of steps, its channels and neurons the nodes of its graph."""

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import copy as shared
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import Activity, Change, Edit, Layer, Network, Trace
from explorer.network.architectures.dataflow_labels import read_axis
from explorer.network.architectures.dataflow_links import LinkWeights
from explorer.network.architectures.dataflow_running import MAX_VALUES, run_step, shape_after
from explorer.network.architectures.dataflow_spaces import Recorded, find_spaces
from explorer.network.architectures.dataflow_steps import Step, shape_from, steps_from

_AT_ONCE = 2**27  # numbers that a batch may give in all steps together


class Dataflow(Network):
    """Steps that read the values of steps before them, such as convolutions, norms and additions.

    Nodes are the channels of convolutions and the neurons of linear layers. Channels that are added
    up or multiplied are one node: those of a ResNet's stage are one layer, shared by all its blocks
    as a transformer's residual dimensions are. What only moves numbers (pooling, flattening,
    concatenating, norms) leaves them the channels that they were.

    Every weight step makes a link from the layer that it reads to the one that it makes, so that
    several links may join the same two layers, and a layer with itself. An edge is the sum of
    |weights| of the kernel slice between two channels, over the places of what was flattened.
    Biases and the gains of norms are no edges; a batch norm behind weights is best folded into them
    before (``explorer.network.architectures.dataflow_forms``).

    A layer that stands at several depths is recorded, and edited, at its last value behind weights,
    an addition or an activation.

    Parameters
    ----------
    input_shape : sequence of int
        Of one example, without the axis of examples; pictures are planes, rows and columns.
    steps : sequence of Step

    Examples
    --------
    >>> first = Step("linear", (0,), {}, {"weight": (3, 4), "bias": (3,)})
    >>> second = Step("linear", (2,), {}, {"weight": (2, 3)})
    >>> network = Dataflow((4,), [first, Step("silu", (1,), {}, {}), second])
    >>> network(torch.zeros(5, 4)).shape, network.shape, network.links
    (torch.Size([5, 2]), '4-3-2', ((0, 1), (1, 2)))
    """

    kind: ClassVar[str] = "dataflow"
    is_chain: ClassVar[bool] = False
    streams: ClassVar[bool] = True

    def __init__(
        self, input_shape: Sequence[int], steps: Sequence[Step], device: str = "cpu"
    ) -> None:
        super().__init__()
        self.input_shape, self.steps = tuple(input_shape), tuple(steps)
        shapes = [self.input_shape]
        for step in self.steps:
            shapes.append(shape_after(step, [shapes[place] for place in step.inputs]))
        self.shapes = tuple(shapes)
        if sum(map(math.prod, shapes)) > 16 * MAX_VALUES:
            raise ArchitectureError(
                f"found steps that give {sum(map(math.prod, shapes)):,} numbers an example; "
                f"expected at most {16 * MAX_VALUES:,}"
            )
        self.spaces = find_spaces(self.steps, shapes)
        self.tensors = nn.ModuleList(_Tensors(step, device) for step in self.steps)
        self._cut: dict[int, Tensor] = {}  # of a network without some edges: masks by step
        sizes = [layer.size for layer in self.spaces.layers]
        self._behind = tuple(
            LinkWeights(link, self.steps[link.step - 1], (sizes[link.target], sizes[link.source]))
            for link in self.spaces.links
        )

    @property
    def neuron_layers(self) -> tuple[Layer, ...]:
        """Inputs, channels and neurons in the order in which they are first made, outputs."""
        return self.spaces.layers

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Layers that every weight step reads and makes, in the order of steps."""
        return tuple((link.source, link.target) for link in self.spaces.links)

    @property
    def matrices(self) -> tuple[Tensor, ...]:
        """Kernels and weight matrices; of a step that reads several layers, the part of each."""
        return tuple(self._matrix(link) for link in range(len(self._behind)))

    def magnitudes(self, activity: Activity | None = None) -> tuple[Tensor, ...]:
        """Sums of |weights| behind every edge."""
        return tuple(self.link_magnitude(link, activity) for link in range(len(self._behind)))

    def link_magnitude(
        self, link: int, activity: Activity | None = None, change: Change | None = None
    ) -> Tensor:
        """Sums of |weights| behind every edge of one link."""
        matrix = self._matrix(link)
        size = self._behind[link].fold((matrix if change is None else change(link, matrix)).abs())
        return size if activity is None else size * activity.mean[link]

    @property
    def edge_weights(self) -> tuple[Tensor, ...]:
        """The weights themselves where every edge of a link is one, else sums of |weights|."""
        return tuple(
            behind.fold(self._matrix(link)) if behind.is_single else self.link_magnitude(link)
            for link, behind in enumerate(self._behind)
        )

    def without_edges(self, masks: Sequence[Tensor]) -> Self:
        """Copy the network with the weights behind some edges set to zero."""
        return self.with_matrices(
            [
                matrix.masked_fill(behind.unfold(mask), 0.0)
                for matrix, behind, mask in zip(self.matrices, self._behind, masks, strict=True)
            ]
        )

    def running_without(self, masks: Sequence[Tensor]) -> Self:
        """Give a network that runs as ``without_edges`` does, and shares all weights with this.

        Asked for its weights, it gives those of the whole network.
        """
        made = shared(self)
        made._cut = {}
        for behind, mask in zip(self._behind, masks, strict=True):
            shape = self._weight(behind).shape
            slices = torch.zeros(*shape[:2], *(1 for _ in shape[2:]), dtype=torch.bool)
            behind.put(made._cut.setdefault(behind.link.step, slices), behind.unfold(mask))
        return made

    def with_matrices(self, matrices: Sequence[Tensor]) -> Self:
        """Copy the network with other tensors in the place of ``matrices``."""
        copy = self.copy()
        for behind, matrix in zip(copy._behind, matrices, strict=True):
            behind.put(copy._weight(behind), matrix)
        return copy

    def trace(self, inputs: Tensor, edit: Edit | None = None) -> Trace:
        """Run the network on rows of numbers; pictures are planes one after the other.

        Sites are what flows into the weights of every link, its last axis the source layer.
        """
        layers: dict[int, Tensor] = {}
        values: dict[int, Tensor] = {}
        for number, value in self._run(inputs, edit, layers):
            values[number] = value
        sites = [
            behind.site(values[read], read_axis(behind.step, len(self.shapes[read])))
            for behind in self._behind
            for read in behind.step.inputs
        ]
        outputs = values[len(self.steps)].flatten(1)
        return Trace(outputs, tuple(layers[i] for i in range(len(layers))), tuple(sites), {})

    def activations(self, inputs: Tensor, edit: Edit | None = None) -> tuple[Tensor, ...]:
        """What every layer does, without holding what is no layer's."""
        layers: dict[int, Tensor] = {}
        for _ in self._run(inputs, edit, layers):
            pass
        return tuple(layers[index] for index in range(len(layers)))

    def forward(self, inputs: Tensor, edit: Edit | None = None) -> Tensor:
        """Logits."""
        last = inputs
        for _, value in self._run(inputs, edit, None):
            last = value
        return last.flatten(1)

    def examples_at_once(self, positions: int = 1) -> int:
        """How many examples to run at a time, so that what all steps give takes half a gigabyte."""
        return max(1, min(20_000, _AT_ONCE // sum(map(math.prod, self.shapes))))

    def initialise(self, generator: torch.Generator) -> None:
        """Draw weights and biases as ``nn.Linear`` does; norms begin without effect."""
        with torch.no_grad():
            for step, held in zip(self.steps, self.tensors, strict=True):
                bound = 1.0
                for role, tensor in held.named_parameters():
                    if role == "weight":
                        nn.init.kaiming_uniform_(tensor, a=5**0.5, generator=generator)
                        bound = tensor[0].numel() ** -0.5
                    elif role == "bias":
                        tensor.uniform_(-bound, bound, generator=generator)
                    else:
                        tensor.fill_({"scale": 1.0, "slope": 0.25}.get(role, 0.0))
                assert step.tensors.keys() == dict(held.named_parameters()).keys()

    def describe(self) -> dict[str, Any]:
        """The architecture as plain data."""
        return {
            "kind": self.kind,
            "input_shape": list(self.input_shape),
            "steps": [step.describe() for step in self.steps],
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Make the network of this ``input_shape`` and these ``steps``."""
        shape = shape_from(description.get("input_shape"), "inputs of shape")
        return cls(shape, steps_from(description.get("steps")))

    @property
    def input_size(self) -> int:
        """Numbers that it reads."""
        return math.prod(self.input_shape)

    @property
    def output_size(self) -> int:
        """Logits that it gives."""
        return math.prod(self.shapes[-1])

    def _run(
        self, inputs: Tensor, edit: Edit | None, layers: dict[int, Tensor] | None
    ) -> Iterator[tuple[int, Tensor]]:
        """Give every value with its number; hold each no longer than a step reads it."""
        last_use = {read: n for n, step in enumerate(self.steps, 1) for read in step.inputs}
        recorded: dict[int, list[int]] = {}
        for layer, place in enumerate(self.spaces.recorded):
            recorded.setdefault(place.value, []).append(layer)
        values: dict[int, Tensor] = {}
        for number in range(len(self.steps) + 1):
            if number == 0:
                value = inputs.reshape(len(inputs), *self.input_shape)
            else:
                step = self.steps[number - 1]
                held: dict[str, Tensor] = dict(self.tensors[number - 1].named_parameters())
                if number in self._cut:  # copied for as long as the step runs
                    held["weight"] = held["weight"].masked_fill(self._cut[number], 0.0)
                value = run_step(step, [values[read] for read in step.inputs], held)
                for read in step.inputs:
                    if last_use[read] == number:
                        values.pop(read, None)
            for layer in recorded.get(number, ()):
                place = self.spaces.recorded[layer]
                shown = _shown(value, place)
                if edit is not None:
                    shown = edit(layer, shown)
                    value = _put_back(shown, place, self.shapes[number])
                if layers is not None:
                    layers[layer] = shown
            values[number] = value
            yield number, value

    def _weight(self, behind: LinkWeights) -> Tensor:
        return self.tensors[behind.link.step - 1].get_parameter("weight")

    def _matrix(self, link: int) -> Tensor:
        return self._behind[link].take(self._weight(self._behind[link]))


class _Tensors(nn.Module):
    """The tensors of one step."""

    def __init__(self, step: Step, device: str) -> None:
        super().__init__()
        for role, shape in step.tensors.items():
            self.register_parameter(role, nn.Parameter(torch.zeros(shape, device=device)))


def _shown(value: Tensor, place: Recorded) -> Tensor:
    """Return a value with its nodes along the last axis, in order."""
    shown = value.flatten(1) if place.axis < 0 else value.movedim(place.axis + 1, -1)
    return shown if place.order is None else shown[..., torch.from_numpy(place.order)]


def _put_back(shown: Tensor, place: Recorded, shape: tuple[int, ...]) -> Tensor:
    """Undo ``_shown``."""
    if place.order is not None:
        back = torch.empty_like(torch.from_numpy(place.order))
        back[torch.from_numpy(place.order)] = torch.arange(len(back))
        shown = shown[..., back]
    if place.axis < 0:
        return shown.reshape(len(shown), *shape)
    return shown.movedim(-1, place.axis + 1)
