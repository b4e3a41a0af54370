"""A transformer does what transformers makes it do, and its parts can be seen and changed."""

import pickle
import threading

import pytest
import torch

from explorer.errors import TaskError
from explorer.network.architectures import Transformer, build
from explorer.network.architectures.families import FAMILIES
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.load import load
from tests.network.tiny_transformers import (
    TOKENS,
    file_of,
    module_of,
    network_of,
    random_module,
    tokens,
)

families = pytest.mark.parametrize("name", FAMILIES)


@families
def test_logits_are_those_of_transformers(name):
    expected = module_of(name)(input_ids=tokens()).logits
    trace = network_of(name).trace(tokens())
    torch.testing.assert_close(trace.outputs, expected, atol=1e-5, rtol=0)
    assert network_of(name).input_size == network_of(name).output_size == TOKENS


@families
def test_layers_of_a_trace_are_the_layers_of_nodes(name):
    network = network_of(name)
    trace = network.trace(tokens())
    sizes = [layer.size for layer in network.neuron_layers]
    assert [layer.name for layer in network.neuron_layers[:3]] == [
        "residual stream",
        "heads 1",
        "feed-forward 1",
    ]
    assert [layer.shape[-1] for layer in trace.layers] == sizes
    assert trace.layers[1].shape[:-1] == (3, 9, network.neurons_behind(1))
    assert network.neurons_behind(0) == network.neurons_behind(2) == 1
    assert len(trace.sites) == len(network.links) == 8
    for site, part in zip(trace.sites, (0, 1, 2, 3, 0, 1, 2, 3), strict=True):
        wide = {1: sizes[1] * network.neurons_behind(1), 3: sizes[2]}.get(part, sizes[0])
        assert site.shape == (3, 9, wide)
    for seen, again in zip(trace.layers, network.activations(tokens()), strict=True):
        torch.testing.assert_close(seen, again)
    inside = network.inside(tokens())
    assert inside.outputs.numel() == 0
    assert all(map(torch.equal, inside.sites, trace.sites))


@families
def test_the_residual_stream_is_what_the_head_reads(name):
    """The norm and head of transformers, on layer 0 of the trace, give the logits."""
    network, module = network_of(name), module_of(name)
    body = getattr(module, FAMILIES[name].body)

    def tripled(layer, activations):
        return activations * torch.arange(16.0) if layer == 0 else activations

    trace = network.trace(tokens(), tripled)
    normed = trace.layers[0]
    if name == "bert":
        logits = module.cls(normed)
    else:
        logits = module.lm_head(body.get_submodule(FAMILIES[name].final_norm)(normed))
        cap = getattr(module.config, "final_logit_softcapping", None)
        logits = logits if cap is None else cap * torch.tanh(logits / cap)
    torch.testing.assert_close(trace.outputs, logits, atol=1e-5, rtol=0)


@families
@pytest.mark.parametrize("layer", [1, 2, 3, 4])
def test_ablation_by_edit_is_zeroing_the_weights_behind(name, layer):
    network = network_of(name)
    gone = [1, 3]

    def without(at, activations):
        if at != layer:
            return activations
        kept = torch.ones(activations.shape[-1])
        kept[gone] = 0
        return activations * kept

    masks = [torch.zeros(w.shape, dtype=torch.bool) for w in network.magnitudes()]
    masks[2 * layer - 1][:, gone] = True
    edited = network.trace(tokens(), without).outputs
    cut = network.without_edges(masks).trace(tokens()).outputs
    torch.testing.assert_close(edited, cut, atol=1e-5, rtol=0)
    assert not torch.allclose(edited, network.trace(tokens()).outputs, atol=1e-4)


@families
def test_a_description_makes_the_network_again(name, tmp_path):
    network = network_of(name)
    again = build(network.describe())
    again.load_state_dict(network.state_dict())
    assert again.describe() == network.describe()
    assert torch.equal(again(tokens()), network(tokens()))
    checkpoint = Checkpoint("tiny", network)
    opened = load(save(checkpoint, tmp_path / "tiny.safetensors"))
    assert opened.id == checkpoint.id


def test_a_network_without_a_head_gives_its_last_states():
    module = module_of("bert").bert
    network = Transformer("bert", module.config.to_dict(), head=False)
    network.load_state_dict(module.state_dict())
    expected = module(input_ids=tokens()).last_hidden_state
    torch.testing.assert_close(network(tokens()), expected, atol=1e-5, rtol=0)
    assert network.output_size == 16
    assert build(network.describe()).describe() == network.describe()
    assert not network.names_next
    assert network_of("gpt2").names_next


@families
def test_half_precision_is_kept_and_run_in_single(name):
    network = network_of(name)
    half = {key: tensor.half() for key, tensor in network.state_dict().items()}
    kept, rounded = (Transformer(name, network.settings) for _ in range(2))
    kept.load_state_dict(half)
    rounded.load_state_dict({key: tensor.float() for key, tensor in half.items()})
    state = kept.state_dict()
    assert all(state[key].data_ptr() == tensor.data_ptr() for key, tensor in half.items())
    torch.testing.assert_close(kept(tokens()), rounded(tokens()), atol=1e-5, rtol=0)
    assert {w.dtype for w in kept.matrices} == {torch.float16}
    assert {w.dtype for w in kept.magnitudes()} == {torch.float32}
    assert {w.dtype for w in kept.trainable().matrices} == {torch.float32}


def test_gradients_reach_activations_of_a_network_in_half_precision():
    network = Transformer("llama", network_of("llama").settings)
    network.load_state_dict({k: v.half() for k, v in network_of("llama").state_dict().items()})
    gate = torch.ones(24, requires_grad=True)
    network(tokens(), lambda layer, x: x * gate if layer == 2 else x).logsumexp(-1).sum().backward()
    assert (gate.grad != 0).all()


def test_new_weights_take_the_place_of_those_that_ran():
    network = Transformer("llama", network_of("llama").settings)
    first = {key: tensor.half() for key, tensor in network_of("llama").state_dict().items()}
    network.load_state_dict(first)
    before = network(tokens())
    network.load_state_dict({key: tensor * 1.5 for key, tensor in first.items()})
    assert not torch.allclose(network(tokens()), before, atol=1e-3)


def test_weights_that_change_their_kind_are_run_anew():
    network = Transformer("gemma2", network_of("gemma2").settings)
    network.load_state_dict({k: v.half() for k, v in network_of("gemma2").state_dict().items()})
    before = network(tokens())
    torch.testing.assert_close(network.float()(tokens()), before, atol=1e-5, rtol=0)
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert network.inner.lm_head.weight is network.body.embed_tokens.weight


def test_a_copy_by_pickle_runs_alike():
    network = network_of("gemma2")
    assert torch.equal(pickle.loads(pickle.dumps(network))(tokens()), network(tokens()))


@pytest.mark.parametrize("name", ["gpt2", "gemma3_text", "bert"])
def test_tied_embeddings_are_one_tensor(name):
    network = network_of(name).trainable()
    head = dict(FAMILIES[name].tied)
    assert not set(head) & set(network.state_dict())
    before = network.state_dict()[next(iter(head.values()))].clone()
    network(tokens()).sum().backward()
    torch.optim.SGD(network.parameters(), lr=0.1).step()
    copy = network.copy()
    for first, second in head.items():
        assert copy.inner.get_parameter(first) is copy.inner.get_parameter(second)
        assert not torch.equal(copy.inner.get_parameter(second), before)
    assert torch.equal(copy(tokens()), network.eval()(tokens()))
    assert not any(parameter.requires_grad for parameter in copy.parameters())


def test_untied_embeddings_are_two():
    module = random_module("gemma", tie_word_embeddings=False)
    network = Transformer("gemma", module.config.to_dict())
    network.load_state_dict(module.state_dict())
    assert "lm_head.weight" in network.state_dict()
    torch.testing.assert_close(network(tokens()), module(input_ids=tokens()).logits)


def test_threads_do_not_mix_their_edits():
    network = network_of("llama")
    plain, found = network(tokens()), []

    def run(factor):
        for _ in range(20):
            logits = network(tokens(), lambda layer, x: x * factor)
            found.append((factor, torch.equal(logits, plain)))

    threads = [threading.Thread(target=run, args=(factor,)) for factor in (1.0, 0.5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(found)) == [(0.5, False), (1.0, True)]


@pytest.mark.parametrize("name", ["gpt2", "bert"])
def test_texts_longer_than_places_are_refused(name):
    network = network_of(name)
    assert network(tokens(1, network.most_positions)).shape == (1, 32, TOKENS)
    with pytest.raises(TaskError, match="33 tokens for a network that reads at most 32"):
        network(tokens(1, 33))
    assert network_of("llama").most_positions > 10**6


def test_batches_of_a_large_vocabulary_are_small():
    sizes = file_of(module_of("gemma3_text")).config | {"vocab_size": 262_144}
    network = Transformer("gemma3_text", sizes)
    assert 64 * 4 * 262_144 * network.examples_at_once(64) <= 300 * 2**20
    assert network_of("gemma3_text").examples_at_once(64) > network.examples_at_once(64) >= 1
    assert network.examples_at_once(100_000) == 1
