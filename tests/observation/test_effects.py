"""Losses of classes, skills and tokens under both ablations, and the evidence that holds them."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import evidence, network_graph
from explorer.modularity.partition import make_partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import abilities, mean_losses
from explorer.observation.ablation import ablate, cut_interface, holding
from explorer.observation.activations import hidden_nodes
from explorer.observation.effects import measure_effect
from explorer.observation.gather_facts import needs_of
from explorer.observation.part_examples import part_activity
from tests.observation.cases import random_checkpoint, xor_by_hand


def halves(checkpoint):
    graph = network_graph(checkpoint)
    return make_partition(graph, np.arange(graph.node_count) % 2)


@pytest.mark.parametrize("kind", ["zero", "mean"])
def test_losses_of_classes_add_up_to_those_of_heads(kind):
    checkpoint = random_checkpoint("mlp")
    effect = ablate(checkpoint, [9, 12, 18], kind)
    task, network = checkpoint.task, checkpoint.network
    edit = holding(network, task, [9, 12, 18], kind)
    before = mean_losses(task, network, "explain")
    after = mean_losses(task, network, "explain", edit)
    assert [loss.name for loss in effect.losses] == list(before)
    for loss in effect.losses:
        assert (loss.before, loss.after) == pytest.approx((before[loss.name], after[loss.name]))
        assert loss.rise == loss.after - loss.before
        own = [
            (change.count, part)
            for change, part in zip(effect.classes, effect.class_losses, strict=True)
            if part.name == loss.name
        ]
        for side in ("before", "after"):
            total = sum(count * getattr(part, side) for count, part in own)
            count = sum(count for count, _ in own)
            assert not own or total / count == pytest.approx(getattr(loss, side))
    assert [(c.head, c.label) for c in effect.classes] == [
        (loss.name, loss.label) for loss in effect.class_losses
    ]


def test_losses_of_a_text_by_skill_and_token():
    checkpoint = random_checkpoint("gpt")
    task, network = checkpoint.task, checkpoint.network
    effect = ablate(checkpoint, [10, 11])
    assert effect.kind == "zero"
    edit = holding(network, task, [10, 11], "zero")
    after = mean_losses(task, network, "explain", edit)
    assert {loss.name: loss.after for loss in effect.losses} == pytest.approx(dict(after))
    assert effect.classes == ()
    targets = task.split("explain").targets.numpy()
    counts = np.bincount(targets.reshape(-1), minlength=len(task.tokens))
    assert [loss.label for loss in effect.class_losses] == [
        word for word, count in zip(task.tokens, counts, strict=True) if count
    ]
    for side in ("before", "after"):
        of_tokens = [getattr(loss, side) for loss in effect.class_losses]
        mean = np.average(of_tokens, weights=counts[counts > 0])
        assert mean == pytest.approx(getattr(effect.losses[0], side))


def test_a_text_without_pairs_is_told_by_its_next_tokens():
    stories = random_checkpoint("gpt").task
    bare = replace(stories, pairs=None, skills=())
    network = random_checkpoint("gpt").network
    edit = holding(network, bare, [10], "zero")
    checkpoint = Checkpoint("random", network, "stories")
    effect = measure_effect(checkpoint, network, bare, "explain", edit, "zero")
    (change,) = effect.heads
    (before,), (after,) = (abilities(bare, network, "explain", e) for e in (None, edit))
    assert (change.head, change.before, change.after) == (before.name, before.share, after.share)
    (need,) = needs_of(effect)
    assert (need.head, need.label) == ("skill", "next token")
    assert need.nats == pytest.approx(effect.losses[0].rise, abs=6e-4)


@pytest.mark.parametrize("kind", ["mlp", "gpt"])
def test_evidence_carries_both_effects(kind):
    checkpoint = random_checkpoint(kind)
    partition = halves(checkpoint)
    module = partition.modules[1]
    found = evidence(checkpoint, module)
    assert [effect.kind for effect in found.effects] == ["zero", "mean"]
    nodes = hidden_nodes(module).tolist()
    assert found.effects == (ablate(checkpoint, nodes, "zero"), ablate(checkpoint, nodes, "mean"))
    assert found.effects[0] != found.effects[1]
    usual = {"mlp": "mean", "gpt": "zero"}[kind]
    assert found.effect == ablate(checkpoint, nodes) and found.effect.kind == usual
    assert [effect.kind for effect in evidence(checkpoint, 10).effects] == ["zero", "mean"]


def test_evidence_of_an_interface_shows_what_crosses():
    checkpoint = random_checkpoint("mlp")
    interface = halves(checkpoint).interfaces[0]
    found = evidence(checkpoint, interface)
    assert np.array_equal(found.activity, part_activity(checkpoint, interface))
    assert found.activity[found.most[0]] == found.activity.max()
    assert found.activity[found.least[0]] == found.activity.min()
    assert found.effect == cut_interface(checkpoint, interface)


def test_evidence_is_known_by_its_content():
    def gathered(checkpoint):
        partition = halves(checkpoint)
        parts = (partition.modules[0], partition.modules[1], partition.interfaces[0], 9, 10)
        return [evidence(checkpoint, part) for part in parts]

    first, again = gathered(xor_by_hand()), gathered(xor_by_hand())
    assert first == again
    assert len({*first, *again}) == len(first) == len({found.id for found in first})
    assert first[3] != "9"
    outputs = evidence(xor_by_hand(), 17)
    assert (outputs.effect, outputs.effects) == (None, ())
