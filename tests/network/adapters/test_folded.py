"""What exporters compute ahead is taken back as far as it can be."""

import pytest
import torch

from explorer.network.adapters.folded import taken_back
from explorer.network.architectures.families import FAMILIES

TABLE = torch.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_gains_are_those_that_were_folded_to_the_last_bit(dtype):
    generator = torch.Generator().manual_seed(0)
    sizes = 10 ** torch.empty(20_000).uniform_(-9, 2, generator=generator)
    weight = (sizes * torch.randn(20_000, generator=generator)).to(dtype)
    gain = 1 + weight
    found = taken_back(FAMILIES["gemma"], {"model.layers.0.input_layernorm.gain": gain})[0]
    back = found["model.layers.0.input_layernorm.weight"]
    assert back.dtype == dtype and not torch.equal(back, weight)
    assert torch.equal(1 + back, gain)
    assert torch.equal(
        taken_back(FAMILIES["llama"], {"model.norm.gain": gain})[0]["model.norm.weight"], gain
    )


def test_what_is_no_norm_is_no_gain():
    found = taken_back(
        FAMILIES["gemma"], {"model.rotary_emb.gain": TABLE, "model.norm.weight": TABLE}
    )
    assert list(found[0]) == ["model.norm.weight"]


def test_norms_of_the_same_numbers_side_by_side_are_two():
    key = "gpt_neox.layers.3.{}.weight"
    tensors = {key.format("input_layernorm"): TABLE}
    assert list(taken_back(FAMILIES["gpt_neox"], tensors)[0]) == [
        key.format("input_layernorm"),
        key.format("post_attention_layernorm"),
    ]
    assert len(taken_back(FAMILIES["llama"], tensors)[0]) == 1


def test_tables_of_bert_are_of_segments_and_of_positions():
    segments = TABLE[:1].expand(3, -1)
    added = {"bert.embeddings.added.0": segments[None], "bert.embeddings.added.1": TABLE[None]}
    found, settings, notes = taken_back(FAMILIES["bert"], added)
    assert torch.equal(found["bert.embeddings.token_type_embeddings.weight"], TABLE[:1])
    assert torch.equal(found["bert.embeddings.position_embeddings.weight"], TABLE)
    assert settings == {"type_vocab_size": 1, "max_position_embeddings": 3}
    assert "3 positions and one kind of segment" in notes[0]
    whole = {"bert.embeddings.token_type_embeddings.weight": TABLE}
    found, settings, _ = taken_back(FAMILIES["bert"], whole | dict([list(added.items())[1]]))
    assert settings == {"max_position_embeddings": 3} and len(found) == 2


def test_tables_that_cannot_be_told_apart_are_left_out():
    for added in (
        {"bert.embeddings.added.0": TABLE},
        {"bert.embeddings.added.0": TABLE, "bert.encoder.added.0": TABLE},
        {"bert.embeddings.added.0": torch.stack([TABLE, -TABLE])},
    ):
        assert taken_back(FAMILIES["bert"], added) == ({}, {}, ())
    assert taken_back(FAMILIES["llama"], {"model.added.0": TABLE}) == ({}, {}, ())
