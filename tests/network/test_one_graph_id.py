"""Every architecture, in every format, is one graph: a table of which no cell is left open.

The newer exporter of torch takes a second or two for a transformer, so of these only GPT-2 and BERT
go through it here; ``EXPLORER_ALL_EXPORTS=1`` before ``pytest`` takes all.
"""

import json
import os
from contextlib import suppress
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from explorer import load, save
from explorer.errors import ArchitectureError
from explorer.network.architectures import CNN
from explorer.network.graph import network_graph
from tests.network.exporting import by_export, by_torchscript
from tests.network.pictures import VGG, ResNet, batch, settled
from tests.network.readers.gguf_writing import write_gguf
from tests.network.tiny_nanogpt import ARGS, TinyNanoGPT
from tests.network.tiny_transformers import random_module, tensors_of

# A dot is the same graph id; a letter is a reason why there is no such thing.
TABLE = """
              own  safetensors  parts  state_dict  wrapped  folder  gguf  onnx  older_onnx  module
MLP           .    .            .      .           .        .       a     .     .           .
skips         .    b            b      b           b        b       a     .     .           .
CNN           .    .            .      .           .        .       a     .     .           .
ResNet        .    .            .      .           .        .       a     .     d           .
VGG           .    .            .      .           .        .       a     .     .           .
gpt2          .    .            .      .           .        .       .     .     .           .
gpt_neox      .    .            .      .           .        .       .     .     .           .
llama         .    .            .      .           .        .       .     .     .           .
mistral       .    .            .      .           .        .       .     .     .           .
qwen2         .    .            .      .           .        .       .     .     .           .
qwen3         .    .            .      .           .        .       .     .     .           .
gemma         .    .            .      .           .        .       .     .     .           .
gemma2        .    .            .      .           .        .       .     .     .           .
gemma3_text   .    .            .      .           .        .       .     .     .           .
nanogpt       .    .            .      .           .        .       c     .     .           .
bert          .    .            .      .           .        .       .     .     .           .
"""
REASONS = {
    "a": "GGUF is for language models",
    "b": "names and shapes of weights do not tell where values are added past a layer",
    "c": "nothing writes nanoGPT as GGUF; as a GPT-2 of transformers it is one",
    "d": "TorchScript folds batch norms with torch's square root, which some processors round "
    "otherwise than IEEE 754 says: the last bit of a weight",
}
FORMATS, *ROWS = (line.split() for line in TABLE.strip().splitlines())
CELLS = {(row[0], form): cell for row in ROWS for form, cell in zip(FORMATS, row[1:], strict=True)}
EXPORTED = ("MLP", "skips", "CNN", "ResNet", "VGG", "gpt2", "bert")
ALL = bool(os.environ.get("EXPLORER_ALL_EXPORTS"))


class Skips(nn.Module):
    """Numbers that pass a layer by, and norms."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Linear(4, 6), nn.LayerNorm(6)
        self.up, self.down, self.last = nn.Linear(6, 5), nn.Linear(5, 6), nn.Linear(6, 2)

    def forward(self, x):
        """Run."""
        x = self.first(x)
        return self.last(x + self.down(nn.functional.gelu(self.up(self.norm(x)))))


def mlp():
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2))


def own_cnn():
    return CNN((8, 8), [1, 3, 4], 2)


def cnn():
    """The network of this package as torch's layers."""
    own = own_cnn()
    layers = [part for kernel in own.convolutions for part in (kernel, nn.ReLU(), nn.MaxPool2d(2))]
    return nn.Sequential(*layers, nn.Flatten(), own.head)


NUMBERS = {
    "MLP": (mlp, (4,)),
    "skips": (Skips, (4,)),
    "CNN": (cnn, (1, 8, 8)),
    "ResNet": (lambda: ResNet(depths=(1, 1)), (3, 32, 32)),
    "VGG": (VGG, (3, 32, 32)),
}


@cache
def subject(name):
    """A network: as a module with its inputs, as tensors, settings, and its graph."""
    if name in NUMBERS:
        make, shape = NUMBERS[name]
        module, config, inputs = settled(make()), None, batch(shape, 1)
    elif name == "nanogpt":
        module, config, inputs = settled(TinyNanoGPT()), {"model_type": name, **ARGS}, None
    else:
        module = random_module(name, 1)
        config, inputs = module.config.to_dict(), None
    tensors = tensors_of(module)
    if name == "CNN":
        tensors = dict(zip(own_cnn().state_dict(), tensors.values(), strict=True))
    first = load(module, example_input=inputs)
    graph = network_graph(first, "layer")
    return SimpleNamespace(
        module=module, inputs=inputs, tensors=tensors, config=config, first=first, graph=graph
    )


def own(it, folder):
    return load(save(it.first, folder / "own.safetensors"))


def safetensors(it, folder):
    save_file({k: v.contiguous() for k, v in it.tensors.items()}, folder / "model.safetensors")
    return load(folder / "model.safetensors")


def parts(it, folder):
    places = {}
    for part in range(2):
        file = f"model-0000{part + 1}-of-00002.safetensors"
        held = {k: v.contiguous() for k, v in list(it.tensors.items())[part::2]}
        places |= dict.fromkeys(held, file)
        save_file(held, folder / file)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    return load(index)


def state_dict(it, folder):
    torch.save(dict(it.tensors), folder / "pytorch_model.bin")
    return load(folder / "pytorch_model.bin")


def wrapped(it, folder):
    tensors = {f"module._orig_mod.{key}": tensor for key, tensor in it.tensors.items()}
    torch.save({"model_state_dict": tensors, "epoch": 3}, folder / "pytorch_model.bin")
    return load(folder / "pytorch_model.bin")


def folder(it, folder):
    safetensors(it, folder)
    return load(folder)


def gguf(it, folder):
    kind = it.config["model_type"]
    arrays = {key: tensor.numpy() for key, tensor in it.tensors.items()}
    kind = "llama" if kind == "mistral" else kind  # as llama.cpp calls it
    return load(write_gguf(folder / "it.gguf", kind, it.module.config, arrays))


def onnx(it, folder):
    return load(by_export(it.module, it.inputs, folder / "it.onnx"))


def older_onnx(it, folder):
    return load(by_torchscript(it.module, it.inputs, folder / "it.onnx"))


def module(it, folder):
    return load(it.module, example_input=it.inputs)


OPENED = (own, safetensors, parts, state_dict, wrapped, folder, gguf, onnx, older_onnx, module)


def outputs(it, found):
    """What the module and the network that was opened give for the same inputs."""
    if it.inputs is None:
        tokens = torch.arange(6)[None]
        given = it.module(tokens)
        return getattr(given, "logits", given), found.network(tokens)
    return it.module(it.inputs), found.network(it.inputs.flatten(1))


@pytest.mark.parametrize(("name", "form"), CELLS, ids=map("-".join, CELLS))
def test_it_is_the_same_graph_or_there_is_a_reason(name, form, tmp_path):
    reason = CELLS[name, form]
    if form == "onnx" and name not in EXPORTED and not ALL:
        pytest.skip("its export takes more than a second; EXPLORER_ALL_EXPORTS=1 takes it too")
    if reason in ("a", "c"):
        assert REASONS[reason]  # nothing writes such a file
        return
    it = subject(name)
    if it.config is not None:
        (tmp_path / "config.json").write_text(json.dumps(it.config, default=str))
    opens = next(one for one in OPENED if one.__name__ == form)
    if reason == "b":
        with suppress(ArchitectureError):  # refused, or the chain that it could be, and said
            assert any("assumed" in note for note in opens(it, tmp_path).origin.notes)
        return
    found = opens(it, tmp_path)
    if "onnx" in form:
        torch.testing.assert_close(*outputs(it, found), atol=1e-5, rtol=1e-4)
    graph = network_graph(found, "layer")
    if reason == "d":
        assert graph.layers == it.graph.layers
        for one, other in zip(graph.blocks, it.graph.blocks, strict=True):
            assert np.allclose(one.coordinates()[2], other.coordinates()[2], rtol=1e-5)
    else:
        assert graph.id == it.graph.id


def test_the_table_has_every_format_and_every_reason_is_used():
    assert [one.__name__ for one in OPENED] == FORMATS
    assert set(CELLS.values()) == {".", *REASONS}
