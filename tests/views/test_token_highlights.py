"""Snippets and made inputs as HTML: escaped, and readable without colours."""

import re
from dataclasses import asdict

import numpy as np
import pytest

from explorer.errors import TaskError
from explorer.network.tasks import task
from explorer.observation.feature_visualization import FeatureVisualization, MadeInput
from explorer.observation.microscope import Snippet
from explorer.observation.polysemanticity import Polysemanticity
from explorer.views.made_inputs import (
    describe_features,
    made_pictures,
    made_table,
    made_texts,
    plain_markdown,
    plane_map,
)
from explorer.views.pinned import pin_html
from explorer.views.token_highlights import in_words, probabilities_html, snippet_html, token_chips

BLUE = "#0072B2"
HOSTILE = "<script>alert('x')</script>"
SEEN = Snippet(("a", "b", "c", "d"), 2, (0.0, 1.0, 4.0, 2.4), "e", "topic", 0.9, 0.25, 7)


def made(form: str, values: object, best: int = 0, **more: object) -> FeatureVisualization:
    inputs = (MadeInput(np.array(values, dtype=float), 2.5),)
    given = {"plane": None, "plane_reach": 0.0, **more}
    return FeatureVisualization(
        "A", form, inputs, best, 1.5, split="explain", checkpoint_id="c", partition_id="p", **given
    )


def test_activity_is_told_by_underline_and_brackets_too() -> None:
    spans = re.findall(r"<span.*?</span>", snippet_html(SEEN, 4.0, BLUE))
    assert [re.findall(r"border-bottom:(\d)px", span) for span in spans] == [
        [],
        ["1"],
        ["3"],
        ["2"],
    ]
    assert "[c]" in spans[2]
    assert 'title="activity 4.00"' in spans[2]
    assert 'aria-label="a b [c] d"' in snippet_html(SEEN, 4.0, BLUE)


def test_what_is_beyond_the_largest_is_drawn_like_the_largest() -> None:
    assert "rgba(0, 114, 178, 0.5)" in snippet_html(SEEN, 1.0, BLUE)
    assert snippet_html(SEEN, 0.0, BLUE).count("border-bottom") == 0


def test_texts_cannot_be_markup() -> None:
    hostile = Snippet((HOSTILE, HOSTILE), 0, (1.0, 0.0), HOSTILE, HOSTILE, 0.5, 0.5, 0)
    drawn = snippet_html(hostile, 1.0, BLUE) + probabilities_html(hostile, BLUE)
    drawn += token_chips([(HOSTILE, 1.0)], BLUE)
    payload = {**asdict(hostile), "joint": HOSTILE}
    drawn += pin_html("snippet", payload, BLUE)
    assert "<script" not in drawn
    assert "'x'" not in drawn


def test_characters_that_cannot_be_seen_are_shown() -> None:
    line = Snippet(("a", "\n", " ", "\t"), 1, (0.0, 1.0, 0.0, 0.0), "\n", "", 0.5, 0.5, 1)
    drawn = snippet_html(line, 1.0, BLUE, joint="")
    assert "[⏎]" in drawn
    assert "␣" in drawn
    assert in_words(line, "") == "a[\n] \t"
    assert "⏎" in probabilities_html(line, BLUE)


def test_probabilities_before_and_after() -> None:
    drawn = probabilities_html(SEEN, BLUE)
    assert "90% with it, 25% without" in drawn
    assert "width:90.0%" in drawn
    assert "width:25.0%" in drawn
    assert SEEN.lost == pytest.approx(0.65)


def test_promoted_and_demoted_tokens_differ_in_more_than_colour() -> None:
    up, down = token_chips([("up", 1.0)], BLUE), token_chips([("down", -0.5)], BLUE)
    assert "solid" in up
    assert "+100%" in up
    assert "dashed" in down
    assert "-50%" in down


def test_pictures_of_pairs_have_names() -> None:
    drawn = made_pictures(task("pair"), made("image", [0.5] * 32), BLUE)
    assert drawn.count("<img") == 4
    assert drawn.count('alt="Made 1, left"') == 1
    assert "Best in the data" in drawn
    assert "<strong>2.50</strong> times" in drawn


def test_tables_of_numbers_and_texts() -> None:
    table = made_table(task("xor4"), made("numbers", [1, 0, 0, 0, 0, 0, 0, 0.25]))
    assert table["input"].tolist() == ["best in the data", "made 1"]
    assert table.iloc[1, -1] == "0.25"
    words = task("stories").tokens
    texts = made_texts(task("stories"), made("text", [3, 4], best=65))
    assert texts["tokens"][1] == f"{words[3]} {words[4]}"
    assert texts["activity at its end"].tolist() == ["1.50", "2.50"]


def test_a_map_names_its_best_place() -> None:
    plane = np.zeros((48, 48))
    plane[0, 47] = 2.0
    drawn = plane_map(made("numbers", [0, 0], plane=plane, plane_reach=1.0), BLUE)
    assert "Most active at 0.98, 0.98: 2.00 times" in drawn
    assert plane_map(made("numbers", [0, 0]), BLUE) == ""
    silent = made("numbers", [0, 0], plane=np.zeros((48, 48)), plane_reach=1.0)
    assert "0.00 times" in plane_map(silent, BLUE)


def test_features_in_words() -> None:
    several = Polysemanticity(
        2.04, (("left", "3", 0.6), ("right", "*", 0.4)), (3.0, 4.0), "explain", ""
    )
    assert describe_features(several, "Module A") == (
        "**Module A stands for about 2.0 unrelated features** (left 3, right \\*); chance: 3.5."
    )
    nothing = Polysemanticity(None, (), (), "explain", "")
    assert "cannot be counted" in describe_features(nothing, "This neuron")
    assert plain_markdown("[a](b)") == "\\[a\\](b)"


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("snippet", {}),
        ("snippet", {**asdict(SEEN), "joint": " ", "before": 7.0}),
        ("snippet", {**asdict(SEEN), "joint": " ", "activity": [1.0]}),
        ("made", {"form": "image", "task": "pair", "values": [1.0], "activity": 1}),
        ("made", {"form": "image", "task": "nothing", "values": [1.0], "activity": 1}),
        ("made", {"form": "text", "task": "stories", "values": [10**9], "activity": 1}),
        ("made", {"form": "text", "task": "stories", "values": [float("inf")], "activity": 1}),
        ("made", {"form": "image", "task": "pair", "values": "x", "activity": 1}),
        ("film", {}),
    ],
)
def test_pins_that_nobody_can_draw(kind: str, payload: dict[str, object]) -> None:
    with pytest.raises(TaskError, match=r"found .*"):
        pin_html(kind, payload, BLUE)


def test_pins_of_every_form() -> None:
    drawn = pin_html(
        "made", {"form": "image", "task": "pair", "values": [0.2] * 32, "activity": 2}, BLUE
    )
    assert drawn.count("<img") == 2
    drawn = pin_html("made", {"form": "text", "task": "stories", "values": [0], "activity": 2}, "")
    assert drawn == f"<div>{task('stories').tokens[0]} · activity 2.00</div>"
