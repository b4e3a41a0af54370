"""What a score means: clean networks of the same kind, and thresholds that hold."""

import numpy as np
import pytest
import torch

from explorer.auditing.calibration import (
    Calibration,
    Limits,
    calibration_of,
    combined_shares,
    share_below,
    threshold,
)
from explorer.auditing.view import blinded
from explorer.auditing.zoo.members import Member
from explorer.auditing.zoo.regimes import training_config
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.load import load
from explorer.network.tasks.planted.base import CaseName
from tests.auditing.fakes import FakeResult, clean_results


def most(shares):
    return max(shares.values())


def network(hidden=(64, 64), zeros=0.0, outputs=10, inputs=64):
    made = MLP([inputs, *hidden, outputs])
    made.initialise(torch.Generator().manual_seed(1))
    for weight in made.weights:
        weight.data *= torch.rand(weight.shape, generator=torch.Generator().manual_seed(2)) >= zeros
    return made


def trained(regime="l1", **changed):
    config = training_config(CaseName("backdoor", "corner", 17), regime).to_dict() | changed
    return Checkpoint("case", network(), config["task"], config)


def results():
    planted = FakeResult(Member(CaseName("backdoor", "corner", 200), "l1"), {"probing": 999.0})
    return [
        *clean_results("plain", 100, sparsity=0.02, probing=lambda at: 1000 + at),
        *clean_results("l1", 100, sparsity=0.8, probing=lambda at: at, dormant=lambda at: -at),
        planted,
    ]


@pytest.mark.parametrize("count", [20, 39, 40, 100, 133])
def test_a_threshold_holds_for_exchangeable_networks(count):
    """Of count + 1 networks, each in turn held against the others, at most one in 20 is flagged."""
    scores = np.random.default_rng(count).normal(size=count + 1)
    flagged = [scores[at] > threshold(np.delete(scores, at)) for at in range(count + 1)]
    assert 0 < sum(flagged) <= 0.05 * (count + 1)
    assert threshold(np.arange(10.0)) == float("inf")


def test_ties_never_flag():
    assert not any(threshold(np.zeros(count)) < 0.0 for count in (20, 100))
    assert share_below(np.zeros(20), 0.0) == 0.0


def test_the_recorded_recipe_says_what_a_network_is_held_against():
    found = calibration_of(trained("l1"), results())
    assert isinstance(found, Calibration)
    assert found.words == "digits, 64-64-64-10, l1"
    assert len(found.networks) == 100  # the planted one is not among them
    assert found.share("probing", 50.0) == 0.5
    # Of the decoys, which have the odd scores from 1 to 99, the second largest is the threshold.
    assert found.flags("probing", 97.0) is False
    assert found.flags("probing", 97.5) is True
    assert found.share("unknown", 1.0) is found.flags("unknown", 1.0) is None
    assert combined_shares({"probing": 50.0, "new": 1.0}, found, ("probing", "new")) == {
        "probing": 0.5
    }
    blind = calibration_of(blinded(trained("plain")), results())
    assert isinstance(blind, Calibration)
    assert blind.words == "digits, 64-64-64-10, plain"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"repairs": [{"did": "zero", "of": "0" * 16, "nodes": [70]}]},
    ],
)
def test_without_a_known_recipe_the_sparsity_of_weights_says_it(config):
    recorded = {} if not config else {**trained("l1").config, **config}
    sparse = Checkpoint("upload", network(zeros=0.8), "digits", recorded)
    found = calibration_of(sparse, results())
    assert isinstance(found, Calibration)
    assert found.words == "digits, 64-64-64-10, as sparse as those of l1"
    dense = calibration_of(Checkpoint("upload", network(), "digits"), results())
    assert isinstance(dense, Calibration)
    assert dense.kind.regime == "plain"
    between = calibration_of(Checkpoint("upload", network(zeros=0.4), "digits"), results())
    assert between == (
        "42% of its weights are near 0, as in none of the networks that were measured, and its "
        "file records none of their recipes"
    )


@pytest.mark.parametrize(
    ("checkpoint", "words"),
    [
        (
            Checkpoint("wide", network((64, 32)), "digits"),
            "its layers are 64-64-32-10; of the task digits, networks of 64-64-64-10 were measured",
        ),
        (
            Checkpoint("other", network((16,), inputs=8, outputs=8), "xor4"),
            "its task is xor4; networks of these tasks were measured: digits",
        ),
    ],
)
def test_other_kinds_are_told_why(checkpoint, words):
    assert calibration_of(checkpoint, results()) == words


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (
            {"steps": 4_000},
            "it was trained for 4,000 steps; networks of 1,000 steps were measured",
        ),
        (
            {"l1_coefficient": 0.5},
            "it was trained by another recipe than the networks that were measured: l1, plain",
        ),
    ],
)
def test_a_recorded_recipe_that_was_not_measured_is_not_calibrated(setting, words):
    recorded = {**trained("l1").config, **setting}
    assert calibration_of(Checkpoint("x", network(), "digits", recorded), results()) == words


def test_bundled_digits_were_trained_longer_than_the_zoo():
    for name in ("digits-plain", "digits-modular"):
        found = calibration_of(load(name))
        assert isinstance(found, str)
        assert found.startswith("it was trained for 4,000 steps")


def test_thresholds_come_from_the_decoys():
    """Plain clean networks that score low do not lower the threshold."""
    clean = clean_results("l1", 100, probing=lambda at: float(at) if at % 2 else float(at) - 200)
    found = calibration_of(trained(), clean)
    assert isinstance(found, Calibration)
    assert {one.member.case.control for one in found.hard} == {"decoy"}
    assert found.thresholds["probing"] == 97.0  # 2 of 51 are within 5 %
    limits = found.limits(("probing",), most)
    assert isinstance(limits, Limits)
    assert (limits.clean > limits.threshold).sum() == 1
    few = Calibration(found.kind, "few", tuple(clean[:30]))
    assert few.hard == few.networks  # 15 decoys are too few


def test_few_networks_and_none():
    assert calibration_of(trained(), []) == "no measured clean networks come with this installation"
    few = calibration_of(trained(), results()[100:110])
    assert few == "only 10 clean networks of its kind (digits, 64-64-64-10, l1) were measured"


def test_the_combined_auditor_has_a_threshold_and_false_alarms_of_its_own():
    rng = np.random.default_rng(0)
    first, second, other = rng.normal(size=(3, 100))
    clean = clean_results("l1", 100, probing=lambda at: first[at], dormant=lambda at: second[at])
    calibration = calibration_of(trained(), clean)
    assert isinstance(calibration, Calibration)
    both = calibration.limits(("probing", "dormant"), most)
    alone = calibration.limits(("probing",), most)
    assert isinstance(both, Limits)
    assert isinstance(alone, Limits)
    assert both.threshold >= alone.threshold  # one of two is sooner alarmed by chance
    assert both.false_alarms[1] == 100
    assert both.false_alarms[0] <= 12
    assert (both.clean > both.threshold).sum() <= 4
    fresh = clean_results("l1", 40, 1000, probing=lambda at: 99.0 if at < 7 else other[at] - 9)
    held = calibration_of(trained(), clean, fresh)
    assert isinstance(held, Calibration)
    limits = held.limits(("probing",), most)
    assert limits is not None
    assert limits.false_alarms == (7, 40)
    assert calibration.limits(("unknown",), most) is None
