"""From what ``torch.export`` saw to the steps of a network."""

import logging
from collections.abc import Mapping
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass
from io import StringIO
from typing import Any

import torch
from torch import Tensor, nn

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.tracing.calls import Call, Value
from explorer.network.tracing.operations import OPERATIONS
from explorer.network.tracing.unfollowed import (
    UNFOLLOWED,
    not_run,
    place_of,
    unfollowed,
    without_hooks,
)


def exported(module: nn.Module, example: Tensor, name: str) -> Any:
    """Watch a module; return the program that it ran.

    Raises
    ------
    ArchitectureError
        If what it does depends on its inputs.
    """
    try:
        return _watched(module, example)
    except Exception as problem:  # whatever the module itself raises, too
        plain = without_hooks(module)  # somebody may have been looking into it
        if plain is not None:
            with suppress(Exception):
                return _watched(plain, example)
        raise not_run(problem, name, list(example.shape[1:])) from problem


def _watched(module: nn.Module, example: Tensor) -> Any:
    # What torch prints of its inner workings is not for the reader.
    logger = logging.getLogger("torch.fx.experimental.symbolic_shapes")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stderr(StringIO()):
            return torch.export.export(module, (example,))
    finally:
        logger.setLevel(level)


def recipe_of(program: Any, example: Tensor, name: str) -> tuple[Recipe, int]:
    """Write down the steps of a program; return them and the number of what it gives.

    Raises
    ------
    ArchitectureError
        If an operation is not known; says where in the module it was met.
    """
    return _Reader(program, example, name).read()


@dataclass
class _Reader:
    program: Any
    example: Tensor
    name: str

    def __post_init__(self) -> None:
        self.recipe = Recipe(self.example.shape[1:])
        self.found: dict[Any, Any] = {}

    def read(self) -> tuple[Recipe, int]:
        """Go through all nodes in order."""
        signature = self.program.graph_signature
        held = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
        constants = dict(signature.inputs_to_lifted_tensor_constants)
        state: Mapping[str, Tensor] = {**self.program.constants, **self.program.state_dict}
        for node in self.program.graph.nodes:
            if node.op == "placeholder":
                key = held.get(node.name, constants.get(node.name))
                self.found[node] = Value(0) if key is None else state[key]
            elif node.op == "call_function":
                self.found[node] = self._call(node)
            elif node.op == "output":
                return self.recipe, self._output(node.args[0])
        raise ArchitectureError(f"{self.name} gives nothing; expected outputs")

    def _output(self, given: Any) -> int:
        values = [self.found.get(one) for one in given]
        numbers = [one.number for one in values if isinstance(one, Value)]
        if not numbers:
            raise ArchitectureError(
                f"{self.name} gives nothing that depends on its inputs; expected outputs"
            )
        if len(values) > 1:
            self.recipe.notes.append(
                f"It gives {len(values)} tensors; the first that depends on its inputs is taken."
            )
        return numbers[0]

    def _call(self, node: Any) -> Any:
        arguments = [self._known(one) for one in node.args]
        named = {key: self._known(one) for key, one in node.kwargs.items()}
        if not _holds_value([*arguments, *named.values()]):
            return node.target(*arguments, **named)
        if getattr(node.target, "__name__", "") == "getitem":
            return arguments[0][arguments[1]]
        schema = getattr(node.target, "_schema", None)
        full = schema.name.split("::")[-1] if schema is not None else str(node.target)
        operation = OPERATIONS.get(full.rstrip("_"))
        if full in UNFOLLOWED:
            raise unfollowed(UNFOLLOWED[full], self.name, _where(node))
        if operation is None or schema is None:
            raise self._unknown(full, node)
        given = {
            argument.name: (
                arguments[place]
                if place < len(arguments)
                else named.get(argument.name, argument.default_value)
            )
            for place, argument in enumerate(schema.arguments)
        }
        shape = getattr(node.meta.get("val"), "shape", ())
        call = Call(self.recipe, given, tuple(int(size) for size in shape), len(self.example))
        try:
            result = operation(call)
        except ArchitectureError as problem:
            raise ArchitectureError(
                f"{self.name} uses {full.rstrip('_')} {_where(node)} in a way that is not known "
                f"here: {problem}"
            ) from problem
        if full.endswith("_") and not full.startswith(
            "_"
        ):  # in place: whoever reads it, reads this
            self.found[node.args[0]] = result
        return result

    def _known(self, given: Any) -> Any:
        if isinstance(given, list | tuple):
            return [self._known(one) for one in given]
        return self.found[given] if isinstance(given, torch.fx.Node) else given

    def _unknown(self, operation: str, node: Any) -> ArchitectureError:
        return ArchitectureError(
            f"{self.name} uses {operation} {_where(node)}, which is not known here; expected "
            f"linear layers, convolutions, norms, activations, sums and products, pooling and "
            f"reshaping (explorer.network.tracing.operations.OPERATIONS lists all)"
        )


def _holds_value(given: Any) -> bool:
    if isinstance(given, list | tuple):
        return any(_holds_value(one) for one in given)
    return isinstance(given, Value)


def _where(node: Any) -> str:
    """Say in which part of the module a node stands."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path, kind = stack[-1] if stack else ("", "")
    kind = kind if isinstance(kind, str) else getattr(kind, "__name__", "")
    return f"in {place_of(path, kind.rsplit('.', 1)[-1])}"
