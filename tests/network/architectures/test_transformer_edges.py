"""The edges of a transformer are sums of the weights that they stand for."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.network.architectures import Transformer, activity_of
from explorer.network.architectures.families import FAMILIES
from tests.network.tiny_transformers import module_of, network_of, tensors_of, tokens

families = pytest.mark.parametrize("name", FAMILIES)


def numbers(name):
    """Tensors of the only block of a tiny network, by their names within it, as |numbers|."""
    family = FAMILIES[name]
    lead = f"{family.body}.{family.blocks}.0."
    every = network_of(name, 1).state_dict()
    return {k.removeprefix(lead): np.abs(v.numpy()) for k, v in every.items()}


def found(name, activity=None):
    return [size.numpy() for size in network_of(name, 1).magnitudes(activity)]


def test_edges_of_llama_by_hand():
    w, sizes = numbers("llama"), found("llama")
    for head in range(4):
        own, shared = slice(4 * head, 4 * head + 4), slice(4 * (head // 2), 4 * (head // 2) + 4)
        rows = w["self_attn.q_proj.weight"][own].sum(0) + w["self_attn.k_proj.weight"][shared].sum(
            0
        )
        rows = rows + w["self_attn.v_proj.weight"][shared].sum(0)
        np.testing.assert_allclose(sizes[0][head], rows * w["input_layernorm.weight"], rtol=1e-5)
        columns = w["self_attn.o_proj.weight"][:, own].sum(1)
        np.testing.assert_allclose(sizes[1][:, head], columns, rtol=1e-5)
    both = w["mlp.gate_proj.weight"] + w["mlp.up_proj.weight"]
    np.testing.assert_allclose(sizes[2], both * w["post_attention_layernorm.weight"], rtol=1e-5)
    np.testing.assert_allclose(sizes[3], w["mlp.down_proj.weight"], rtol=1e-5)


def test_edges_of_gemma_3_by_hand():
    w, sizes = numbers("gemma3_text"), found("gemma3_text")
    every = network_of("gemma3_text", 1).state_dict()
    gains = {
        key.removeprefix("model.layers.0."): np.abs(1 + tensor.numpy())
        for key, tensor in every.items()
        if "norm" in key
    }
    q = w["self_attn.q_proj.weight"] * np.tile(gains["self_attn.q_norm.weight"], 4)[:, None]
    k = w["self_attn.k_proj.weight"] * np.tile(gains["self_attn.k_norm.weight"], 2)[:, None]
    for head in range(4):
        own, shared = slice(6 * head, 6 * head + 6), slice(6 * (head // 2), 6 * (head // 2) + 6)
        rows = q[own].sum(0) + k[shared].sum(0) + w["self_attn.v_proj.weight"][shared].sum(0)
        np.testing.assert_allclose(
            sizes[0][head], rows * gains["input_layernorm.weight"], rtol=1e-5
        )
        columns = w["self_attn.o_proj.weight"][:, own].sum(1)
        columns = columns * gains["post_attention_layernorm.weight"]
        np.testing.assert_allclose(sizes[1][:, head], columns, rtol=1e-5)
    both = w["mlp.gate_proj.weight"] + w["mlp.up_proj.weight"]
    np.testing.assert_allclose(
        sizes[2], both * gains["pre_feedforward_layernorm.weight"], rtol=1e-5
    )
    down = w["mlp.down_proj.weight"] * gains["post_feedforward_layernorm.weight"][:, None]
    np.testing.assert_allclose(sizes[3], down, rtol=1e-5)


def test_edges_of_gpt_2_by_hand():
    w, sizes = numbers("gpt2"), found("gpt2")
    merged = w["attn.c_attn.weight"].T.reshape(3, 4, 4, 16)
    np.testing.assert_allclose(sizes[0], merged.sum((0, 2)) * w["ln_1.weight"], rtol=1e-5)
    out = w["attn.c_proj.weight"].T.reshape(16, 4, 4).sum(2)
    np.testing.assert_allclose(sizes[1], out, rtol=1e-5)
    np.testing.assert_allclose(sizes[2], w["mlp.c_fc.weight"].T * w["ln_2.weight"], rtol=1e-5)
    np.testing.assert_allclose(sizes[3], w["mlp.c_proj.weight"].T, rtol=1e-5)


def test_edges_of_gpt_neox_by_hand():
    w, sizes = numbers("gpt_neox"), found("gpt_neox")
    merged = w["attention.query_key_value.weight"].reshape(4, 12, 16).sum(1)
    np.testing.assert_allclose(sizes[0], merged * w["input_layernorm.weight"], rtol=1e-5)
    queries = network_of("gpt_neox", 1).matrices[0].abs().numpy()
    rows = w["attention.query_key_value.weight"].reshape(4, 3, 4, 16)[:, 0].reshape(16, 16)
    np.testing.assert_array_equal(queries, rows)


def test_a_block_of_bert_reads_through_the_norm_before_it():
    every = {k: np.abs(v.numpy()) for k, v in network_of("bert").state_dict().items()}
    sizes = network_of("bert").magnitudes()
    before = ["bert.embeddings.LayerNorm", "bert.encoder.layer.0.output.LayerNorm"]
    for block, norm in enumerate(before):
        lead = f"bert.encoder.layer.{block}."
        rows = sum(
            every[f"{lead}attention.self.{part}.weight"].reshape(4, 4, 16).sum(1)
            for part in ("query", "key", "value")
        )
        np.testing.assert_allclose(sizes[4 * block], rows * every[f"{norm}.weight"], rtol=1e-5)
        gain = every[f"{lead}attention.output.LayerNorm.weight"]
        into = every[f"{lead}intermediate.dense.weight"] * gain
        np.testing.assert_allclose(sizes[4 * block + 2], into, rtol=1e-5)


@families
def test_activity_takes_the_place_of_gains(name):
    """Each weight counts by the mean size of what flows into it, which has the gain in it."""
    network = network_of(name, 1)
    activity = activity_of(network.trace(tokens()))
    sizes = network.magnitudes(activity)
    roles = dict(zip(FAMILIES[name].roles, network.matrices, strict=True))
    down = roles["down"].abs() * activity.mean[3]
    if FAMILIES[name].norms_after:
        norm = network.body.layers[0].post_feedforward_layernorm
        down = down * (1 + norm.weight).abs()[:, None]
    torch.testing.assert_close(sizes[3], down)
    up = roles["up"].abs() + (roles["gate"].abs() if "gate" in roles else 0)
    torch.testing.assert_close(sizes[2], up * activity.mean[2])
    assert all(torch.equal(network.link_magnitude(i, activity), s) for i, s in enumerate(sizes))


# A norm of BERT is read by the stream itself, too.
@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "bert"])
@pytest.mark.parametrize("norm", [0, 1])
def test_rescaling_a_norm_against_its_weights_changes_nothing(name, norm):
    family, network = FAMILIES[name], network_of(name).copy()
    before, logits = network.magnitudes(), network(tokens())
    scale = torch.rand(16, generator=torch.Generator().manual_seed(3)) + 0.5
    block = network.body.get_submodule(family.blocks)[1]
    gain = block.get_submodule(family.norms[norm])
    gain.weight.copy_((gain.weight + family.unit_gain) * scale - family.unit_gain)
    if getattr(gain, "bias", None) is not None:
        gain.bias.mul_(scale)
    roles = ("query", "key", "value") if norm == 0 else ("gate", "up")
    for module in {block.get_submodule(getattr(family, r)) for r in roles if getattr(family, r)}:
        module.weight.div_(scale[:, None] if family.transposed else scale)
    torch.testing.assert_close(network(tokens()), logits, atol=1e-4, rtol=0)
    for one, other in zip(network.magnitudes(), before, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(["gpt2", "gpt_neox", "bert"]), st.integers(0, 2**31))
def test_cut_edges_are_gone_and_others_stay(name, seed):
    network, generator = network_of(name), torch.Generator().manual_seed(seed)
    sizes = network.magnitudes()
    masks = [torch.rand(size.shape, generator=generator) < 0.3 for size in sizes]
    left = network.without_edges(masks)
    for after, size, mask in zip(left.magnitudes(), sizes, masks, strict=True):
        torch.testing.assert_close(after, size.masked_fill(mask, 0.0))
    untouched = set(network.state_dict()) - {f"{k}.weight" for k in _edge_modules(network)}
    for key in untouched:
        assert torch.equal(left.state_dict()[key], network.state_dict()[key])


def _edge_modules(network):
    family = network.family
    return {
        f"{family.body}.{family.blocks}.{block}.{getattr(family, role)}"
        for block in range(network.block_count)
        for role in family.roles
    }


def test_shared_keys_and_values_are_cut_only_for_all_their_heads():
    network = network_of("llama")
    masks = [torch.zeros(size.shape, dtype=torch.bool) for size in network.magnitudes()]
    masks[0][0, 5] = masks[0][2, 6] = masks[0][3, 6] = True
    query, key, value = network.without_edges(masks).matrices[:3]
    own_query, own_key, own_value = network.matrices[:3]
    assert (query[:4, 5] == 0).all() and (query[8:16, 6] == 0).all()
    for cut, own in ((key, own_key), (value, own_value)):
        assert torch.equal(cut[:, 5], own[:, 5])  # head 2 still reads it
        assert (cut[4:, 6] == 0).all() and torch.equal(cut[:4, 6], own[:4, 6])
    assert int((query != own_query).sum()) == 12


@families
def test_a_change_on_the_way_is_a_change_of_the_matrix(name):
    network, seen = network_of(name), []

    def changed(place, matrix):
        seen.append(place)
        return matrix.flip(0) * (place + 1)

    other = network.with_matrices([changed(i, w) for i, w in enumerate(network.matrices)])
    seen.clear()
    for link, expected in enumerate(other.magnitudes()):
        torch.testing.assert_close(network.link_magnitude(link, change=changed), expected)
    assert sorted(seen) == list(range(len(network.matrices)))


@families
def test_other_matrices_stand_where_the_old_ones_stood(name):
    network = network_of(name)
    again = network.with_matrices(network.matrices)
    assert all(torch.equal(again.state_dict()[k], v) for k, v in network.state_dict().items())
    new = [torch.full_like(w, i + 1.0) for i, w in enumerate(network.matrices)]
    other = network.with_matrices(new)
    assert all(map(torch.equal, other.matrices, new))
    assert not any(map(torch.equal, network.matrices, new))


@families
def test_sizes_of_edges_have_gradients(name):
    network = network_of(name, 1).trainable()
    sum(size.sum() for size in network.magnitudes()).backward()
    family = network.family
    block = network.body.get_submodule(family.blocks)[0]
    for role in family.roles:
        assert (block.get_submodule(getattr(family, role)).weight.grad != 0).any()
    for norm in (*family.norms[1:], *family.norms_after, *family.head_norms):
        assert (block.get_submodule(norm).weight.grad != 0).any()


@families
def test_weights_shown_are_signed_sizes(name):
    network = network_of(name)
    for link, (shown, size) in enumerate(
        zip(network.edge_weights, network.magnitudes(), strict=True)
    ):
        torch.testing.assert_close(shown.abs(), size)
        single = link % 4 == 3 or (link % 4 == 2 and not network.family.gate)
        assert bool((shown < 0).any()) == single
        assert torch.equal(network.edge_weight(link), shown)


def test_drawn_weights_are_those_of_the_generator():
    config = module_of("gemma3_text").config.to_dict()
    one, two, three = (Transformer("gemma3_text", config) for _ in range(3))
    for network, seed in ((one, 1), (two, 1), (three, 2)):
        network.initialise(torch.Generator().manual_seed(seed))
    assert torch.equal(one(tokens()), two(tokens()))
    assert not torch.equal(one(tokens()), three(tokens()))
    assert set(one.state_dict()) == set(tensors_of(module_of("gemma3_text")))
    assert (one.body.norm.weight == 0).all()  # a gain of 1
