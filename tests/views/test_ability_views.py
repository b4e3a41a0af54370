"""Abilities and interventions as tables, bars and sentences."""

import re

from explorer.auditing.intervention import Figures, Intervention, InterventionEffect
from explorer.network.tasks.margins import score_margins
from explorer.observation.ablation import AccuracyChange, Effect, LossChange
from explorer.views.ability_bars import bar_rows, describe_effect, intervention_bars
from explorer.views.ability_rows import ability_rows


def effect(name: str, accuracy: float, loss: float) -> tuple[str, int, Effect]:
    heads = (AccuracyChange("<left>", None, 0.9, accuracy, 50),)
    losses = (LossChange("", 0.2, loss), LossChange("<left>", 0.25, loss))
    return name, 0, Effect(heads, (), losses, "mean", "test", "id")


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r">([^<>]+)</t[dh]>", row) for row in rows]


def test_a_row_for_the_whole_and_one_without_each_module():
    effects = [effect("A", 0.45, 1.7), effect("B", 0.9, 0.2)]
    html = ability_rows(effects)
    assert cells(html) == [
        ["&lt;left&gt;", "cross-entropy"],
        ["whole network", "90.0%", "0.200"],
        ["without A", "45.0%", "1.700"],
        ["without B", "90.0%", "0.200"],
    ]
    shades = [float(shade) for shade in re.findall(r"rgba\(213,94,0,([0-9.]+)\)", html)]
    assert [shade > 0 for shade in shades] == [False, False, True, True, False, False]
    assert "&lt;left&gt;" in html
    by_loss = cells(ability_rows(effects, "cross-entropy"))
    assert by_loss[0] == ["all", "&lt;left&gt;"]
    assert by_loss[2] == ["without A", "1.700", "1.700"]


def test_pairs_stand_with_their_intervals_or_as_not_measured():
    effects = [effect("A", 0.45, 1.7), effect("B", 0.9, 0.2)]
    pairs = {"": score_margins([1.0] * 40), "A": score_margins([1.0, -1.0] * 20)}
    rows = cells(ability_rows(effects, pairs=pairs))
    assert [row[-1] for row in rows] == [
        "Winograd-style pairs [95 %]",
        "100.0% [91%, 100%]",
        "50.0% [35%, 65%]",
        "not measured",
    ]


def intervened(success: float | None = 0.1) -> InterventionEffect:
    before = Figures(0.96, 0.12, None if success is None else 0.98)
    after = Figures(0.94, 0.2, success)
    ghosts = (Figures(0.9, 0.4, success and 0.9), Figures(0.8, 0.3, success and 0.7))
    return InterventionEffect(Intervention((3,)), before, after, ghosts, "id", "test")


def test_bars_show_before_after_and_random_sets():
    rows = bar_rows(intervened(), "attack success")
    assert [row.title for row in rows] == [
        "attack success",
        "clean accuracy",
        "cross-entropy in nats",
    ]
    assert rows[0].ghosts == (0.7, 0.9)
    assert rows[2].top == 0.4
    html = intervention_bars(rows)
    assert html.count("height:max(1px,") == 3 * 4
    assert (
        'aria-label="attack success: 98.0% before, 10.0% after; random sets of the same size '
        '70.0% to 90.0%"' in html
    )
    said = describe_effect(intervened(), rows)
    assert said.startswith("It takes attack success from 98.0% to **10.0%**; clean accuracy from")
    assert "2 random sets" in said


def test_without_a_truth_there_is_no_bar_of_it():
    rows = bar_rows(intervened(None))
    assert [row.title for row in rows] == ["clean accuracy", "cross-entropy in nats"]
