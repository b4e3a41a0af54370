"""The table of texts: doubts, search, scores that survive being written."""

import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.scoring.scores import Null, Score, Scores
from explorer.views.description_table import (
    ListedText,
    chosen_texts,
    doubts,
    text_table,
)
from explorer.views.description_table_matrix import contrastive_chart, describe_matrix

NAN = math.nan


def score(value, low=NAN, chance=None, ceiling=None, nulls=(), name="simulation"):
    made = tuple(Null("another module", mean, 5) for mean in nulls)
    return Score(name, value, low, NAN, chance, ceiling, made)


def scores(*found):
    return Scores(found, "d", "f", "score")


def listed(part="A", text="active on threes", found=None, struck=0, **other):
    item = ListedText(part, text, "measured", "", "", "", None, struck, 2, found)
    return replace(item, **other)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (listed(), ("unscored",)),
        (listed(struck=1), ("claims", "unscored")),
        (listed(found=scores(score(0.7, 0.6, 0.0, 0.8, (0.1,)))), ("none",)),
        (listed(found=scores(score(0.7, 0.6, 0.0, 0.8, (0.65,)))), ("null", "low")),
        (listed(found=scores(score(0.3, 0.2, 0.0, 0.8, (0.1,)))), ("low",)),
        (listed(found=scores(score(0.3, chance=0.5))), ("null",)),
        (listed(found=scores(score(NAN, ceiling=0.8, nulls=(0.2,)))), ("none",)),
        (listed(found=scores(score(0.7, nulls=(NAN,)))), ("none",)),
        (listed(found=scores(score(0.1, chance=0.5, name="readability")), struck=2), ("claims",)),
    ],
)
def test_doubts(item, expected):
    assert doubts(item) == expected


@pytest.mark.parametrize("null", ["random partition", "untrained network"])
def test_that_other_groups_can_be_described_is_no_doubt(null):
    found = replace(score(0.7, 0.6, 0.0, 0.8, (0.1,)), nulls=(Null(null, 0.75, 5),))
    assert doubts(listed(found=scores(found))) == ("none",)


def test_the_table_has_numbers_to_sort_by():
    found = text_table([listed(found=scores(score(0.7))), listed("A-B")])
    assert found["part"].tolist() == ["Module A", "Interface A-B"]
    assert found["simulation"].tolist()[0] == 0.7
    assert found["simulation"].isna().tolist() == [False, True]
    assert found["detection"].isna().all()
    assert found["claims that hold"].tolist() == ["2 of 2", "2 of 2"]
    assert text_table([]).empty


def test_texts_are_found_by_words_doubt_and_source():
    items = [
        listed("A", "active on threes"),
        listed("B", "needed for twos", struck=1),
        listed("C", "active on twos", source="Gemma 3 270M", author="Ada"),
    ]
    assert [item.part for item in chosen_texts(items, "twos active")] == ["C"]
    assert [item.part for item in chosen_texts(items, doubt="claims")] == ["B"]
    assert [item.part for item in chosen_texts(items, "ada", source="Gemma 3 270M")] == ["C"]
    assert chosen_texts(items) == items


def test_the_matrix_in_words_and_as_a_chart():
    matrix = np.array([[0.0, -1.0, -2.0], [-1.0, -3.0, -2.0], [-5.0, -4.0, -1.0]])
    assert describe_matrix(matrix) == (
        "The right text wins in 2 of 3 rows and 2 of 3 columns; guessing gives 1."
    )
    chart = contrastive_chart(matrix, ["A", "B", "C"])
    assert np.asarray(chart.data[0].z).max(1).tolist() == [0, 0, 0]
    assert list(chart.data[1].x) == ["A ", "A ", "C "]
