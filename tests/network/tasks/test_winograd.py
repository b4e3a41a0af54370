"""Winograd schemas from files, and how pairs are scored."""

import json
from pathlib import Path

import numpy as np
import pytest

from explorer.errors import TaskError
from explorer.network.tasks.margins import score_margins, wilson_interval
from explorer.network.tasks.winograd import WinogradSchema, load_winograd, margin, score_schemas

XML = """<?xml version="1.0" encoding="UTF-8"?>
<collection>
  <schema>
    <text>
      <txt1>The city councilmen refused the demonstrators a permit because</txt1>
      <pron>they</pron>
      <txt2>feared
      violence.</txt2>
    </text>
    <quote><quote1></quote1><pron>they</pron><quote2>feared violence</quote2></quote>
    <answers>
      <answer>The city councilmen</answer>
      <answer>The demonstrators</answer>
    </answers>
    <correctAnswer>A.</correctAnswer>
    <source>(Winograd 1972)</source>
  </schema>
  <schema>
    <text><txt1>Ann asked Mary what time the library closes,</txt1><pron>her</pron>
    <txt2>memory being bad.</txt2></text>
    <answers><answer>Ann</answer><answer>Mary</answer></answers>
    <correctAnswer> B </correctAnswer>
  </schema>
</collection>
"""
ROW = {
    "text": "The trophy doesn't fit into the brown suitcase because it is too large.",
    "pronoun": "it",
    "pronoun_loc": 55,
    "quote": "it is too large",
    "quote_loc": 55,
    "options": ["The trophy", "The suitcase"],
    "label": 0,
    "source": "",
}
GAP = {
    "qID": "3D5G8J4N5A-1",
    "sentence": "Sarah was a better surgeon than Maria so _ always got the easier cases.",
    "option1": "Sarah",
    "option2": "Maria",
    "answer": "2",
}


def written(tmp_path: Path, text: str, name: str = "file") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_xml_collection_is_read(tmp_path: Path) -> None:
    first, second = load_winograd(written(tmp_path, XML))
    start = "The city councilmen refused the demonstrators a permit because"
    assert first.right_text == f"{start} the city councilmen feared violence."
    assert first.wrong_text == f"{start} the demonstrators feared violence."
    assert second.right == "Mary's" and second.wrong == "Ann's"


@pytest.mark.parametrize("form", ["list", "lines"])
def test_its_json_form_is_read(tmp_path: Path, form: str) -> None:
    text = json.dumps([ROW, ROW]) if form == "list" else f"{json.dumps(ROW)}\n\n{json.dumps(ROW)}\n"
    found = load_winograd(written(tmp_path, text))
    assert len(found) == 2
    start = "The trophy doesn't fit into the brown suitcase because"
    assert found[0].right_text == f"{start} the trophy is too large."
    assert found[0].wrong_text == f"{start} the suitcase is too large."


def test_winogrande_is_read(tmp_path: Path) -> None:
    (found,) = load_winograd(written(tmp_path, json.dumps(GAP)))
    start = "Sarah was a better surgeon than Maria so"
    assert found.right_text == f"{start} Maria always got the easier cases."
    assert found.wrong_text == f"{start} Sarah always got the easier cases."


def test_a_pronoun_that_starts_a_sentence_keeps_its_capital(tmp_path: Path) -> None:
    text = "The cup broke the plate. It was hard."
    row = ROW | {"text": text, "pronoun": "It", "pronoun_loc": text.index("It"), "label": "0"}
    (found,) = load_winograd(written(tmp_path, json.dumps([row])))
    assert found.right_text == "The cup broke the plate. The trophy was hard."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found no schema"),
        ("[]", "found no schema"),
        ("<collection></collection>", "found no schema"),
        ("<collection>", "no XML"),
        (XML.replace("<correctAnswer>A.", "<correctAnswer>C"), "schema 1 of"),
        (XML.replace("<pron>her</pron>", ""), "schema 2 of"),
        (XML.replace("<answer>Mary</answer>", ""), "schema 2 of"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><collection/>', "entity definitions"),
        ("{broken", "no JSON"),
        ("[1, 2]", "schema 1 of"),
        ("17", "schema 1 of"),
        (json.dumps({"sentence": 3}), "schema 1 of"),
        (json.dumps(GAP | {"answer": ""}), "schema 1 of"),
        (json.dumps(GAP | {"sentence": "no gap"}), "schema 1 of"),
        (json.dumps(GAP | {"sentence": "_ and _"}), "schema 1 of"),
        (json.dumps(GAP | {"option1": ""}), "schema 1 of"),
        (json.dumps(ROW | {"pronoun_loc": 3}), "pronoun at pronoun_loc"),
        (json.dumps(ROW | {"label": 2}), "label 0 or 1"),
        (json.dumps(ROW | {"options": ["one"]}), "two options"),
        (json.dumps([ROW, {"text": "x"}]), "schema 2 of"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(TaskError, match=found) as raised:
        load_winograd(written(tmp_path, text))
    assert "\n" not in str(raised.value)
    assert "expected" in str(raised.value)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="cannot be read"):
        load_winograd(tmp_path / "none.xml")
    path = tmp_path / "latin"
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(TaskError, match="UTF-8"):
        load_winograd(path)


def test_the_margin_is_that_of_the_texts() -> None:
    schema = WinogradSchema("so", "went .", "a", "bcd")
    by_length = margin(schema, lambda text: -float(len(text)))
    assert by_length == len(schema.wrong_text) - len(schema.right_text) == 2.0
    # What follows the gap is the same, so it weighs the same.
    assert margin(schema, lambda text: -float(len(text)), partial=True) == 0.0


def test_a_scorer_that_knows_is_always_right_and_one_that_does_not_never() -> None:
    schemas = [WinogradSchema("so", "went .", "a", "b"), WinogradSchema("as", "ran .", "c", "d")]
    right = {schema.right_text for schema in schemas}
    assert score_schemas(schemas, lambda text: float(text in right)).share == 1.0
    assert score_schemas(schemas, lambda text: -float(text in right)).share == 0.0
    assert score_schemas(schemas, lambda text: 0.0).share == 0.0  # a tie is no knowledge


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    shares, margins = [], []
    for _ in range(400):
        score = score_margins(rng.normal(0.5, 1.0, 60).tolist())
        low, high = score.share_interval
        shares.append(low <= 0.6915 <= high)  # P(normal > -0.5)
        low, high = score.margin_interval
        margins.append(low <= 0.5 <= high)
    assert 0.92 <= np.mean(shares) <= 0.98
    assert 0.92 <= np.mean(margins) <= 0.98


def test_pairs_of_a_group_count_as_one_observation() -> None:
    alone = score_margins([1.0, -1.0, 2.0, 3.0])
    repeated = score_margins([value for value in (1.0, -1.0, 2.0, 3.0) for _ in range(8)], group=8)
    assert repeated.groups == alone.count == 4 and repeated.count == 32
    assert repeated.margin_interval == pytest.approx(alone.margin_interval)
    assert repeated.share_interval == alone.share_interval


def test_margins_that_are_no_numbers_are_refused() -> None:
    for bad in ([], [float("nan")], [1.0, float("inf")]):
        with pytest.raises(TaskError, match="expected at least one"):
            score_margins(bad)


def test_wilson_as_published() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263.
    assert wilson_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
