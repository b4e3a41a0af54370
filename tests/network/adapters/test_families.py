"""Whatever the wrapping, the same weights open as the same network; what is wrong is named."""

from dataclasses import replace

import pytest
import torch

from explorer.errors import ArchitectureError
from explorer.network.adapters import adapters, open_content
from explorer.network.architectures.families import FAMILIES
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph
from tests.network.tiny_transformers import (
    config_of,
    file_of,
    module_of,
    network_of,
    random_module,
    tensors_of,
    tokens,
)

families = pytest.mark.parametrize("name", FAMILIES)


def opened(content):
    return open_content(content, "it")[0]


def graph_id(network):
    return network_graph(Checkpoint("it", network), "layer").id


def renamed(content, change):
    return replace(content, tensors={change(key): v for key, v in content.tensors.items()})


@families
def test_a_folder_opens_as_the_network_that_wrote_it(name):
    network = opened(file_of(module_of(name)))
    assert network.describe() == network_of(name).describe()
    assert torch.equal(network(tokens()), network_of(name)(tokens()))
    assert open_content(file_of(module_of(name)), "it")[1] == ()


@families
@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.module.", "model.", "backbone.", ""])
def test_prefixes_change_nothing(name, prefix):
    """An empty prefix stands for the body by itself, as its own class writes it."""
    content = file_of(module_of(name))
    body = f"{FAMILIES[name].body}."
    if prefix:
        wrapped = renamed(content, lambda key: prefix + key)
    else:
        wrapped = renamed(content, lambda key: key.removeprefix(body))
    assert graph_id(opened(wrapped)) == graph_id(network_of(name))
    assert torch.equal(opened(wrapped)(tokens()), network_of(name)(tokens()))


@families
def test_both_of_two_tied_tensors_may_be_there(name):
    content = file_of(module_of(name))
    both = dict(module_of(name).state_dict())
    network = opened(replace(content, tensors=both))
    assert network.describe() == network_of(name).describe()
    assert torch.equal(network(tokens()), network_of(name)(tokens()))


def test_tensors_said_to_be_tied_that_differ_are_believed():
    content = file_of(random_module("gemma", tie_word_embeddings=False), tie_word_embeddings=True)
    network = opened(content)
    assert not torch.equal(network.state_dict()["lm_head.weight"], network.body.embed_tokens.weight)


@families
def test_every_missing_tensor_is_named(name):
    content = file_of(module_of(name, 1))
    for key in content.tensors:
        left = {other: tensor for other, tensor in content.tensors.items() if other != key}
        with pytest.raises(ArchitectureError, match="expected") as caught:
            opened(replace(content, tensors=left))
        assert key in str(caught.value) or key.removeprefix("cls.") in str(caught.value)


@families
def test_shapes_and_kinds_that_do_not_fit_are_named(name):
    content = file_of(module_of(name, 1))
    family = FAMILIES[name]
    key = f"{family.body}.{family.blocks}.0.{family.down}.weight"
    for wrong in (
        content.tensors[key][1:],
        content.tensors[key][0],
        torch.zeros_like(content.tensors[key], dtype=torch.int8),
    ):
        with pytest.raises(ArchitectureError, match=f"'{key}'"):
            opened(replace(content, tensors={**content.tensors, key: wrong}))


@families
def test_a_tensor_too_many_is_named(name):
    content = file_of(module_of(name, 1))
    family = FAMILIES[name]
    for key in ("strange.weight", f"{family.body}.{family.blocks}.1.{family.down}.weight"):
        with pytest.raises(ArchitectureError, match=f"{key}'.*no such tensor"):
            opened(replace(content, tensors={**content.tensors, key: torch.zeros(2)}))


@families
def test_settings_that_say_other_sizes_are_refused(name):
    key = "n_head" if name == "gpt2" else "num_attention_heads"
    for change in ({"vocab_size": 41}, {key: 10**8}, {key: None}):
        with pytest.raises(ArchitectureError):
            opened(file_of(module_of(name, 1), **change))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_kinds_of_floats(dtype):
    content = file_of(module_of("llama"))
    other = {key: tensor.to(dtype) for key, tensor in content.tensors.items()}
    network = opened(replace(content, tensors=other))
    assert {tensor.dtype for tensor in network.state_dict().values()} == {dtype}
    torch.testing.assert_close(network(tokens()), network_of("llama")(tokens()), atol=0.1, rtol=0)


def test_tables_that_older_versions_wrote_are_passed_over():
    older = {
        "gpt2": "transformer.h.0.attn.bias",
        "gpt_neox": "gpt_neox.layers.0.attention.masked_bias",
        "llama": "model.layers.0.self_attn.rotary_emb.inv_freq",
        "bert": "bert.embeddings.position_ids",
    }
    for name, key in older.items():
        content = file_of(module_of(name))
        network = opened(replace(content, tensors={**content.tensors, key: torch.ones(1)}))
        assert graph_id(network) == graph_id(network_of(name))


def test_the_first_names_of_norms_in_bert():
    content = file_of(module_of("bert"))
    older = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}

    def named(key):
        for new, old in older.items():
            key = key.replace(new, old)
        return key

    assert graph_id(opened(renamed(content, named))) == graph_id(network_of("bert"))


def test_layers_on_top_of_bert_are_left_out_and_said():
    content = file_of(module_of("bert"))
    body = {k: v for k, v in content.tensors.items() if not k.startswith("cls.")}
    tops = {"bert.pooler.dense.weight": torch.ones(16, 16), "classifier.bias": torch.ones(2)}
    network, notes = open_content(replace(content, tensors=body | tops), "it")
    assert network.output_size == 16
    assert "bert.pooler.dense.weight" in notes[0] and "no head" in notes[1]
    assert graph_id(network) == graph_id(network_of("bert"))


WIDE = {
    "gpt2": {"n_embd": 128, "n_head": 2},
    "bert": {"hidden_size": 128, "num_attention_heads": 2},
    "qwen3": {"rope_theta": 1e6},
    "gemma3_text": {"sliding_window": 512, "layer_types": None},
}


@pytest.mark.parametrize("name", WIDE)
def test_shapes_tell_enough_of_some_families(name):
    module = random_module(name, **WIDE[name])
    content = file_of(module)
    network, notes = open_content(replace(content, config=None), "it")
    assert "No config.json" in notes[0] and len(notes) == 1
    assert graph_id(network) == graph_id(opened(content))
    torch.testing.assert_close(network(tokens()), module(input_ids=tokens()).logits)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in WIDE])
def test_shapes_do_not_tell_heads_of_others(name):
    with pytest.raises(ArchitectureError, match=r"config\.json"):
        opened(file_of(module_of(name), config=False))


@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_a_width_that_heads_of_64_do_not_fill(name):
    with pytest.raises(ArchitectureError, match=r"config\.json"):
        opened(file_of(module_of(name), config=False))


def test_an_architecture_that_nobody_knows_says_what_is_known():
    content = replace(file_of(module_of("llama")), config={"model_type": "mamba"})
    with pytest.raises(ArchitectureError, match="mamba") as caught:
        opened(content)
    said = str(caught.value)
    assert "input_layernorm.weight' of shape (16,)" in said and len(said) < 380
    assert all(adapter.name.partition(" (")[0] in said for adapter in adapters())


def test_each_adapter_says_what_it_needs():
    assert len({adapter.name for adapter in adapters()}) == len(adapters())
    assert all(adapter.needs for adapter in adapters())


def test_tensors_are_taken_as_they_lie():
    content = file_of(module_of("llama"))
    network = opened(content)
    taken = network.state_dict()
    assert all(
        taken[key].data_ptr() == v.data_ptr() for key, v in tensors_of(module_of("llama")).items()
    )
    assert config_of("llama").model_type == network.describe()["family"]
