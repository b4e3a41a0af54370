"""Facts on networks of which the answer is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import evidence, find_modules, load, network_graph
from explorer.errors import PartitionError
from explorer.modularity.partition import make_partition
from explorer.network.architectures import CNN
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from explorer.observation.ablation import ablate
from explorer.observation.activations import hidden_nodes
from explorer.observation.facts import LabelShare, Share
from explorer.observation.gather_facts import gather_facts
from tests.networks import tiny_network, two_digits_apart
from tests.observation.cases import (
    SAID,
    SPOTTED,
    random_checkpoint,
    silent_network,
    thirds,
    word_spotter,
    xor_by_hand,
)


def test_a_module_that_reads_the_left_digit_only():
    checkpoint = two_digits_apart()
    partition = find_modules(network_graph(checkpoint), 2)
    sides = set()
    for module in partition.modules:
        facts = gather_facts(checkpoint, module)
        (side,) = {share.name for share in facts.reads}
        sides.add(side)
        assert facts.reads == (Share(side, 1.0),)
        assert all((need.head == side) == (need.nats != 0.0) for need in facts.needs)
        assert {need.head for need in facts.needs if need.lost > 0} == {side}
        assert {share.name.split()[0] for share in facts.promotes} == {side}
        assert facts.neurons == 40
    assert sides == {"left", "right"}


def test_a_neuron_by_hand():
    """It fires on the 64 of 256 rows on which the first bit of pair 1 is on and the second off."""
    facts = gather_facts(xor_by_hand(), 8)
    assert facts.shares[0] == LabelShare("pair 1", "differ", 0.5, 1.0, 2.0)
    assert facts.shares[0].lift == 2.0
    assert facts.shares[-1] == LabelShare("pair 1", "same", 0.5, 0.0, 0.0)
    assert [share.mean for share in facts.shares[1:-1]] == [1.0] * 6
    # At its mean of 1/4, half of the pairs that differ are taken for same, as in test_ablation.
    assert facts.needs[0].label == "differ"
    assert facts.needs[0].lost == 0.5
    assert [need.lost for need in facts.needs[1:]] == [0.0] * 7
    # Where it fires, "differ" has 2 instead of 0, and "same" 1: 1.5 nats more come of 0.5 less.
    logits = torch.tensor([[1.0, 2.5], [1.0, 0.5]])
    nats = torch.logsumexp(logits, dim=1) - logits[:, 1]
    before = np.log1p(np.exp(-1))
    assert facts.needs[0].nats == pytest.approx(float(nats.mean()) - before, abs=6e-4)
    assert facts.reads == (Share("bit 1a", 0.5), Share("bit 1b", 0.5))
    assert facts.promotes == (Share("pair 1 differ", 1.0), Share("pair 1 same", -1.0))
    assert (facts.part, facts.kind, facts.neurons, facts.data) == (
        "8",
        "neuron",
        1,
        "rows of eight bits",
    )
    assert (facts.snippets, facts.partition_id) == ((), "")


def test_a_word_spotter():
    checkpoint = word_spotter()
    facts = gather_facts(checkpoint, 10)
    first = facts.shares[0]
    assert (first.head, first.label, first.active) == ("token", SPOTTED, 1.0)
    assert first.mean == pytest.approx(1 / first.base, rel=0.01)
    assert facts.promotes[0] == Share(SAID, 1.0)
    assert all(share.share < 0 for share in facts.promotes[1:])
    assert len(facts.snippets) == 3  # of the same token
    assert all(f"[{SPOTTED}]" in snippet for snippet in facts.snippets)
    assert facts.reads == (Share("residual stream", 1.0),)
    assert [share.label for share in facts.shares if share.head == "skill"]
    partition = make_partition(network_graph(checkpoint), [0] * 10 + [0] + [1] * 5)
    reads = {
        share.name: share.share for share in gather_facts(checkpoint, partition.modules[0]).reads
    }
    assert reads == {"embedding": 1.0}


def test_shares_of_a_text_are_the_most_and_the_least_telling():
    checkpoint = random_checkpoint("gpt")
    facts = gather_facts(checkpoint, 12)
    tokens = [share for share in facts.shares if share.head == "token"]
    assert len(tokens) == 16
    assert sorted((share.mean for share in facts.shares), reverse=True) == [
        share.mean for share in facts.shares
    ]
    assert {share.label for share in facts.shares} >= set(checkpoint.task.skills)
    assert {need.label for need in facts.needs} == set(checkpoint.task.skills)
    assert len(facts.promotes) <= 12
    assert max(abs(share.share) for share in facts.promotes) == 1.0
    for snippet in facts.snippets:
        assert snippet.isprintable()
        assert snippet.count("[") > 0


def test_a_module_of_the_story_network_is_active_where_it_is_needed():
    checkpoint = load("stories-modular")
    # Its gate was taught these modules.
    partition = make_partition(network_graph(checkpoint), checkpoint.network.bins(4))
    facts = gather_facts(checkpoint, partition.modules[0])
    worst = max(facts.needs, key=lambda need: need.nats)
    assert worst.nats > 10 * sorted(need.nats for need in facts.needs)[-2]
    active = max((s for s in facts.shares if s.head == "skill"), key=lambda share: share.mean)
    assert active.label == worst.label


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_shares_of_a_head_add_up(kind):
    checkpoint = random_checkpoint(kind)
    partition = thirds(checkpoint)
    for part in (partition.modules[0], partition.interfaces[0], 9):
        facts = gather_facts(checkpoint, part)
        for head in checkpoint.task.heads:
            own = [share for share in facts.shares if share.head == head.name]
            assert len(own) == len(head.classes)
            assert sum(share.base for share in own) == pytest.approx(1.0, abs=1e-3)
            assert sum(share.active for share in own) == pytest.approx(1.0, abs=1e-3)
            assert sum(s.base * s.mean for s in own) == pytest.approx(1.0, abs=2e-3)
        assert sum(share.share for share in facts.reads) == pytest.approx(1.0, abs=0.01)
        assert [abs(share.share) for share in facts.promotes]
        lost = [need.lost for need in facts.needs]
        assert lost == sorted(lost, reverse=True)


def test_needs_are_those_of_the_usual_ablation():
    checkpoint = random_checkpoint("cnn")
    module = thirds(checkpoint).modules[0]
    effect = ablate(checkpoint, hidden_nodes(module).tolist(), "mean")
    expected = {
        (change.head, change.label): (change.lost, loss.rise)
        for change, loss in zip(effect.classes, effect.class_losses, strict=True)
    }
    needs = gather_facts(checkpoint, module).needs
    assert len(needs) == len(expected) == 20
    for need in needs:
        assert (need.lost, need.nats) == pytest.approx(expected[need.head, need.label], abs=6e-4)


def test_what_convolutional_networks_read():
    checkpoint = random_checkpoint("cnn")
    names = {share.name for share in gather_facts(checkpoint, 3).reads}
    assert names == {"left", "right"}
    network = CNN(image=(8, 8), channels=(1, 4, 4), outputs=10)
    network.initialise(torch.Generator().manual_seed(1))
    digits = Checkpoint("one channel", network.copy(), "digits")
    assert gather_facts(digits, 2).reads == (Share("digit", 1.0),)
    assert gather_facts(digits, 5).reads == (Share("channels 1", 1.0),)


def test_parts_without_activity_have_empty_shares():
    checkpoint = silent_network()
    graph = network_graph(checkpoint, "path")
    partition = make_partition(graph, [0] * 8 + [1] * 4 + [0] * 12)
    silent = next(m for m in partition.modules if 8 in m.nodes)
    for part in (silent, 9):
        facts = gather_facts(checkpoint, part)
        assert (facts.shares, facts.promotes, facts.snippets) == ((), (), ())
        assert all(need.lost == need.nats == 0.0 for need in facts.needs)
        assert len(facts.needs) == 8
    assert gather_facts(checkpoint, silent).reads
    output = gather_facts(checkpoint, 20)
    assert (output.needs, output.promotes) == ((), ())
    assert output.shares


@pytest.mark.parametrize("kind", ["tiny", "text"])
def test_without_a_task_there_is_only_what_it_reads(kind):
    if kind == "tiny":
        checkpoint = Checkpoint("tiny", tiny_network())
    else:
        checkpoint = Checkpoint("text", random_checkpoint("gpt").network)
    graph = network_graph(checkpoint, "layer")
    partition = make_partition(graph, np.arange(graph.node_count) % 2)
    for part in (*partition.modules, *partition.interfaces, 3):
        facts = gather_facts(checkpoint, part)
        assert (facts.task, facts.data) == ("", "inputs")
        assert (facts.shares, facts.needs, facts.promotes, facts.snippets) == ((), (), (), ())
        assert facts.reads
        assert facts == evidence(checkpoint, part).facts


def test_a_part_of_another_network():
    other = thirds(xor_by_hand())
    with pytest.raises(PartitionError, match="found a part of the network"):
        gather_facts(random_checkpoint("mlp"), other.module("A"))


def test_every_task_says_what_its_examples_are():
    assert task("digits").data_in_words == "images of handwritten digits"
    assert task("spiral-7").data_in_words == "points of the plane"
    assert replace(task("digits"), data="").data_in_words == "images"
    assert replace(task("stories"), data="").data_in_words == "texts"
    assert replace(task("circle"), data="").data_in_words == "rows of a table"
