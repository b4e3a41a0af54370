"""The table of what each module carries."""

from explorer.observation.ablation import AccuracyChange, Effect, LossChange
from explorer.views.ability_table import ability_table
from explorer.views.accuracy_bars import accuracy_bars
from explorer.views.network_text import describe_losses, describe_winograd


def effect(left: float, right: float, loss: float) -> Effect:
    changes = (
        AccuracyChange("left", None, 0.9, left, 100),
        AccuracyChange("<right>", None, 0.8, right, 100),
    )
    return Effect(changes, (), (LossChange("", 0.25, loss),), "mean", "test", "x")


def test_it_has_a_row_for_the_whole_and_for_each_module():
    html = ability_table([("A", 0, effect(0.1, 0.8, 2.5)), ("B", 1, effect(0.9, 0.0, 3.125))])
    rows = html.split("<tr>")[2:]
    assert len(rows) == 3
    assert [text in rows[0] for text in ("whole network", "90%", "80%", "0.250")] == [True] * 4
    assert [text in rows[1] for text in ("without A", "10%", "80%", "2.500")] == [True] * 4
    assert [text in rows[2] for text in ("without B", "90%", "0%", "3.125")] == [True] * 4
    assert "rgba(213,94,0,0.49)" in rows[1]  # 8/9 of .55
    assert "rgba(213,94,0,0.55)" in rows[2]
    assert "<right>" not in html


def test_skills_are_bars_where_there_are_no_classes():
    html = accuracy_bars(effect(0.1, 0.8, 1.0), "#123456")
    assert "left: 90% before, 10% after, of 100 examples" in html


def test_losses_are_said_for_all_and_for_each():
    assert describe_losses({"": 0.5}) == "Loss on the test split, in nats: **0.500**."
    assert describe_losses({"": 0.5, "pronoun": 0.1}).endswith("**0.500** (pronoun 0.100).")


def test_winograd_pairs_are_said_with_their_interval():
    metrics = {"": 0.99, "_low": 0.951, "_high": 1.0, "_margin": 3.21}
    said = describe_winograd({f"test_winograd{name}": value for name, value in metrics.items()})
    assert "**99.0%** right (95% to 100%), by a mean margin of 3.2 nats" in said
    assert describe_winograd({"test_accuracy": 1.0}) == ""
