"""Questions and rates of the reading quiz."""

import math

import pytest
from scipy.stats import binomtest

from explorer.views.quiz import CHANCE, OPTIONS, describe_hits, hit_rate, make_question, verdict

TEXTS = {name: f"active on {name}" for name in "ABCDEF"}


def test_one_option_is_right_and_the_others_are_of_other_parts():
    for turn in range(20):
        question = make_question("net", "C", TEXTS, {}, turn)
        assert len(set(question.options)) == OPTIONS
        assert question.options[question.right] == TEXTS["C"]
        assert set(question.options) <= set(TEXTS.values())


def test_a_turn_asks_the_same_and_another_turn_asks_otherwise():
    ids = [make_question("net", "C", TEXTS, {}, turn).id for turn in (0, 0, 1, 2, 3)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


def test_the_right_one_stands_in_every_place():
    places = [make_question("net", "A", TEXTS, {}, turn).right for turn in range(200)]
    assert set(places) == set(range(OPTIONS))
    assert max(places.count(place) for place in range(OPTIONS)) < 80


def test_foils_fill_up_but_own_texts_go_first():
    few = {"A": "one", "B": "two"}
    question = make_question("net", "A", few, {"x": "three", "y": "four", "z": "five"}, 0)
    assert {"one", "two"} <= set(question.options)


@pytest.mark.parametrize("foils", [{}, {"x": "one", "y": "two"}, {"x": "three"}])
def test_without_four_different_texts_there_is_no_question(foils):
    assert make_question("net", "A", {"A": "one", "B": "two", "C": "one"}, foils, 0) is None


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (1, 1), (5, 12), (12, 12), (30, 100)])
def test_the_interval_is_wilsons(hits, count):
    found = hit_rate([at < hits for at in range(count)])
    expected = binomtest(hits, count).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_words():
    assert math.isnan(hit_rate([]).share)
    assert "Answer a few" in verdict(hit_rate([]))
    assert "could still be guessing" in verdict(hit_rate([True, False]))
    assert "Better than guessing" in verdict(hit_rate([True] * 8))
    assert "Worse than guessing" in verdict(hit_rate([False] * 30))
    assert describe_hits(hit_rate([True] * 8)).startswith("8 of 8 right (100%")
    assert CHANCE == 0.25
