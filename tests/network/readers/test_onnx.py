"""ONNX files: what they draw is what opens."""

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

from explorer.network.architectures import MLP
from explorer.network.load import load
from tests.network.pictures import batch
from tests.network.readers.onnx_writing import mlp, model, node, tensor


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def opened(*args, **kwargs):
    return load(model(*args, **kwargs).SerializeToString())


def test_a_plain_stack_is_the_one_of_bare_weights(tmp_path):
    nodes, tensors = mlp()
    a, b, c, d = (torch.from_numpy(numpy_helper.to_array(one).copy()) for one in tensors)
    state = {"0.weight": a.T, "0.bias": b, "2.weight": c, "2.bias": d}
    torch.save({key: tensor.contiguous() for key, tensor in state.items()}, tmp_path / "mlp.pt")
    found = opened(nodes, tensors)
    assert isinstance(found.network, MLP)
    assert found.id == load(tmp_path / "mlp.pt").id
    assert found.origin.format == "ONNX"


def test_weights_may_lie_beside_the_file(tmp_path):
    whole = model(*mlp())
    data = whole.SerializeToString()
    onnx.save(
        whole,
        tmp_path / "mlp.onnx",
        save_as_external_data=True,
        location="mlp.data",
        size_threshold=0,
    )
    assert (tmp_path / "mlp.data").stat().st_size > 0
    assert load(tmp_path / "mlp.onnx").id == load(data).id


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE])
@pytest.mark.parametrize("raw", [True, False])
def test_numbers_of_other_sizes_are_read(kind, raw):
    """Values that all of these types hold exactly."""
    nodes, _ = mlp()
    values = np.arange(12, dtype=np.float32) / 4 - 1
    shapes = {"a": (4, 3), "b": (3,), "c": (2, 3), "d": (2,)}
    tensors = []
    for name, shape in shapes.items():
        count = int(np.prod(shape))
        exact = torch.from_numpy(values[:count].copy())
        made = helper.make_tensor(name, kind, shape, values[:count].tolist())
        if raw:
            dtype = {10: torch.float16, 16: torch.bfloat16, 11: torch.float64}[kind]
            data = exact.to(dtype).view(torch.uint8).numpy().tobytes()
            made = helper.make_tensor(name, kind, shape, data, raw=True)
        tensors.append(made)
    network = opened(nodes, tensors).network
    assert torch.equal(network.weights[1], torch.from_numpy(values[:6].reshape(2, 3)))
    assert network.weights[0].dtype == torch.float32


def test_shapes_that_the_graph_computes_are_followed():
    """Flattened by Shape, Gather, Unsqueeze, Concat and Reshape, as older exporters write it."""
    weight = draw(3, 2 * 4 * 4)
    nodes = [
        node("Conv", "x k", "h", pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
        node("LeakyRelu", "h", "i", alpha=0.3),
        node("Shape", "i", "s"),
        node("Gather", "s zero", "g"),
        node("Unsqueeze", "g first", "u"),
        node("Concat", "u rest", "w", axis=0),
        node("Reshape", "i w", "f"),
        node("Gemm", "f c", "y", transB=1),
    ]
    kernel = draw(2, 3, 3, 3, seed=1)
    tensors = [
        tensor("k", kernel),
        tensor("zero", np.array(0)),
        tensor("first", np.array([0])),
        tensor("rest", np.array([-1])),
        tensor("c", weight),
    ]
    inputs = batch((3, 4, 4))
    hidden = F.leaky_relu(F.conv2d(inputs, torch.from_numpy(kernel), padding=1), 0.3)
    wanted = hidden.flatten(1) @ torch.from_numpy(weight).T
    for size in ("n", 1, 7):
        network = opened(nodes, tensors, shape=(size, 3, 4, 4)).network
        assert network.shape == "3-2-3"
        assert torch.allclose(network(inputs.flatten(1)), wanted, atol=1e-5)


def test_the_pieces_of_a_gelu_and_a_norm_in_numbers():
    parts = {"u": 2**0.5, "v": 1, "w": 0.5}
    half = {name: tensor(name, np.float32(value)) for name, value in parts.items()}
    nodes = [
        node("Gemm", "x a b", "h"),
        node("Div", "h u", "d1"),
        node("Erf", "d1", "d2"),
        node("Add", "d2 v", "d3"),
        node("Mul", "h d3", "d4"),
        node("Mul", "d4 w", "g"),
        node("LayerNormalization", "g s t", "n"),
        node("Add", "n g", "r"),
        node("Clip", "r low high", "q"),
        node("Gemm", "q c", "y", transB=1),
    ]
    a, b, c, s, t = draw(4, 3), draw(3), draw(2, 3), draw(3, seed=4), draw(3, seed=5)
    tensors = [tensor(*pair) for pair in zip("abcst", (a, b, c, s, t), strict=True)]
    tensors += [*half.values(), tensor("low", np.float32(-1)), tensor("high", np.float32(1.5))]
    network = opened(nodes, tensors).network
    inputs = batch((4,))
    gelu = F.gelu(inputs @ torch.from_numpy(a) + torch.from_numpy(b))
    normed = F.layer_norm(gelu, (3,), torch.from_numpy(s), torch.from_numpy(t))
    wanted = (normed + gelu).clamp(-1, 1.5) @ torch.from_numpy(c).T
    assert torch.allclose(network(inputs), wanted, atol=1e-5)
    assert network.shape == "4-3-2"


def test_convolutions_pad_as_they_say():
    kernel, inputs = draw(2, 1, 3, 3), batch((1, 5, 5))
    weight = torch.from_numpy(kernel)
    for settings, sizes, step in (
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, (1, 1, 1, 1), 2),
        ({"pads": [0, 1, 2, 0]}, (1, 0, 0, 2), 1),
    ):
        wanted = F.conv2d(F.pad(inputs, sizes), weight, stride=step)
        places = int(np.prod(wanted.shape[2:]))
        nodes = [node("Conv", "x k", "h", **settings), node("Flatten", "h", "f")]
        nodes += [node("Gemm", "f c", "y", transB=1)]
        last = draw(3, 2 * places)
        tensors = [tensor("k", kernel), tensor("c", last)]
        network = opened(nodes, tensors, shape=("n", 1, 5, 5)).network
        found = network(inputs.flatten(1))
        assert torch.allclose(found, wanted.flatten(1) @ torch.from_numpy(last).T, atol=1e-5)


def test_open_sizes_of_pictures_are_assumed_and_said():
    nodes = [node("Conv", "x k", "h"), node("Relu", "h", "i"), node("GlobalAveragePool", "i", "p")]
    nodes += [node("Flatten", "p", "f"), node("Gemm", "f c", "y", transB=1)]
    tensors = [tensor("k", draw(2, 3, 3, 3)), tensor("c", draw(3, 2))]
    found = opened(nodes, tensors, shape=("n", 3, "h", "w"))
    assert found.network.input_size == 3 * 224 * 224
    assert any("224x224" in note for note in found.origin.notes)
    assert isinstance(found.network, nn.Module)
