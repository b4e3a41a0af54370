"""How the graph of an ONNX file splits attention into heads."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from explorer.network.readers.onnx_modules import module_of
from explorer.network.readers.onnx_tensors import read_tensor

_ATTENTION = ("attn", "self_attn", "self", "attention")
_FEW = 8  # axes of a shape


def head_size(graph: Any, tensors: Mapping[str, Tensor], name: str) -> int:
    """Return how many numbers a head has, as the shape says that queries are brought to.

    Parameters
    ----------
    graph : onnx.GraphProto
    tensors : mapping of str to Tensor
        Its initializers.
    name : str
        Of the file, for messages.

    Returns
    -------
    int
        0 where attention is nowhere split, or not everywhere alike.

    Examples
    --------
    >>> import torch
    >>> from onnx import helper
    >>> node = helper.make_node("Reshape", ["q", "shape"], ["y"], "/h.0/attn/Reshape")
    >>> graph = helper.make_graph([node], "", [], [])
    >>> head_size(graph, {"shape": torch.tensor([1, 5, -1, 32])}, "it")
    32
    """
    lasts = {key: int(one[-1]) for key, one in tensors.items() if _is_shape(one)}
    found: dict[str, int] = {}
    for node in graph.node:
        if node.op_type == "Constant" and node.output:
            for one in node.attribute:
                if one.name == "value_ints" and one.type == 7 and 0 < len(one.ints) <= _FEW:
                    lasts[node.output[0]] = one.ints[-1]
                elif one.name == "value" and one.type == 4 and len(one.t.dims) == 1:
                    value = read_tensor(one.t, None, name)
                    lasts |= {node.output[0]: int(value[-1])} if _is_shape(value) else {}
        elif node.op_type == "Concat" and node.input and node.output:
            if node.input[-1] in lasts:
                lasts[node.output[0]] = lasts[node.input[-1]]
        elif node.op_type == "Reshape" and len(node.input) > 1:
            module, last = module_of(node), lasts.get(node.input[1], 0)
            if module.rpartition(".")[2] in _ATTENTION and last > 0:
                found.setdefault(module, last)  # queries come first
    sizes = set(found.values())
    return sizes.pop() if len(sizes) == 1 else 0


def _is_shape(tensor: Tensor) -> bool:
    return not tensor.dtype.is_floating_point and tensor.dim() == 1 and 0 < len(tensor) <= _FEW
