"""From the graph of an ONNX file to the steps of a network."""

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from explorer.errors import ArchitectureError
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.readers.onnx_constants import FOLDED, fold
from explorer.network.readers.onnx_node import Node
from explorer.network.readers.onnx_operators import OPERATORS
from explorer.network.readers.onnx_tensors import read_tensor
from explorer.network.tracing.calls import Value

_OWN = ("", "ai.onnx")


class GraphReader:
    """Writes down the steps of a graph.

    Parameters
    ----------
    recipe : Recipe
    tensors : mapping of str to Tensor
        Initializers.
    batch : int
        Count of examples, as shapes in the graph name it.
    opset : int
        Version of the operators.
    name : str
        Of the file, for messages.
    """

    # Stands for a count of examples that is left open: no size that a network has.
    ANY_BATCH: ClassVar[int] = 99_991

    def __init__(
        self, recipe: Recipe, tensors: Mapping[str, Tensor], batch: int, opset: int, name: str
    ) -> None:
        self.recipe, self.batch, self.opset, self.name = recipe, batch, opset, name
        self.found: dict[str, Any] = dict(tensors)
        self.found[""] = None

    def read(self, graph: Any) -> int:
        """Go through all operations; return the number of what the graph gives.

        Raises
        ------
        ArchitectureError
            If an operation is not known.
        """
        (read,) = [one.name for one in graph.input if one.name not in self.found]
        self.found[read] = Value(0)
        for proto in graph.node:
            given = self._run(proto)
            self.found |= {key: v for key, v in zip(proto.output, given, strict=False) if key}
        values = [self.found.get(one.name) for one in graph.output]
        numbers = [value.number for value in values if isinstance(value, Value)]
        if not numbers:
            raise ArchitectureError(
                f"{self.name} gives nothing that depends on its input; expected outputs"
            )
        if len(values) > 1:
            self.recipe.notes.append(
                f"It gives {len(values)} tensors; the first that depends on its inputs is taken."
            )
        return numbers[0]

    def _run(self, proto: Any) -> list[Any]:
        what = f"{self.name} uses {proto.op_type!s:.40} ({proto.name or proto.output[:1]!s:.60})"
        if proto.domain not in _OWN:
            raise ArchitectureError(
                f"{what} of the domain {proto.domain!r:.40}; expected operators of ONNX itself"
            )
        unknown = [key for key in proto.input if key not in self.found]
        if unknown:
            raise ArchitectureError(
                f"{what}, which reads {unknown[0]!r:.60}, a side result; expected a first result"
            )
        inputs = [self.found[key] for key in proto.input]
        node = Node(
            self.recipe,
            inputs,
            _attributes(proto, what, self.name),
            self.batch,
            self.opset,
            len(proto.output),
        )
        known = OPERATORS.get(proto.op_type)
        constant = not any(isinstance(one, Value) for one in inputs)
        try:
            if proto.op_type in FOLDED and (constant or proto.op_type == "Shape"):
                return [fold(proto.op_type, node)]
            if known is None or constant:
                raise ArchitectureError(
                    "expected linear layers, convolutions, norms, activations, sums and products, "
                    "pooling and reshaping (explorer.network.readers.onnx_operators.OPERATORS "
                    "lists all)"
                )
            given = known(node)
        except ArchitectureError as problem:
            raise ArchitectureError(
                f"{what}, which is not known here in this use: {problem}"
            ) from problem
        except (
            *(RuntimeError, ValueError, TypeError, IndexError, KeyError),
            *(OverflowError, AttributeError, AssertionError),
        ) as problem:
            raise ArchitectureError(
                f"{what} with inputs and attributes that do not fit it; expected what ONNX says"
            ) from problem
        return given if isinstance(given, list) else [given]


def check_order(graph: Any, tensors: Mapping[str, Tensor], name: str) -> None:
    """Refuse a graph in which an operation reads what nothing gives before it.

    Raises
    ------
    ArchitectureError
        Also if two operations give a result of one name.
    """
    given = {"", *tensors, *(one.name for one in graph.input)}
    for proto in graph.node:
        for key in proto.input:
            if key not in given:
                raise ArchitectureError(
                    f"{name} uses {proto.op_type!s:.40} ({proto.name or proto.output[:1]!s:.60}), "
                    f"which reads {key!r:.60}; expected something that gives it before"
                )
        for key in filter(None, proto.output):
            if key in given:
                raise ArchitectureError(
                    f"{name} gives {key!r:.60} twice; expected names of their own"
                )
            given.add(key)


def _attributes(proto: Any, what: str, name: str) -> dict[str, Any]:
    """Settings of an operation; tensors among them are read, graphs are not."""
    found: dict[str, Any] = {}
    for one in proto.attribute:
        if one.type == 1:
            found[one.name] = one.f
        elif one.type == 2:
            found[one.name] = one.i
        elif one.type == 3:
            found[one.name] = one.s.decode("utf-8", errors="replace")
        elif one.type == 4:
            found[one.name] = read_tensor(one.t, None, name)
        elif one.type == 6:
            found[one.name] = list(one.floats)
        elif one.type == 7:
            found[one.name] = list(one.ints)
        else:
            raise ArchitectureError(
                f"{what}, which holds a graph of its own or text; expected operations that do the "
                f"same whatever the numbers are"
            )
    return found
