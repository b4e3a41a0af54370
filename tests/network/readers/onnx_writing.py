"""ONNX files written by hand."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def tensor(name, array):
    return numpy_helper.from_array(np.asarray(array, order="C"), name)


def model(nodes, tensors, shape=("n", 4), outputs=("y",), inputs=("x",), kind=TensorProto.FLOAT):
    """Return a model with inputs of a shape."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, kind, shape) for name in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def node(kind, inputs, outputs="y", **attributes):
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def mlp(seed=0):
    """Return nodes and tensors of 4-3-2 as MatMul, Add and Relu."""
    draw = np.random.default_rng(seed)
    tensors = [
        tensor("a", draw.normal(size=(4, 3)).astype(np.float32)),
        tensor("b", draw.normal(size=3).astype(np.float32)),
        tensor("c", draw.normal(size=(2, 3)).astype(np.float32)),
        tensor("d", draw.normal(size=2).astype(np.float32)),
    ]
    nodes = [
        node("MatMul", "x a", "h"),
        node("Add", "h b", "i"),
        node("Relu", "i", "j"),
        node("Gemm", "j c d", "y", transB=1),
    ]
    return nodes, tensors
