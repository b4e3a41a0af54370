"""Weights of an ONNX file under the names of the module that was exported."""

import json

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from explorer.errors import ArchitectureError, CheckpointError, UnsafeFileError
from explorer.network.graph import network_graph
from explorer.network.load import load
from explorer.network.readers.onnx_heads import head_size
from explorer.network.readers.onnx_modules import Modules, module_of
from explorer.network.readers.onnx_names import named_weights
from tests.network.exporting import by_torchscript
from tests.network.readers.onnx_writing import node
from tests.network.tiny_transformers import random_module, tensors_of

_SCOPES = "pkg.torch.onnx.name_scopes"


def within(made, path):
    """Note beside an operation that it is in a module, as torch does."""
    scopes = ["", *(path.rsplit(".", count)[0] for count in range(path.count("."), 0, -1)), path]
    made.metadata_props.add(key=_SCOPES, value=repr([*scopes, "op"]))
    return made


def names(nodes, **tensors):
    """Names and first numbers of what is found; "__" stands for a dot."""
    given = {key.replace("__", "."): torch.as_tensor(one) for key, one in tensors.items()}
    found = named_weights(helper.make_graph(nodes, "", [], []), given)
    return {key: tensor.flatten()[0].item() for key, tensor in found.items()}


ROWS = torch.arange(6.0).reshape(2, 3)
ONES = torch.ones(3)


def test_a_weight_is_called_after_what_reads_it():
    nodes = [
        within(node("MatMul", "x val_1", "a"), "block.up"),
        within(node("Mul", "a add_2", "b"), "block.norm"),
        within(node("Mul", "b val_3", "c"), "block.act"),
        within(node("Add", "embedding_1 c", "d"), "block"),
        within(node("Add", "d embedding_2", "e"), "block"),
    ]
    tensors = {"embedding_1": ROWS + 3, "embedding_2": ROWS + 4, "add_2": ONES + 1}
    assert names(
        nodes, val_1=ROWS, val_3=torch.tensor(9.0), block__norm2__bias=ONES, **tensors
    ) == {
        "block.norm2.bias": 1.0,
        "block.up.weight": 0.0,
        "block.norm.gain": 2.0,
        "block.added.0": 3.0,
        "block.added.1": 4.0,
    }


def test_what_holds_the_same_numbers_has_each_of_its_names():
    nodes = [
        node("Identity", "one.norm.bias", "three.norm.bias"),
        node("Transpose", "head.weight", "t", perm=[1, 0]),
        within(node("Gather", "head.weight x", "a"), "body.words"),
        within(node("LayerNormalization", "a one.norm.weight one.norm.bias", "b"), "two.norm"),
        within(node("Mul", "b one.norm.weight", "c"), "four.norm"),
        within(node("Add", "one.norm.bias c", "d"), "two.up"),
        within(node("MatMul", "d t", "e"), "head"),
    ]
    found = names(nodes, one__norm__weight=ONES, one__norm__bias=ONES * 2, head__weight=ROWS)
    assert found == {
        "one.norm.weight": 1.0,
        "one.norm.bias": 2.0,
        "head.weight": 0.0,
        "three.norm.bias": 2.0,
        "body.words.weight": 0.0,
        "two.norm.weight": 1.0,
        "two.norm.bias": 2.0,
        "four.norm.weight": 1.0,
        "two.up.bias": 2.0,
    }


def test_matrices_are_the_way_round_that_their_operation_says():
    nodes = [
        within(node("Gemm", "x val_1", "a"), "one"),
        within(node("Gemm", "a val_1 z.bias", "b", transB=1), "two"),
    ]
    graph = helper.make_graph(nodes, "", [], [])
    found = named_weights(graph, {"val_1": ROWS, "z.bias": ONES[:2]})
    assert torch.equal(found["one.weight"], ROWS.T)
    assert torch.equal(found["one.bias"], torch.zeros(3))  # one of zeros is left out
    assert torch.equal(found["two.weight"], ROWS)
    assert "two.bias" in found


def test_names_that_no_module_gave_are_left_as_they_are():
    nodes = [node("MatMul", "x a", "y", name="/first/MatMul")]
    assert list(names(nodes, a=ROWS, b=ONES)) == ["a", "b"]


def test_modules_that_are_passed_over_are_put_back_if_it_is_clear_where():
    def named(name):
        return helper.make_node("Add", [], [], name)

    modules = Modules(["net.h.0.up.bias", "a.twice.bias", "b.twice.bias"])
    assert modules.of(named("/h.0/down/Add")) == "net.h.0.down"
    assert modules.of(named("/net/h.0/down/Add")) == "net.h.0.down"
    assert modules.of(named("/twice/Add")) == "twice"
    assert modules.of(named("/Add")) == module_of(named("Add")) == ""
    for text in ("", "[]", "['a']", "no list"):
        noted = helper.make_node("Add", [], [], "/first/Add")
        noted.metadata_props.add(key=_SCOPES, value=text)
        assert module_of(noted) == ""


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    """A GPT-2 of one block, with its settings beside it."""
    folder = tmp_path_factory.mktemp("gpt2")
    module = random_module("gpt2", 1)
    (folder / "config.json").write_text(json.dumps(module.config.to_dict(), default=str))
    return module, by_torchscript(module, None, folder / "gpt2.onnx")


def edited(gpt2, tmp_path, change, config=True):
    """Write it again, changed."""
    model = onnx.load(gpt2[1])
    change(model)
    if config:
        (tmp_path / "config.json").write_bytes((gpt2[1].parent / "config.json").read_bytes())
    (tmp_path / "it.onnx").write_bytes(model.SerializeToString())
    return tmp_path / "it.onnx"


def test_settings_beside_the_file_are_read(gpt2, tmp_path):
    found = load(gpt2[1])
    assert found.id == load(gpt2[1].parent).id == load(gpt2[0]).id
    assert found.origin.format == "ONNX"
    (tmp_path / "onnx").mkdir()
    moved = edited(gpt2, tmp_path, lambda model: None).rename(tmp_path / "onnx" / "it.onnx")
    assert load(moved).id == found.id  # as on the hub


def test_without_settings_the_graph_tells_how_many_heads_there_are(gpt2, tmp_path):
    found = load(edited(gpt2, tmp_path, lambda model: None, config=False))
    said = "No config.json came with it: a GELU and norms were taken to be those of GPT-2."
    assert found.origin.notes == (said,)
    assert found.network.heads == 4
    tokens = torch.arange(6)[None]
    torch.testing.assert_close(found.network(tokens), gpt2[0](tokens).logits)
    llama = by_torchscript(random_module("llama", 1), None, tmp_path / "llama.onnx")
    with pytest.raises(ArchitectureError, match=r"are rotated; expected its config\.json beside"):
        load(llama)


def test_heads_are_told_only_where_all_attention_is_split_alike():
    def split(size, module, **kinds):
        kinds = kinds or {"value_ints": [2, size]}
        shape = helper.make_node("Constant", [], [f"s{size}"], **kinds)
        named = f"/h.0/{module}/Reshape"
        return [shape, helper.make_node("Reshape", ["q", f"s{size}"], ["k"], named)]

    def told(*pairs):
        nodes = [one for pair in pairs for one in pair]
        return head_size(helper.make_graph(nodes, "", [], []), {}, "it")

    assert told(split(8, "attn"), split(4, "mlp"), split(6, "attn")) == 8
    assert told(split(8, "attn"), split(4, "self_attn")) == 0
    assert told(split(-1, "attn"), split(4, "attn")) == 4
    raw = numpy_helper.from_array(np.array([1, 5, 16]))
    assert told(split(16, "attn", value=raw)) == 16
    assert told() == 0


def looked_up(table):
    """Put what positions were looked up in the place of their table and of looking there."""

    def change(model):
        graph = model.graph
        place = next(one for one in graph.initializer if one.name.endswith("wpe.weight"))
        lookup = next(one for one in graph.node if place.name in one.input)
        for one in graph.node:
            one.input[:] = ["onnx::Add_1" if key in lookup.output else key for key in one.input]
        graph.node.remove(lookup)
        graph.initializer.remove(place)
        graph.initializer.append(numpy_helper.from_array(table.numpy(), "onnx::Add_1"))

    return change


def test_what_was_looked_up_for_one_length_is_said(gpt2, tmp_path):
    table = tensors_of(gpt2[0])["transformer.wpe.weight"][:6]
    for held in (table, table[None], table.expand(2, -1, -1)):
        found = load(edited(gpt2, tmp_path, looked_up(held)))
        said = "It was exported for one length of text, with 6 positions."
        assert found.origin.notes == (said,)
        assert torch.equal(found.network.state_dict()["transformer.wpe.weight"], table)
        assert network_graph(found, "layer").id == network_graph(load(gpt2[0]), "layer").id
    for held in (torch.stack([table, table + 1]), table[:0]):
        with pytest.raises(ArchitectureError, match=r"wpe\.weight' is missing"):
            load(edited(gpt2, tmp_path, looked_up(held)))


def weight_of(model):
    return next(one for one in model.graph.initializer if one.name.endswith("c_fc.weight"))


def test_broken_ones_are_refused_in_a_sentence(gpt2, tmp_path):
    def unnamed(model):
        """As a tool leaves it that makes one operation of several."""
        weight_of(model).name = "fused"
        for one in model.graph.node:
            one.input[:] = ["fused" if key.endswith("c_fc.weight") else key for key in one.input]
            one.name = ""

    def cut(model):
        model.graph.initializer.remove(weight_of(model))

    def outside(model):
        weight = weight_of(model)
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value="../secret.bin")

    said = {
        unnamed: "tool fused or packed cannot be told apart",
        cut: "expected something that gives it before",
    }
    for change, words in said.items():
        with pytest.raises(ArchitectureError, match=words):
            load(edited(gpt2, tmp_path, change))
    (tmp_path.parent / "secret.bin").write_bytes(bytes(16 * 64 * 4))
    with pytest.raises(UnsafeFileError):
        load(edited(gpt2, tmp_path, outside))
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").symlink_to(tmp_path.parent / "secret.bin")
    with pytest.raises(UnsafeFileError):
        load(edited(gpt2, tmp_path, lambda model: None, config=False))


def test_a_network_for_texts_that_nobody_knows_is_told_what_is_known(tmp_path):
    table = numpy_helper.from_array(np.ones((4, 3), np.float32), "words.weight")
    inputs = [helper.make_tensor_value_info("tokens", TensorProto.INT64, ("n", 5))]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    gather = node("Gather", "words.weight tokens", "y")
    graph = helper.make_graph([gather], "it", inputs, outputs, [table])
    with pytest.raises(ArchitectureError, match=r"'tokens'.*family known here with its config\."):
        load(helper.make_model(graph).SerializeToString())


def test_flipped_bytes_open_or_are_refused(gpt2, tmp_path):
    whole = gpt2[1].read_bytes()
    generator = np.random.default_rng(0)
    (tmp_path / "config.json").write_bytes((gpt2[1].parent / "config.json").read_bytes())
    refused = 0
    for _ in range(60):
        data = bytearray(whole)
        for place in generator.integers(1, len(data), size=4):
            data[place] = generator.integers(256)
        (tmp_path / "flipped.onnx").write_bytes(bytes(data))
        try:
            load(tmp_path / "flipped.onnx")
        except CheckpointError as problem:
            assert "\n" not in str(problem)
            refused += 1
    assert refused > 3
