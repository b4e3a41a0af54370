"""A checkpoint of nanoGPT is the GPT-2 that it is."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.errors import ArchitectureError
from explorer.network.adapters import open_content
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph
from explorer.network.readers import WeightFile
from tests.network.tiny_transformers import TOKENS, file_of, random_module, tokens

ARGS = {"n_layer": 2, "n_head": 4, "n_embd": 16, "block_size": 32, "bias": True, "dropout": 0.0}


def nanogpt_of(tensors, args=ARGS, **more):
    """The same weights as nanoGPT keeps them: matrices the other way round, embeddings twice."""
    turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    kept = {k: v.t().contiguous() if k.endswith(turned) else v for k, v in tensors.items()}
    kept["lm_head.weight"] = kept["transformer.wte.weight"]
    config = {"model_type": "nanogpt", "model_args": {**args, "vocab_size": TOKENS}, **more}
    return WeightFile(kept, None, True, config, "nanoGPT")


def opened(content):
    return open_content(content, "it")[0]


@pytest.fixture(scope="module")
def module():
    return random_module("gpt2", activation_function="gelu")


def nano_forward(tensors, inputs):
    """The forward pass of nanoGPT's model.py, on its own tensors."""
    heads, x = 4, tensors["transformer.wte.weight"][inputs]
    x = x + tensors["transformer.wpe.weight"][: inputs.shape[1]]

    def norm(name, x):
        return F.layer_norm(x, (16,), tensors[f"{name}.weight"], tensors.get(f"{name}.bias"), 1e-5)

    def linear(name, x):
        return F.linear(x, tensors[f"{name}.weight"], tensors.get(f"{name}.bias"))

    for block in range(2):
        at = f"transformer.h.{block}"
        qkv = linear(f"{at}.attn.c_attn", norm(f"{at}.ln_1", x)).split(16, dim=2)
        q, k, v = (t.view(*inputs.shape, heads, 4).transpose(1, 2) for t in qkv)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(f"{at}.attn.c_proj", y.transpose(1, 2).reshape(x.shape))
        hidden = nn.GELU()(linear(f"{at}.mlp.c_fc", norm(f"{at}.ln_2", x)))
        x = x + linear(f"{at}.mlp.c_proj", hidden)
    return F.linear(norm("transformer.ln_f", x), tensors["lm_head.weight"])


def test_it_is_the_same_network_as_in_transformers(module):
    nano, folder = opened(nanogpt_of(file_of(module).tensors)), opened(file_of(module))
    torch.testing.assert_close(nano(tokens()), folder(tokens()), atol=1e-6, rtol=0)
    ids = [network_graph(Checkpoint("it", n), "layer").id for n in (nano, folder)]
    assert ids[0] == ids[1]
    assert Checkpoint("it", nano).id == Checkpoint("it", folder).id


@pytest.mark.parametrize("bias", [True, False])
def test_logits_are_those_of_its_own_forward_pass(module, bias):
    tensors = {k: v for k, v in file_of(module).tensors.items() if bias or "bias" not in k}
    content = nanogpt_of(tensors, {**ARGS, "bias": bias})
    network = opened(content)
    torch.testing.assert_close(
        network(tokens()), nano_forward(content.tensors, tokens()), atol=1e-5, rtol=0
    )


@pytest.mark.parametrize("prefix", ["", "_orig_mod.", "module._orig_mod."])
def test_what_training_leaves_in_a_file_is_passed_over(module, prefix):
    content = nanogpt_of(file_of(module).tensors)
    mask = {"transformer.h.0.attn.bias": torch.ones(1, 1, 32, 32)}
    tensors = {prefix + k: v for k, v in {**content.tensors, **mask}.items()}
    flat = {"model_type": "nanogpt", **content.config["model_args"]}
    network = opened(replace(content, tensors=tensors, config=flat))
    assert torch.equal(network(tokens()), opened(content)(tokens()))


def test_heads_of_64_are_taken_where_nothing_is_said():
    module = random_module("gpt2", n_embd=128, n_head=2, activation_function="gelu")
    bare = replace(nanogpt_of(file_of(module).tensors), config=None)
    network, notes = open_content(bare, "it")
    torch.testing.assert_close(network(tokens()), module(input_ids=tokens()).logits)
    assert "heads of 64" in notes[0]


def test_every_missing_tensor_is_named():
    content = nanogpt_of(file_of(random_module("gpt2", 1)).tensors, {**ARGS, "n_layer": 1})
    for key in content.tensors:
        if key == "lm_head.weight":  # it is tied to the embedding
            continue
        left = {other: tensor for other, tensor in content.tensors.items() if other != key}
        with pytest.raises(ArchitectureError, match=f"'{key}'|wte"):
            opened(replace(content, tensors=left))


def test_arguments_that_say_too_little(module):
    content = nanogpt_of(file_of(module).tensors)
    for args in ({}, {"n_layer": 2, "n_head": 4}, {**ARGS, "n_embd": 17}, {**ARGS, "n_head": "4"}):
        with pytest.raises(ArchitectureError):
            opened(replace(content, config={"model_type": "nanogpt", "model_args": args}))
