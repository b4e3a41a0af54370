"""Call the weights of an ONNX file as the module does that was exported.

Exporters keep most names of a ``state_dict``, but not all: a matrix that they turned round is
``onnx::MatMul_707`` or ``val_105`` then, and of several tensors that hold the same numbers (gains
of fresh norms, an embedding and the head that is tied to it) one name is left. But every operation
says of which module it is a part. So a weight is called after the module that reads it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.network.readers.onnx_modules import Modules

_NORM = ("", "weight", "bias")
# What operations read at which place, if its name says so too.
_NAMED = {
    "Gather": ("weight",),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), _NORM),
}
_NOTHING = torch.zeros(())
_Held = dict[str, tuple[str, Tensor]]  # of what every value is, and its numbers


def named_weights(graph: Any, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of a graph by their names in the ``state_dict`` of its module.

    Two more endings stand for what exporters compute ahead: ``.gain`` is what a norm multiplies
    by, where it is not a weight itself (1 + weight, in Gemma), and ``.added.0``, ``.added.1``, ...
    are tables that a module adds to every example, such as its positions.

    Parameters
    ----------
    graph : onnx.GraphProto
    tensors : mapping of str to Tensor
        Its initializers that hold floats.

    Returns
    -------
    dict of str to Tensor
        ``tensors`` itself where no name is that of a module's tensor.

    References
    ----------
    What torch notes: https://docs.pytorch.org/docs/stable/onnx_export.html

    Examples
    --------
    >>> from onnx import helper
    >>> node = helper.make_node("MatMul", ["x", "onnx::MatMul_7"], ["y"], "/head/MatMul")
    >>> graph = helper.make_graph([node], "", [], [])
    >>> found = named_weights(
    ...     graph, {"onnx::MatMul_7": torch.zeros(3, 2), "norm.bias": torch.ones(3)}
    ... )
    >>> {name: tuple(tensor.shape) for name, tensor in found.items()}
    {'norm.bias': (3,), 'head.weight': (2, 3)}
    """
    held: _Held = {key: (key, tensor) for key, tensor in tensors.items()}
    found = {key: tensor for key, tensor in tensors.items() if _is_of_a_module(key)}
    if not found:
        return dict(tensors)
    for node in graph.node:
        _pass_on(node, held, found)
    modules, added = Modules(found), dict[str, int]()
    for node in graph.node:
        module = modules.of(node)
        for role, tensor in _roles(node, held):
            name = f"{module}.{role}".removeprefix(".")
            if role == "added":
                added[module] = added.get(module, -1) + 1
                name = f"{name}.{added[module]}"
            if "." in name:
                found.setdefault(name, tensor)
    return found


def _is_of_a_module(key: str) -> bool:
    """Tell names of a ``state_dict`` from those that an exporter made up."""
    return "." in key and not key.startswith("/") and "::" not in key and "_output_" not in key


def _pass_on(node: Any, held: _Held, found: dict[str, Tensor]) -> None:
    """Follow weights through operations that leave their numbers as they are."""
    if node.op_type not in ("Identity", "Cast", "Transpose") or not node.input or not node.output:
        return
    if node.input[0] not in held:
        return
    name, tensor = held[node.input[0]]
    if node.op_type == "Transpose":
        held[node.output[0]] = (name, tensor.T if tensor.dim() == 2 else tensor[:0])
        return
    own = node.op_type == "Identity" and _is_of_a_module(node.output[0])
    if own:  # what is left of a tensor that holds the same numbers as another
        found.setdefault(node.output[0], tensor)
    held[node.output[0]] = (node.output[0] if own else name, tensor)


def _roles(node: Any, held: _Held) -> Iterator[tuple[str, Tensor]]:
    """What the weights that an operation reads are to its module."""
    read = [held.get(key, ("", _NOTHING)) for key in node.input]
    tensors = [tensor for _, tensor in read]
    axes = [tensor.dim() for tensor in tensors]
    kind = node.op_type
    if kind == "MatMul" and axes[1:] == [2]:
        yield "weight", tensors[1].T
    elif kind == "Gemm" and axes[1:2] == [2]:
        turned = any(one.name == "transB" and one.i for one in node.attribute)
        yield "weight", tensors[1] if turned else tensors[1].T
        if axes[2:] == [1]:
            yield "bias", tensors[2]
        elif not axes[2:] and not turned:  # ``addmm`` has a bias: one of zeros is left out
            yield "bias", tensors[1].new_zeros(tensors[1].shape[1])
    elif kind in _NAMED:
        for (name, tensor), role in zip(read, _NAMED[kind], strict=False):
            if role and name.endswith(f".{role}"):
                yield role, tensor
    elif kind in ("Mul", "Add"):
        for name, tensor in read:
            yield from _beside(kind, name, tensor)


def _beside(kind: str, name: str, tensor: Tensor) -> Iterator[tuple[str, Tensor]]:
    """What a constant is by which a value is multiplied, or which is added to it."""
    made_up = not _is_of_a_module(name)
    if tensor.dim() == 1 and name.endswith(".weight" if kind == "Mul" else ".bias"):
        yield "weight" if kind == "Mul" else "bias", tensor
    elif kind == "Mul" and tensor.dim() == 1 and made_up:
        yield "gain", tensor
    elif kind == "Add" and tensor.dim() in (2, 3) and made_up:
        yield "added", tensor
