"""What an intervention does to a network, beside random ones of its size."""

import pytest
import torch

from explorer.auditing.intervention import (
    Intervention,
    editing,
    figures,
    measure_intervention,
)
from explorer.auditing.repairing import repaired
from explorer.errors import AuditError
from explorer.network.checkpoint import Checkpoint
from explorer.network.load import load
from explorer.observation.ablation import ablate
from tests.auditing.networks import backdoored
from tests.networks import random_network


def test_an_attack_goes_with_the_neurons_that_carry_it():
    checkpoint = backdoored()
    truth = checkpoint.task.planted
    hidden = tuple(range(64, 104))
    carrying = min(
        hidden,
        key=lambda node: truth.success(
            checkpoint.network, editing(checkpoint, Intervention((node,), "zero"))
        ),
    )
    chosen = Intervention((carrying,), "zero")
    effect = measure_intervention(checkpoint, truth, chosen, ghosts=12)
    assert effect.before.success > 0.8
    assert effect.removed > 0
    ghosts = [ghost.success for ghost in effect.ghosts]
    assert len(ghosts) == 12
    assert effect.after.success < sum(ghosts) / 12
    assert effect.accuracy_lost == effect.before.accuracy - effect.after.accuracy
    saved = repaired(checkpoint, chosen).network
    assert figures(saved, checkpoint.task, truth).success == pytest.approx(effect.after.success)


def test_zeroing_is_ablation():
    checkpoint = load("xor4-modular")
    effect = measure_intervention(checkpoint, None, Intervention((8, 9, 10), "zero"), ghosts=0)
    other = ablate(checkpoint, (8, 9, 10), "zero", "test")
    assert effect.after.loss == pytest.approx(other.losses[0].after, rel=1e-5)
    shares = [head.after for head in other.heads]
    assert effect.after.accuracy == pytest.approx(sum(shares) / len(shares))
    assert effect.after.success is effect.removed is None


def test_scaling_by_one_changes_nothing_and_zero_is_zero():
    checkpoint = load("xor4-modular")
    nodes = (8, 9, 30)
    same = measure_intervention(checkpoint, None, Intervention(nodes, "scale", 1.0), ghosts=2)
    assert same.before == same.after == same.ghosts[0]
    by_zero = measure_intervention(checkpoint, None, Intervention(nodes, "scale", 0.0), ghosts=1)
    zero = measure_intervention(checkpoint, None, Intervention(nodes, "zero"), ghosts=1)
    assert by_zero.after == zero.after
    assert by_zero.ghosts == zero.ghosts  # the same random sets


def test_frozen_neurons_take_their_median_over_clean_examples():
    checkpoint = load("digits-plain")
    inputs = torch.cat([checkpoint.task.split(s).inputs for s in ("validation", "explain")])
    layer = checkpoint.network.trace(inputs).layers[1]
    for kind, usual in (("mean", layer.mean(0)), ("freeze", layer.median(0).values)):
        edit = editing(checkpoint, Intervention((64 + 5, 64 + 7), kind))
        held = edit(1, torch.zeros(3, layer.shape[1]))
        torch.testing.assert_close(held[:, [5, 7]], usual[[5, 7]].expand(3, 2))
        assert not held[:, [4, 6]].any()


def test_progress_and_a_stop():
    checkpoint = load("xor4-modular")
    seen: list[float] = []
    effect = measure_intervention(
        checkpoint, None, Intervention((8,)), 10, seen.append, lambda: len(seen) == 4
    )
    assert seen == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert (len(effect.ghosts), effect.missing) == (
        4,
        "It was stopped after 4 of 10 random sets.",
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((), "zero"), "no neuron"),
        (((1,), "burn"), "found the intervention 'burn'; expected one of zero, mean"),
        (((1,), "scale", -1.0), "from 0 to 10"),
        (((1,), "scale", float("nan")), "from 0 to 10"),
    ],
)
def test_odd_interventions_are_refused(arguments, words):
    with pytest.raises(AuditError, match=words):
        Intervention(*arguments)


def test_odd_networks_are_refused():
    with pytest.raises(AuditError, match="found neuron 80; expected 0 to 79"):
        measure_intervention(load("xor4-modular"), None, Intervention((3, 80)))
    with pytest.raises(AuditError, match="has no task"):
        measure_intervention(
            Checkpoint("bare", random_network((4, 3, 2))), None, Intervention((4,))
        )
