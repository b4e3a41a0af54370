"""Embeddings that stay in half precision give what they would give in single precision."""

import pytest
import torch
from torch.nn import functional as F

from explorer.network.architectures import Transformer, transformer_single
from explorer.network.architectures.transformer_single import LookedUp, Unembedding
from tests.network.tiny_transformers import module_of, random_module, tokens


@pytest.mark.parametrize("has_bias", [True, False])
@pytest.mark.parametrize("words", [7, 40, 100])
def test_logits_in_parts_are_logits(words, has_bias, monkeypatch):
    monkeypatch.setattr(transformer_single, "_WORDS", words)
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(40, 16, generator=generator).half()
    bias = torch.randn(40, generator=generator).half() if has_bias else None
    states = torch.randn(3, 5, 16, generator=generator)
    expected = F.linear(states, weight.float(), None if bias is None else bias.float())
    layer = Unembedding(weight, bias)
    assert not list(layer.parameters())
    torch.testing.assert_close(layer(states), expected)
    states.requires_grad_(True)
    torch.testing.assert_close(layer(states), expected)
    layer(states).sum().backward()
    torch.testing.assert_close(states.grad, weight.float().sum(0).expand(3, 5, 16))


def test_rows_are_scaled_as_the_embedding_scales_them():
    embedding = module_of("gemma3_text").model.embed_tokens
    layer = LookedUp(embedding, embedding.weight.half())
    rows = embedding.weight.half().float()[tokens()]
    torch.testing.assert_close(layer(tokens()), rows * embedding.embed_scale)
    assert not list(layer.parameters())


@pytest.mark.parametrize("name", ["llama", "bert"])
def test_only_embeddings_are_kept_short(name):
    module = random_module(name)
    network = Transformer(name, module.config.to_dict())
    network.load_state_dict({key: tensor.half() for key, tensor in module.state_dict().items()})
    running = network._running()
    assert {parameter.dtype for parameter in running.parameters()} == {torch.float32}
    held = {name for name, part in running.named_modules() if hasattr(part, "_held")}
    expected = {
        "llama": {"model.embed_tokens", "lm_head"},
        "bert": {"bert.embeddings.word_embeddings", "cls.predictions.decoder"},
    }
    assert held == expected[name]
    assert network._running() is running
