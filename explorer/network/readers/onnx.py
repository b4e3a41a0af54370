"""Read an ONNX file: its weights and the steps that its graph takes, nothing of it being run."""

from pathlib import Path
from typing import Any

from explorer.errors import ArchitectureError, CheckpointError, FileFormatError
from explorer.network.architectures.dataflow_recipe import Recipe
from explorer.network.architectures.dataflow_steps import shape_from
from explorer.network.readers.content import EXPECTED, Drawn, WeightFile
from explorer.network.readers.limits import check_size, path_limit
from explorer.network.readers.onnx_graph import GraphReader, check_order
from explorer.network.readers.onnx_heads import head_size
from explorer.network.readers.onnx_names import named_weights
from explorer.network.readers.onnx_tensors import read_tensors
from explorer.network.readers.wording import one_line

_MAX_NODES = 20_000
_SIDE = 224  # of pictures whose size is left open
_PLANES = 4  # axes of a batch of pictures


def read_onnx(source: bytes | Path, name: str) -> WeightFile:
    """Read a file that begins as ONNX files do.

    Weights that lie in other files are read only from the folder of a path, and only whole.

    Parameters
    ----------
    source : bytes or Path
    name : str
        For messages.

    Returns
    -------
    WeightFile
        With what it draws; where its graph takes steps that are not known here, with the problem
        that this is, so that names may still tell what network it is.

    Raises
    ------
    FileFormatError, UnsafeFileError, FileTooLargeError, ArchitectureError
    """
    try:
        return _read(source, name)
    except CheckpointError:
        raise
    except Exception as problem:  # the parser of a format that is full of corners
        raise FileFormatError(
            f"{name} begins like an ONNX file but is damaged or cut short "
            f"({one_line(problem) or type(problem).__name__}); {EXPECTED}"
        ) from problem


def _read(source: bytes | Path, name: str) -> WeightFile:
    import onnx

    folder = None
    if isinstance(source, Path):
        folder = source.parent
        check_size(source.stat().st_size, name, min(path_limit(), 2**31 - 1))
        source = source.read_bytes()
    model = onnx.ModelProto.FromString(source)
    graph = model.graph
    if not graph.node or not graph.output:
        raise FileFormatError(f"{name} holds an ONNX graph without operations; {EXPECTED}")
    if len(graph.node) > _MAX_NODES:
        raise ArchitectureError(
            f"{name} holds {len(graph.node):,} operations; at most {_MAX_NODES:,} can be opened"
        )
    if graph.sparse_initializer or graph.quantization_annotation:
        raise ArchitectureError(
            f"{name} holds sparse or quantised weights; expected plain dense tensors"
        )
    _check_texts(graph, name)
    tensors = read_tensors(graph.initializer, folder, name)
    check_order(graph, tensors, name)
    versions = [one.version for one in model.opset_import if one.domain in ("", "ai.onnx")]
    try:
        shape, notes = _input(graph, tensors, name)
        reader = GraphReader(Recipe(shape[1:]), tensors, shape[0], max(versions, default=1), name)
        reader.recipe.notes += notes
        drawn = Drawn(reader.recipe, reader.read(graph))
    except ArchitectureError as problem:
        size = head_size(graph, tensors, name)
        drawn = Drawn(Recipe((1,)), problem=problem, head_size=size)
    floats = {key: tensor for key, tensor in tensors.items() if tensor.dtype.is_floating_point}
    weights = named_weights(graph, floats)
    return WeightFile(weights, None, True, format="ONNX", drawn=drawn)


def _check_texts(graph: Any, name: str) -> None:
    """Refuse names that are no text: the parser gives them as bytes."""
    named = [*graph.input, *graph.output, *graph.node]
    texts = [one.name for one in named]
    for node in graph.node:
        texts += [*node.input, *node.output, node.op_type, node.domain]
        texts += [attribute.name for attribute in node.attribute]
    if not all(isinstance(text, str) for text in texts):
        raise FileFormatError(f"{name} holds names that are no text; expected names in UTF-8")


def _input(graph: Any, tensors: Any, name: str) -> tuple[tuple[int, ...], list[str]]:
    """Shape of the one input, examples first; their count may stand for any."""
    import onnx

    inputs = [one for one in graph.input if one.name not in tensors]
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)
    whole = (onnx.TensorProto.INT32, onnx.TensorProto.INT64)
    if inputs and inputs[0].type.tensor_type.elem_type in whole:
        raise ArchitectureError(
            f"{name} reads whole numbers ({inputs[0].name!r:.40}), as a network for texts does; "
            f"expected floating-point numbers, or a transformer of a family known here with its "
            f"config.json beside the file"
        )
    if len(inputs) != 1:
        raise ArchitectureError(
            f"{name} reads {len(inputs)} inputs ({', '.join(one.name for one in inputs)!s:.60}); "
            f"expected one"
        )
    kind = inputs[0].type.tensor_type
    if kind.elem_type not in (*floats, onnx.TensorProto.DOUBLE) or len(kind.shape.dim) < 2:
        raise ArchitectureError(
            f"{name} reads an input {inputs[0].name!r:.40} that is no batch of numbers (type "
            f"{kind.elem_type}, {len(kind.shape.dim)} axes); expected examples of floating-point "
            f"numbers"
        )
    sizes, notes = [], []
    for axis, dim in enumerate(kind.shape.dim):
        size = dim.dim_value if dim.HasField("dim_value") else None
        if axis == 0:
            size = GraphReader.ANY_BATCH if size is None else size
        elif size is None and len(kind.shape.dim) == _PLANES and axis > 1:
            size = _SIDE
            notes.append(f"Its file leaves the size of pictures open: {_SIDE}x{_SIDE} is assumed.")
        elif size is None:
            raise ArchitectureError(
                f"{name} leaves axis {axis} of its input open; expected a fixed size"
            )
        sizes.append(size)
    shape = shape_from(sizes[1:], "inputs of shape")
    return (max(sizes[0], 1), *shape), notes[:1]
