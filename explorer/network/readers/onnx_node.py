"""One operation of an ONNX graph, as those who write down its steps see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.tracing.calls import Call, Value

_MOST = 2**16  # numbers of a shape or of axes


@dataclass(frozen=True)
class Node:
    """One operation.

    Attributes
    ----------
    recipe : Recipe
        Where its steps are written down.
    inputs : sequence
        Values, constants as tensors, and None for what is left out.
    attributes : mapping
    batch : int
        Count of examples, as shapes in the graph name it.
    opset : int
        Version of the operators.
    outputs : int
        How many outputs it has.
    """

    recipe: Recipe
    inputs: Sequence[Any]
    attributes: Mapping[str, Any]
    batch: int
    opset: int
    outputs: int

    def input(self, place: int) -> Any:
        """What it reads at a place; None if nothing."""
        return self.inputs[place] if place < len(self.inputs) else None

    @property
    def value(self) -> Value:
        """What it reads first, a value."""
        found = self.input(0)
        if not isinstance(found, Value):
            raise ArchitectureError("found a constant at first; expected what the network reads")
        return found

    @property
    def before(self) -> tuple[int, ...]:
        """Shape of the first value for one example."""
        return self.recipe.shapes[self.value.number]

    def tensor(self, place: int) -> Tensor | None:
        """Return the constant that it reads at a place, if any."""
        found = self.input(place)
        if isinstance(found, Value):
            raise ArchitectureError(
                "found something that depends on the inputs, as in attention; expected constants"
            )
        return found if isinstance(found, Tensor) else None

    def number(self, place: int) -> float | None:
        """One number that it reads at a place."""
        found = self.tensor(place)
        return None if found is None else float(found.reshape(-1)[0])

    def whole(self, place: int, attribute: str) -> list[int] | None:
        """Whole numbers that older versions hold as an attribute and newer ones read."""
        if attribute in self.attributes:
            given = self.attributes[attribute]
            return [given] if isinstance(given, int) else list(given)
        found = self.tensor(place)
        if found is None:
            return None
        if found.dtype.is_floating_point or found.numel() > _MOST:
            raise ArchitectureError(f"found numbers that are no {attribute}; expected whole ones")
        return [int(one) for one in found.reshape(-1).tolist()]

    def get(self, attribute: str, default: Any) -> Any:
        """Return an attribute."""
        return self.attributes.get(attribute, default)

    def axis(self, axis: int) -> int:
        """Count an axis without that of examples."""
        axes = len(self.before) + 1
        if not -axes <= axis < axes or axis % axes == 0:
            raise ArchitectureError(f"found axis {axis} of {axes}; expected one but the first")
        return axis % axes - 1

    def call(self, shape: Sequence[int] = (), /, **given: Any) -> Call:
        """Say it as a call of torch; ``shape`` is that of what it gives for one example."""
        whole = (self.batch, *shape)
        return Call(self.recipe, {"self": self.input(0), **given}, whole, self.batch)

    def add(self, kind: str, settings: Mapping[str, Any] | None = None, **tensors: Any) -> Value:
        """Write down a step that reads the first value."""
        return Value(self.recipe.add(kind, self.value.number, settings, **tensors))
