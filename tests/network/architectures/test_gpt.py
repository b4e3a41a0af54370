"""A GPT: its formulas, the graph of its weights, its gate, its descriptions."""

import numpy as np
import pytest
import torch

from explorer.errors import ArchitectureError
from explorer.network.architectures import GPT, activity_of, build
from explorer.network.architectures.gpt_block import norm

TOKENS = torch.randint(11, (3, 9), generator=torch.Generator().manual_seed(0))


def small(gate: int = 0, **sizes: object) -> GPT:
    network = GPT(
        **{"tokens": 11, "width": 8, "heads": 4, "feed_forward": (6, 10)} | sizes, gate=gate
    )
    network.initialise(torch.Generator().manual_seed(1))
    with torch.no_grad():
        for block in network.blocks:
            block.near.normal_(0.0, 0.1, generator=torch.Generator().manual_seed(2))
    return network.eval().requires_grad_(False)


def test_it_does_what_the_formulas_of_one_block_say() -> None:
    network = small(feed_forward=(6,))
    block = network.blocks[0]
    x = network.embedding[TOKENS[0]]
    q, k, v = (norm(x) @ w.T for w in block.qkv.chunk(3))
    read = torch.zeros(9, 8)
    for head in range(4):
        own = slice(2 * head, 2 * head + 2)
        for i in range(9):
            scores = torch.tensor(
                [q[i, own] @ k[j, own] / 2**0.5 + 8 * block.near[head, i - j] for j in range(i + 1)]
            )
            read[i, own] = scores.softmax(dim=0) @ v[: i + 1, own]
    x = x + read @ block.out.T
    x = x + (norm(x) @ block.up.T).relu() @ block.down.T
    torch.testing.assert_close(network(TOKENS[:1])[0], norm(x) @ network.unembedding.T)


@pytest.mark.parametrize("gate", [0, 2])
def test_no_token_sees_what_follows(gate: int) -> None:
    network = small(gate)
    changed = TOKENS.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % 11
    before, after = network(TOKENS), network(changed)
    torch.testing.assert_close(before[:, :5], after[:, :5])
    assert not torch.allclose(before[:, 5:], after[:, 5:])


def test_tokens_beyond_the_context_count_as_the_farthest() -> None:
    near, far = small(context=4), small(context=9)
    state = near.state_dict()
    for name in [name for name in state if name.endswith("near")]:
        state[name] = state[name][:, [0, 1, 2, 3, 3, 3, 3, 3, 3]]
    far.load_state_dict(state)
    torch.testing.assert_close(near(TOKENS), far(TOKENS))


def test_links_and_magnitudes_fit_the_layers() -> None:
    network = small()
    sizes = [layer.size for layer in network.neuron_layers]
    assert sizes == [8, 4, 6, 4, 10]
    for found in (network.magnitudes(), network.edge_weights):
        shapes = [tuple(m.shape) for m in found]
        assert shapes == [(sizes[target], sizes[source]) for source, target in network.links]
    qkv, out = network.blocks[0].qkv, network.blocks[0].out
    own = [2, 3, 10, 11, 18, 19]  # query, key and value rows of head 1
    into, back, *_ = network.magnitudes()
    torch.testing.assert_close(into[1], qkv[own].abs().sum(dim=0))
    torch.testing.assert_close(back[:, 1], out[:, 2:4].abs().sum(dim=1))
    assert sum(w.numel() for w in network.matrices) == 2 * 4 * 64 + 2 * 8 * 16


def test_magnitudes_count_what_flows_in() -> None:
    network = small(gate=2)
    trace = network.trace(TOKENS)
    activity = activity_of(trace)
    counted = network.magnitudes(activity)
    block = network.blocks[1]
    active = trace.layers[4].abs().mean(dim=(0, 1))
    torch.testing.assert_close(counted[7], block.down.abs() * active)
    passed = trace.layers[3].permute(3, 0, 1, 2).flatten(1, 2)  # heads, tokens, numbers a head
    expected = (block.out.abs().unflatten(1, (4, 2)) * passed.abs().mean(dim=1)).sum(dim=2)
    torch.testing.assert_close(counted[5], expected)


def test_magnitudes_have_a_gradient() -> None:
    network = small().requires_grad_(True)
    sum(m.sum() for m in network.magnitudes()).backward()
    for block in network.blocks:
        assert all(bool((w.grad != 0).all()) for w in (block.qkv, block.out, block.up, block.down))


def test_cut_edges_carry_nothing() -> None:
    network = small()
    generator = torch.Generator().manual_seed(3)
    masks = [torch.rand(m.shape, generator=generator) < 0.5 for m in network.magnitudes()]
    cut = network.without_edges(masks)
    for before, after, mask in zip(network.magnitudes(), cut.magnitudes(), masks, strict=True):
        torch.testing.assert_close(after, before.masked_fill(mask, 0.0))
    everything = network.without_edges([torch.ones_like(mask) for mask in masks])
    x = network.embedding[TOKENS]
    torch.testing.assert_close(everything(TOKENS), norm(x) @ network.unembedding.T)


def test_an_edited_head_is_a_head_without_output_weights() -> None:
    network = small()

    def edit(layer: int, activations: torch.Tensor) -> torch.Tensor:
        if layer != 1:
            return activations
        held = torch.tensor([1.0, 1.0, 0.0, 1.0])
        return activations * held

    masks = [torch.zeros(m.shape, dtype=torch.bool) for m in network.magnitudes()]
    masks[1][:, 2] = True
    torch.testing.assert_close(network(TOKENS, edit), network.without_edges(masks)(TOKENS))


def test_edits_see_every_layer_with_neurons_last() -> None:
    network, seen = small(gate=2), {}

    def edit(layer: int, activations: torch.Tensor) -> torch.Tensor:
        seen[layer] = activations
        return activations

    trace = network.trace(TOKENS, edit)
    for index, layer in enumerate(network.neuron_layers):
        assert seen[index].shape[-1] == layer.size
        assert seen[index].shape[:2] == TOKENS.shape
        torch.testing.assert_close(seen[index], trace.layers[index])


def test_a_head_stands_for_its_numbers() -> None:
    assert [small().neurons_behind(layer) for layer in range(5)] == [1, 2, 1, 2, 1]
    assert small().output_size == small().input_size == 11


def test_only_the_likeliest_module_passes_the_gate() -> None:
    network = small(gate=2)
    trace = network.trace(TOKENS)
    logits = trace.extra["gate"]
    assert logits.shape == (4, 3, 9, 2)
    winner = logits.argmax(dim=-1)
    labels = network.bins(2)
    ends = np.cumsum([layer.size for layer in network.neuron_layers])
    for layer in range(1, 5):
        own = torch.from_numpy(labels[ends[layer - 1] : ends[layer]])
        silent = own != winner[layer - 1][..., None]
        active = trace.layers[layer] if layer % 2 == 0 else trace.layers[layer].abs().sum(dim=2)
        assert bool((active[silent] == 0).all())
        assert bool((active[~silent] != 0).any())


def test_a_gate_multiplies_with_its_probability() -> None:
    network = small(gate=2, feed_forward=(6,))
    trace = network.trace(TOKENS)
    block = network.blocks[0]
    x = trace.sites[2] @ block.up.T
    probability = trace.extra["gate"][1].softmax(dim=-1).max(dim=-1).values
    on = trace.layers[2] != 0
    torch.testing.assert_close(trace.layers[2][on], (x.relu() * probability[..., None])[on])


@pytest.mark.parametrize("gate", [0, 3])
def test_a_description_makes_the_same_network(gate: int) -> None:
    network = small(gate)
    again = build(network.describe())
    again.load_state_dict(network.state_dict())
    torch.testing.assert_close(again.eval()(TOKENS), network(TOKENS))
    assert network.copy().describe() == network.describe()


def test_weights_are_drawn_from_the_generator_alone() -> None:
    torch.manual_seed(0)
    first = small(2)
    torch.manual_seed(1)
    second = small(2)
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)
    )
    second.initialise(torch.Generator().manual_seed(9))
    assert not torch.equal(first.embedding, second.embedding)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"tokens": "many"}, "expected whole numbers"),
        ({"tokens": True}, "expected whole numbers"),
        ({"feed_forward": 256}, "expected whole numbers"),
        ({"feed_forward": []}, "at least one"),
        ({"width": 0}, "at least one"),
        ({"width": -4}, "expected whole numbers"),
        ({"width": 12, "heads": 8}, "multiple of the heads"),
        ({"feed_forward": [200_000]}, "at most 200,000"),
        ({"feed_forward": [1] * 1_001}, "1,001 blocks"),
        ({"tokens": 10**6, "width": 4_096}, "2,000,000,000"),
        ({"gate": 1}, "expected 0 for none"),
        ({"gate": 9}, "expected 0 for none"),
        ({"width": None}, "expected whole numbers"),
    ],
)
def test_bad_descriptions_are_refused_in_one_sentence(changed: dict, found: str) -> None:
    good = {"kind": "gpt", "tokens": 11, "width": 64, "heads": 8, "feed_forward": [256, 256]}
    with pytest.raises(ArchitectureError, match=found):
        build(good | changed)
