"""ONNX files that lie, hide, point elsewhere or are no networks, one each."""

import numpy as np
from onnx import TensorProto, helper

from tests.network.readers.onnx_writing import mlp, model, node, tensor

HUGE = 2**40


def _edited(change):
    made = model(*mlp())
    change(made)
    return made.SerializeToString()


def _with_tensor(change):
    return _edited(lambda made: change(made.graph.initializer[0]))


def _outside(location, offset="0", length=None):
    """Weights said to lie in another file."""

    def change(one):
        one.ClearField("raw_data")
        one.data_location = TensorProto.EXTERNAL
        said = {"location": location, "offset": offset}
        for key, value in (said | ({} if length is None else {"length": length})).items():
            one.external_data.add(key=key, value=value)

    return _with_tensor(change)


def _shaped(*dims):
    def change(one):
        del one.dims[:]
        one.dims.extend(dims)

    return _with_tensor(change)


def _nodes(*nodes, tensors=(), **kwargs):
    return model(list(nodes), list(tensors), **kwargs).SerializeToString()


def _cyclic():
    nodes, tensors = mlp()
    nodes[0].input[0] = "j"
    return model(nodes, tensors).SerializeToString()


def _missing():
    nodes, tensors = mlp()
    return model(nodes, tensors[1:]).SerializeToString()


def _branch(kind, **graphs):
    inner = helper.make_graph([node("Identity", "x", "z")], "inner", [], [])
    return _nodes(node(kind, "x", "y", **dict.fromkeys(graphs, inner)))


def _deep():
    """A graph in a graph in a graph ..., deeper than a parser goes."""
    inner = helper.make_graph([node("Identity", "x", "z")], "inner", [], [])
    data = inner.SerializeToString()
    for _ in range(400):  # an attribute of type graph in a node in a graph, by hand
        held = b"\x0a\x01g" + b"\x32" + _length(data) + data + b"\xa0\x01\x05"
        one = b"\x22\x02If\x2a" + _length(held) + held
        data = b"\x0a" + _length(one) + one
    return b"\x08\x09\x3a" + _length(data) + data


def _length(data):
    count, found = len(data), b""
    while count > 127:
        found += bytes([count % 128 + 128])
        count //= 128
    return found + bytes([count])


def _bomb(kind):
    big = tensor("s", np.array([2**20, 2**20]))
    first = node("ConstantOfShape", "s", "b")
    if kind == "Expand":
        first = node("Expand", "one s", "b")
    tensors = [big, tensor("one", np.ones((1, 1), dtype=np.float32))]
    return _nodes(first, node("MatMul", "x b"), tensors=tensors)


def _doubled():
    """A constant that doubles with every operation: small to write, endless to make."""
    nodes = [node("Concat", f"c{i} c{i}", f"c{i + 1}", axis=0) for i in range(40)]
    return _nodes(*nodes, node("Add", "x c40"), tensors=[tensor("c0", np.ones(4, np.float32))])


def _quantised(kind):
    def change(one):
        one.data_type = kind
        one.raw_data = bytes(12)

    return _with_tensor(change)


def _with_nan(one):
    values = np.frombuffer(one.raw_data, dtype=np.float32).copy()
    values[3] = np.nan
    one.raw_data = values.tobytes()


def _sparse(made):
    values = helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0])
    indices = helper.make_tensor("i", TensorProto.INT64, [1], [0])
    made.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [4, 3]))


def _renamed(made):
    made.graph.initializer[1].name = made.graph.initializer[0].name


def _text(one):
    one.ClearField("raw_data")
    one.data_type = TensorProto.STRING
    one.string_data.extend([b"x"] * 12)


def _fields(one):
    one.ClearField("raw_data")
    one.float_data.extend([1.0] * 11)


def _in_a_part(one):
    one.segment.begin = 0


def _own_domain(made):
    made.graph.node[2].domain = "com.example"


def _given_twice(made):
    made.graph.node[1].output[0] = "h"


WHOLE = model(*mlp()).SerializeToString()
MLP = mlp()
FILES = {
    "weights in /etc": _outside("/etc/passwd"),
    "weights above": _outside("../secret.bin"),
    "weights above, in a folder": _outside("sub/../../secret.bin"),
    "weights by a link": _outside("link.bin"),
    "weights by another system's path": _outside("..\\secret.bin"),
    "weights nowhere": _outside("gone.bin"),
    "weights in a folder itself": _outside("."),
    "weights without a place": _outside(""),
    "weights behind the end": _outside("data.bin", offset="1000000"),
    "weights from below 0": _outside("data.bin", offset="-8"),
    "weights at no number": _outside("data.bin", offset="1e3"),
    "weights that are shorter": _outside("data.bin", length="8"),
    "weights that are longer": _outside("data.bin", length="4096"),
    "more numbers than bytes": _shaped(4, 4),
    "fewer numbers than bytes": _shaped(2, 3),
    "a huge tensor": _shaped(HUGE, 3),
    "huge sizes that overflow": _shaped(2**62, 2**62),
    "a size below 0": _shaped(-4, -3),
    "many axes": _shaped(*[1] * 64),
    "a field too short": _with_tensor(_fields),
    "a part of a tensor": _with_tensor(_in_a_part),
    "text": _with_tensor(_text),
    "8 bits": _quantised(TensorProto.INT8),
    "unsigned 8 bits": _quantised(TensorProto.UINT8),
    "float of 8 bits": _quantised(TensorProto.FLOAT8E4M3FN),
    "an unknown type": _quantised(77),
    "sparse": _edited(_sparse),
    "two of one name": _edited(_renamed),
    "a value given twice": _edited(_given_twice),
    "not a number": _with_tensor(_with_nan),
    "a cycle": _cyclic(),
    "a missing tensor": _missing(),
    "an unknown operator": _nodes(node("LSTM", "x")),
    "an operator of somebody's own": _edited(_own_domain),
    "a choice": _branch("If", then_branch=1, else_branch=1),
    "a loop": _branch("Loop", body=1),
    "a scan": _branch("Scan", body=1),
    "graphs in graphs": _deep(),
    "two inputs": model(*MLP, inputs=("x", "z")).SerializeToString(),
    "no input": model(*MLP, inputs=()).SerializeToString(),
    "whole numbers as input": model(*MLP, kind=TensorProto.INT64).SerializeToString(),
    "an input without a shape": model(*MLP, shape=None).SerializeToString(),
    "an input of an open size": model(*MLP, shape=("n", "m")).SerializeToString(),
    "an input of a huge size": model(*MLP, shape=(1, HUGE)).SerializeToString(),
    "an input below 0": model(*MLP, shape=(1, -4)).SerializeToString(),
    "no operations": model([], []).SerializeToString(),
    "no outputs": model(*MLP, outputs=()).SerializeToString(),
    "outputs that nothing gives": model(*MLP, outputs=("q",)).SerializeToString(),
    "nothing but ReLU": _nodes(node("Relu", "x")),
    "attention": _nodes(
        node("Gemm", "x a", "q"),
        node("Transpose", "q", "k"),
        node("MatMul", "q k"),
        tensors=[MLP[1][0]],
    ),
    "examples that are mixed": _nodes(
        node("Reshape", "x s", "h"),
        node("MatMul", "h a"),
        tensors=[MLP[1][0], tensor("s", np.array([4, -1]))],
    ),
    "a bomb of zeros": _bomb("ConstantOfShape"),
    "a bomb of copies": _bomb("Expand"),
    "a bomb of doubling": _doubled(),
    "a bomb of padding": _nodes(
        node("Pad", "x p", "h"),
        node("MatMul", "h a"),
        tensors=[MLP[1][0], tensor("p", np.array([0, HUGE, 0, HUGE]))],
    ),
    "a matrix that does not fit": model(*MLP, shape=("n", 5)).SerializeToString(),
    "an axis that is none": _nodes(
        node("Softmax", "x", "h", axis=7), node("MatMul", "h a"), tensors=[MLP[1][0]]
    ),
    "an attribute of the wrong type": _nodes(
        node("Conv", "x k", "y", pads="none"),
        tensors=[tensor("k", np.ones((2, 1, 3, 3), np.float32))],
        shape=("n", 1, 4, 4),
    ),
    "cut short": WHOLE[: len(WHOLE) // 2],
    "cut at the end": WHOLE[:-3],
    "noise": b"\x08" + np.random.default_rng(0).bytes(400),
    "a first byte": b"\x08",
    "a version and nothing": b"\x08\x09",
}
