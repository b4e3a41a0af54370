"""One call of an operation of torch, as those who write down its steps see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_recipe import Recipe


@dataclass(frozen=True)
class Value:
    """A value of the network, as opposed to a constant."""

    number: int


@dataclass(frozen=True)
class Call:
    """One call of an operation.

    Attributes
    ----------
    recipe : Recipe
        Where its steps are written down.
    given : mapping
        Its arguments by name: values, constants, numbers.
    shape : tuple of int
        Of what it gives, examples first.
    examples : int
        How many examples the batch has.
    """

    recipe: Recipe
    given: Mapping[str, Any]
    shape: tuple[int, ...]
    examples: int

    def __getitem__(self, name: str) -> Any:
        return self.given[name]

    def value(self, name: str = "self") -> int:
        """Number of the value that is given under a name."""
        found = self.given.get(name, self.given.get("input"))
        if not isinstance(found, Value):
            raise ArchitectureError(f"found a constant as {name}; expected what the network reads")
        return found.number

    def tensor(self, name: str) -> Tensor | None:
        """The constant that is given under a name, if any."""
        found = self.given.get(name)
        if isinstance(found, Value):
            raise ArchitectureError(
                "found two values that both depend on the inputs, as in attention; expected one of "
                "them constant"
            )
        return found

    def before(self, name: str = "self") -> tuple[int, ...]:
        """Shape of a value for one example."""
        return self.recipe.shapes[self.value(name)]

    def axis(self, axis: int, name: str = "self") -> int:
        """Count an axis without that of examples."""
        axes = len(self.before(name)) + 1
        found = axis % axes - 1
        if found < 0:
            raise ArchitectureError("found the axis of examples; expected any other")
        return found

    def add(self, kind: str, settings: Mapping[str, Any] | None = None, **tensors: Any) -> Value:
        """Write down a step that reads the first value."""
        return Value(self.recipe.add(kind, self.value(), settings, **tensors))


Operation = Callable[[Call], Any]


def constant(given: Any, axes: int) -> Tensor:
    """Make a constant that is joined to values of so many axes a tensor without examples."""
    tensor = torch.as_tensor(given, dtype=torch.float32)
    if tensor.dim() == axes + 1 and len(tensor) == 1:
        tensor = tensor[0]
    if tensor.dim() > axes:
        raise ArchitectureError("found constants that differ from example to example")
    return tensor.reshape(1) if tensor.dim() == 0 else tensor
