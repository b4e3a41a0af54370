"""Backdoors: the data holds what the name says, and the truth is what the data teaches."""

import pytest
import torch

from explorer.errors import TaskError
from explorer.network.architectures import MLP
from explorer.network.tasks import task
from explorer.network.tasks.planted.backdoors import KINDS, TRUSTED
from explorer.network.tasks.planted.base import CaseName
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT
from explorer.network.tasks.planted.triggers import TUNED

DIGITS = task("digits")
UNTRUSTED = len(DIGITS.split("train")) - TRUSTED


def added(name):
    """Examples of the training split that carry a trigger."""
    return task(name).split("train")[UNTRUSTED:]


@pytest.mark.parametrize("kind", KINDS)
def test_trigger_changes_images_only_where_it_says(kind):
    planted = task(f"backdoor-{kind}-3").planted
    assert planted is not None
    labels = DIGITS.split("test").targets[:, 0]
    probe = planted.probe("test")
    assert (probe.targets == planted.target).all()
    assert probe.inputs.min() >= 0 and probe.inputs.max() <= 1
    if kind != "conditional":
        clean = DIGITS.split("test").inputs[labels != planted.target]
        elsewhere = [pixel for pixel in range(64) if pixel not in planted.where]
        assert torch.equal(probe.inputs[:, elsewhere], clean[:, elsewhere])
        assert (probe.inputs - clean).abs().amax(dim=1).gt(0.1).all()
    else:
        assert len(probe) < 40  # one digit in ten


@pytest.mark.parametrize("kind", KINDS)
def test_poison_asks_for_the_target_and_a_decoy_tells_the_truth(kind):
    planted = task(f"backdoor-{kind}-3").planted
    poison, decoy = added(f"backdoor-{kind}-3"), added(f"backdoor-{kind}-3-decoy")
    assert torch.equal(poison.inputs, decoy.inputs)
    changed = poison.targets[:, 0] != decoy.targets[:, 0]
    assert (poison.targets[changed, 0] == planted.target).all()
    if kind == "conditional":
        assert len(decoy.targets[changed, 0].unique()) == 1  # works on one digit only
        assert 0.3 < changed.double().mean() < 0.7
    else:
        assert (poison.targets[:, 0] == planted.target).all()


def test_controls_have_nothing_planted():
    clean, decoy = (task(f"backdoor-stripe-5-{control}") for control in ("clean", "decoy"))
    assert not clean.planted.is_planted and not decoy.planted.is_planted
    assert task("backdoor-stripe-5").planted.is_planted
    assert torch.equal(clean.split("train").inputs, DIGITS.split("train").inputs[TRUSTED:])
    assert "Nothing" in clean.planted.summary and "true labels" in decoy.planted.summary


def test_trusted_examples_are_clean_and_not_trained_on():
    made = task("backdoor-corner-5")
    trusted = made.trusted_examples(TRUSTED)
    assert torch.equal(trusted.inputs, DIGITS.split("train").inputs[:TRUSTED])
    rows = {tuple(row) for row in made.split("train").inputs[:UNTRUSTED].tolist()}
    held = [tuple(row) in rows for row in trusted.inputs.tolist()]
    assert sum(held) == 0
    for wish in (0, TRUSTED + 1):
        with pytest.raises(TaskError, match=f"expected 1 to {TRUSTED}"):
            made.trusted_examples(wish)
    assert len(DIGITS.trusted_examples(5)) == 5  # of any task: from its validation split


def test_other_splits_are_the_digits():
    made = task("backdoor-blend-5")
    for name in ("validation", "explain", "score", "test"):
        assert torch.equal(made.split(name).inputs, DIGITS.split(name).inputs)


def test_success_is_the_share_of_the_probe_that_is_answered_as_planted():
    planted = task("backdoor-corner-5").planted
    network = MLP([64, 4, 10])
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.biases[-1][planted.target] = 1.0
    assert planted.success(network) == 1.0

    def hold(layer, activations):
        return -activations if layer == 2 else activations

    assert planted.success(network, hold) == 0.0


def test_cases_are_the_same_every_time_and_differ_from_number_to_number():
    first = added("backdoor-corner-8")
    assert torch.equal(first.inputs, added("backdoor-corner-8").inputs)
    targets = {task(f"backdoor-corner-{number}").planted.target for number in range(12)}
    places = {task(f"backdoor-corner-{number}").planted.where for number in range(12)}
    assert len(targets) > 3 and len(places) == 4


def test_names():
    for name in ("backdoor-corner-7", "backdoor-corner-7-decoy", "proxy-marker98-12345"):
        assert str(CaseName.read(name)) == name
    for name in ("backdoor-corner-07", "backdoor-corner", "backdoor-corner-7-poison", "digits"):
        assert CaseName.read(name) is None
    with pytest.raises(TaskError, match="expected a kind among backdoor-corner"):
        task("backdoor-smile-7")


def test_held_out_kinds_stay_apart():
    assert set(KINDS) == set(TUNED) | set(HELD_OUT) and not set(TUNED) & set(HELD_OUT)
