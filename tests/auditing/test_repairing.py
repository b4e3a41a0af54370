"""A repair saved in the weights is the intervention, and the file says what was done."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.auditing.history import Repair, history, with_history
from explorer.auditing.intervention import KINDS, Intervention, editing
from explorer.auditing.repairing import cannot_bake, repaired
from explorer.errors import AuditError
from explorer.network.architectures import CNN, GPT, Network
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.load import load
from tests.networks import random_network

XOR_WIDTHS = (8, 5, 4, 8)


def same_function(checkpoint: Checkpoint, intervention: Intervention, inputs: torch.Tensor) -> None:
    made = repaired(checkpoint, intervention)
    expected = checkpoint.network(inputs, editing(checkpoint, intervention))
    torch.testing.assert_close(made.network(inputs), expected, rtol=1e-4, atol=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    nodes=st.sets(st.integers(0, sum(XOR_WIDTHS) - 1), min_size=1),
    kind=st.sampled_from(KINDS),
    factor=st.floats(0, 10),
    seed=st.integers(0, 99),
)
def test_an_mlp_repaired_answers_as_the_edited_one(nodes, kind, factor, seed):
    checkpoint = Checkpoint("random", random_network(XOR_WIDTHS, seed), "xor4")
    inputs = torch.from_numpy(np.random.default_rng(seed).normal(size=(40, 8))).float()
    same_function(checkpoint, Intervention(tuple(nodes), kind, factor), inputs)


def made(network: Network, seed: int = 0) -> Network:
    network.initialise(torch.Generator().manual_seed(seed))
    return network


@pytest.mark.parametrize("kind", KINDS)
def test_a_cnn_repaired_answers_as_the_edited_one(kind):
    checkpoint = Checkpoint("pictures", made(CNN((8, 8), [1, 3, 4], 10)), "digits")
    inputs = checkpoint.task.split("explain").inputs
    last = (4, 6, 8)  # two channels of the last convolution and an output
    nodes = last if kind in ("mean", "freeze") else (0, *last)
    same_function(checkpoint, Intervention(nodes, kind, 0.3), inputs)
    if kind in ("mean", "freeze"):
        with pytest.raises(AuditError, match="expected zero or scale, or channels of the last"):
            repaired(checkpoint, Intervention((0,), kind))


def test_a_gpt_repaired_answers_as_the_edited_one():
    network = made(GPT(tokens=145, width=8, heads=2, feed_forward=(6, 5)), 3)
    checkpoint = Checkpoint("text", network)
    tokens = torch.randint(145, (3, 12), generator=torch.Generator().manual_seed(1))
    for kind, factor in (("zero", 0.5), ("scale", 0.25)):
        # A head and two neurons of the first block, a head and a neuron of the second.
        same_function(checkpoint, Intervention((9, 10, 15, 16, 22), kind, factor), tokens)
    assert "no biases" in cannot_bake(network, Intervention((9,), "mean"))
    with pytest.raises(AuditError, match="residual stream"):
        repaired(checkpoint, Intervention((0,), "zero"))


def test_what_was_done_is_kept_in_the_file(tmp_path):
    checkpoint = load("xor4-modular")
    first = repaired(checkpoint, Intervention((9, 8), "zero"))
    second = repaired(first, Intervention((10,), "scale", 0.5))
    path = save(second, tmp_path / "repaired.safetensors")
    found = history(load(path))
    assert found == (
        Repair("zero", checkpoint.id, (8, 9)),
        Repair("scale", first.id, (10,), 0.5),
    )
    assert load(path).id == second.id != first.id
    assert second.name == "xor4-modular, repaired"
    assert history(checkpoint) == ()
    assert not checkpoint.config.get("repairs")
    assert "Neuron 10 was scaled by 0.5" in found[1].in_words()
    assert not second.metrics


@pytest.mark.parametrize(
    "bad",
    [
        "zero",
        ["zero"],
        [{"did": "burn", "of": "0" * 16}],
        [{"did": "zero", "of": "../.."}],
        [{"did": "zero", "of": "0" * 16, "nodes": [10**6]}],
        [{"did": "zero", "of": "0" * 16, "nodes": "8"}],
        [{"did": "zero", "of": "0" * 16, "more": 1}],
        [{"did": "fine-tune", "of": "0" * 16, "steps": -1}],
        [{"did": "scale", "of": "0" * 16, "factor": True}],
        [{"did": "zero", "of": "0" * 16}] * 101,
    ],
)
def test_a_bad_history_is_one_sentence(bad, tmp_path):
    checkpoint = load("xor4-modular")
    odd = Checkpoint("odd", checkpoint.network, "xor4", {"repairs": bad})
    opened = load(save(odd, tmp_path / "odd.safetensors"))
    for use in (history, lambda c: repaired(c, Intervention((8,)))):
        with pytest.raises(AuditError, match=r"among its repairs; expected the list") as caught:
            use(opened)
        assert len(str(caught.value)) < 250


def test_a_full_history_takes_no_more():
    checkpoint = load("xor4-modular")
    entry = {"did": "zero", "of": "0" * 16, "nodes": [8]}
    full = Checkpoint("full", checkpoint.network, "xor4", {"repairs": [entry] * 100})
    with pytest.raises(AuditError, match="repaired 100 times"):
        with_history(full, checkpoint.network, Repair("zero", "0" * 16, (9,)))
