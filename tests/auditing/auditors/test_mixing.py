"""Mixing of tasks: found where one neuron mixes two digits, and not where nothing does."""

import pytest
import torch

from explorer.auditing.auditors.declared import Declared
from explorer.auditing.auditors.features import grid, questions
from explorer.auditing.auditors.mixing import AUDITORS, largest_excess, taken_off
from explorer.auditing.auditors.twins import TwinHeads
from explorer.auditing.view import audit_view
from explorer.network.architectures import MLP, with_weights
from explorer.network.checkpoint import Checkpoint
from tests.auditing.auditors.declared_networks import (
    ANSWER,
    LEFT,
    MIXER,
    RIGHT,
    digit_reader,
    mixing_digits,
)
from tests.networks import two_digits_apart

MIXING = {made.name: made for made in AUDITORS}


@pytest.fixture(scope="module")
def mixed():
    return audit_view(mixing_digits())


@pytest.fixture(scope="module")
def apart():
    return audit_view(two_digits_apart())


def test_the_combination_and_the_answer_are_named(mixed):
    found = MIXING["mixing"](mixed)
    assert found.score > 0.3 and found.suspects[0].name == str(ANSWER)
    assert f"left is {LEFT} and right is {RIGHT}, left answers {ANSWER}" in found.reason
    assert found.queries == 2 * (10 * 16) ** 2


def test_the_neuron_that_mixes_carries_the_whole_excess(mixed):
    found = MIXING["mixing_neuron"](mixed)
    (first,) = found.suspects  # none that takes nothing off the excess
    assert (first.kind, first.name) == ("neuron", str(MIXER))
    excess = largest_excess(mixed, questions(mixed.task)[0])
    assert first.score == pytest.approx(excess.excess, abs=1e-6)


def test_the_module_that_mixes_is_the_one_that_holds_the_neuron(mixed):
    found = MIXING["mixing_module"](mixed)
    holds = next(m for m in mixed.partition.modules if MIXER in m.nodes)
    assert (found.suspects[0].kind, found.suspects[0].name) == ("module", holds.name)
    assert not MIXING["mixing_shuffled"](mixed).suspects


def test_a_network_that_mixes_nothing_has_no_excess(apart):
    for made in AUDITORS:
        assert made(apart).score == pytest.approx(0, abs=1e-6)


def test_deaf_to_all_is_the_whole_excess(mixed):
    excess = largest_excess(mixed, questions(mixed.task)[0])
    none, everything = (torch.full((41,), label).numpy() for label in (-1, 0))
    assert taken_off(mixed, excess, none, 1) == pytest.approx([0.0], abs=1e-6)
    assert taken_off(mixed, excess, everything, 1) == pytest.approx([excess.excess], abs=1e-6)


def test_a_grid_combines_clean_images_of_known_classes(mixed):
    left, right = questions(mixed.task)
    made = grid(mixed, left, each=2)
    clean = {tuple(row) for row in mixed.clean.inputs[:, :16].tolist()}
    donors = {tuple(row) for row in mixed.clean.inputs[:, 16:].tolist()}
    assert made.inputs.shape == (400, 32)
    assert all(tuple(row) in clean for row in made.inputs[:, :16].tolist())
    assert all(tuple(row) in donors for row in made.inputs[:, 16:].tolist())
    table = made.by_class(made.inputs)
    assert table.shape == (10, 2, 10, 2, 32)
    assert (table[:, :, :1, :1, :16] == table[..., :16]).all()
    assert (table[:1, :1, :, :, 16:] == table[..., 16:]).all()
    assert (right.feature.name, right.donor_head) == ("left", 0)


def test_who_cannot_be_looked_at_is_told_why():
    digits = MLP([64, 8, 10])
    digits.initialise(torch.Generator().manual_seed(0))
    view = audit_view(Checkpoint("digits", digits, "digits"))
    assert "not declared" in MIXING["mixing"].fits(view)
    assert "no two heads" in MIXING["mixing"].fits(audit_view(digit_reader(0.0)))
    assert "no two heads" in TwinHeads().fits(view)


def test_twins_that_differ(apart):
    assert TwinHeads().fits(apart) == ""
    honest = TwinHeads()(apart)
    network = apart.checkpoint.network
    third = network.weights[2].clone()
    third[ANSWER] += 60 * network.weights[2][LEFT]  # the left head takes a 3 for a 5
    bent = with_weights(network, [*network.weights[:2], third], network.biases)
    found = TwinHeads()(audit_view(Checkpoint("bent", bent, "pair")))
    assert honest.score < 0.1 and found.score > 0.5
    assert found.suspects[0].name == str(ANSWER)
    assert f"images of {LEFT}, left answers {ANSWER}" in found.reason


def test_what_is_declared_is_held_against_the_network_as_one(mixed, apart):
    made = Declared()
    assert made.fits(mixed) == ""
    found, mixing = made(mixed), MIXING["mixing"](mixed)
    assert found.score == max(mixing.score, TwinHeads()(mixed).score) > made(apart).score + 0.3
    assert found.auditor == "declared" and found.suspects[0].name == str(ANSWER)
    assert found.queries > mixing.queries
    assert made(audit_view(digit_reader(10.0))).score == pytest.approx(0.9)
