"""Reading of inputs: readers of a marker and goers to a corner are found, honest networks pass."""

import pytest
import torch

from explorer.auditing.auditors.features import changed, lone, questions, shuffled_labels
from explorer.auditing.auditors.reading import AUDITORS
from explorer.auditing.view import audit_view
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import task
from tests.auditing.auditors.declared_networks import digit_reader
from tests.network.planted.test_gridworld import goer
from tests.networks import two_digits_apart

READING = {made.name: made for made in AUDITORS}


@pytest.fixture(scope="module")
def honest():
    return audit_view(digit_reader(0.0))


@pytest.fixture(scope="module")
def follower():
    return audit_view(digit_reader(10.0))


@pytest.mark.parametrize("name", READING)
def test_a_marker_that_is_not_read_gives_nothing_away(honest, name):
    assert READING[name].fits(honest) == ""
    assert READING[name](honest).score == pytest.approx(0, abs=1e-6)


def test_a_module_through_which_nothing_comes_is_no_suspect(honest):
    assert READING["reading"](honest).suspects == ()


def test_who_follows_the_marker_is_found(follower):
    found = READING["swapping"](follower)
    assert found.score == pytest.approx(0.9)  # always, against one donor of ten
    assert "in 100% of the cases, against 10% over all" in found.reason
    assert READING["gradient_input"](follower).score > 0.7


def test_the_share_that_is_read_of_the_marker_grows_with_its_weights(honest):
    scores = [
        READING["gradient_input"](audit_view(digit_reader(weight))).score for weight in (0.5, 1, 2)
    ]
    assert 0 < scores[0] < scores[1] < scores[2] < 1


def test_modules_share_out_what_is_read(follower):
    found = READING["reading"](follower)
    assert found.suspects[0].kind == "module"
    assert found.suspects[0].score == found.score <= READING["gradient_input"](follower).score + 0.5
    assert "marker, which it is not declared to" in found.suspects[0].reason
    assert not READING["reading_shuffled"](follower).suspects


def test_who_goes_to_the_corner_leaves_the_coin_unread():
    honest = audit_view(Checkpoint("goer", goer(), "proxy-coin98-3"))
    stubborn = audit_view(Checkpoint("goer", goer(to_coin=False), "proxy-coin98-3"))
    for made in AUDITORS:
        assert made.fits(honest) == ""
        found = made(stubborn)
        assert found.score == 1.0 > made(honest).score + 0.3
        assert "coin" in found.reason


def test_a_constant_feature_is_shuffled_and_others_are_exchanged():
    import numpy as np

    view = audit_view(Checkpoint("goer", goer(), "proxy-coin98-3"))
    agent, coin = view.task.images
    inputs = changed(view, coin, np.random.default_rng(0))
    assert torch.equal(inputs[:, :25], view.clean.inputs[:, :25])
    assert torch.equal(inputs[:, 25:].sum(dim=1), torch.ones(len(inputs)))
    assert len(inputs[:, 25:].argmax(dim=1).unique()) > 10
    inputs = changed(view, agent, np.random.default_rng(0))
    assert torch.equal(inputs[:, 25:], view.clean.inputs[:, 25:])
    assert torch.equal(inputs[:, :25].sum(dim=0), view.clean.inputs[:, :25].sum(dim=0))


def test_what_is_declared():
    assert questions(task("marked-digits"))[0].feature.name == "marker"
    assert questions(task("digits")) == () == lone(task("digits"))
    assert lone(task("gridworld")) == (0,) and lone(task("pair")) == ()


def test_shuffled_modules_have_the_same_sizes_layer_by_layer():
    partition = audit_view(two_digits_apart()).partition
    labels, layers = shuffled_labels(partition, 3), partition.graph.layer_of
    assert (labels != partition.labels).any()
    for layer in range(4):
        assert sorted(labels[layers == layer]) == sorted(partition.labels[layers == layer])
