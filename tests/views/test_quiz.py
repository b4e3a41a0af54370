"""Questions and rates of the reading quiz."""

import pytest

from explorer.curation.answers import HitRate
from explorer.views.quiz import OPTIONS, describe_hits, make_question, rate_bar, verdict

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


def rate(right, count, low, high):
    return HitRate("person", 1, right, count, low, high, 0.25)


def test_words():
    assert "could still be guessing" in verdict(rate(1, 2, 0.1, 0.9))
    assert "Better than guessing (25%)" in verdict(rate(8, 8, 0.68, 1.0))
    assert "Worse than guessing" in verdict(rate(0, 30, 0.0, 0.11))
    assert describe_hits(rate(8, 8, 0.68, 1.0)).startswith("8 of 8 right (100%")


def test_the_bar_says_what_it_draws():
    html = rate_bar(rate(3, 4, 0.3, 0.95), "#0072B2")
    assert "3 of 4 right" in html
    assert "guessing gives 25%" in html
    assert "left:25.0%" in html
