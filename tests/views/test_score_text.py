"""One sentence a score: what it means, what chance gives, and why it cannot be told."""

import math
from dataclasses import replace

import pytest

from explorer.scoring.scores import Null, Score
from explorer.views.description_text_scores import score_strip
from explorer.views.score_text import TITLES, above_nulls, floor, score_sentence

NULLS = (Null("another module", 0.1, 9), Null("random partition", math.nan, 0))
NAN = math.nan


@pytest.mark.parametrize("name", ["contrastive", "simulation", "detection", "ablation_agreement"])
def test_every_score_says_what_it_means_and_what_chance_gives(name):
    said = score_sentence(Score(name, 0.62, 0.5, 0.7, 0.25, 0.9, NULLS))
    share = name in ("contrastive", "detection")
    for number in ("62%", "50%", "70%", "25%", "10%", "90%") if share else ("0.62", "0.50", "0.70"):
        assert number in said
    assert "chance gives" in said
    assert "another module's text" in said
    assert "random partition" not in said  # it could not be told
    assert "nan" not in said.lower()
    assert said.count(". ") == 0  # one sentence
    assert said.endswith(".")


def test_no_interval_and_no_nulls():
    said = score_sentence(Score("simulation", 0.5, NAN, NAN, None, None, ()))
    assert said.endswith("at 0.50.")
    assert "-0.00" not in score_sentence(Score("simulation", 0.5, -0.001, 0.6, 0.0, None, ()))


def test_what_cannot_be_told():
    for name in TITLES:
        said = score_sentence(Score(name, NAN, NAN, NAN, None, None, (), "nobody was asked"))
        assert said.endswith("told: nobody was asked.")


def test_readability():
    said = score_sentence(Score("readability", 71.4, NAN, NAN, None, None, (), "12 words"))
    assert "12 words" in said
    assert "71" in said


def test_above_all_that_stands_for_chance():
    score = Score("simulation", 0.5, 0.2, 0.7, 0.0, None, NULLS)
    assert above_nulls(score) is True
    assert above_nulls(replace(score, low=0.05)) is False
    assert above_nulls(replace(score, value=NAN)) is None
    assert above_nulls(replace(score, chance=None, nulls=())) is None


def test_true_texts_of_other_groups_do_not_stand_for_chance():
    nulls = (Null("another module", 0.1, 9), Null("untrained network", 0.6, 9))
    score = Score("simulation", 0.5, 0.2, 0.7, 0.0, None, nulls)
    assert floor(score) == 0.1
    assert above_nulls(score) is True
    assert "the untrained network, described the same way, 0.60" in score_sentence(score)
    strip = score_strip(score)
    assert 'title="another module: 0.10; chance: 0.00"' in strip
    assert 'title="untrained network: 0.60"' in strip
