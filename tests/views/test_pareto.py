"""The front as a figure and in words: what stands where, what a click opens, what is said."""

import json
from dataclasses import replace

import pytest

from explorer.sweeps.figures import RunFigures
from explorer.sweeps.folder import RunRecord
from explorer.sweeps.front import Front, find_front
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.sweep import Progress
from explorer.views.pareto import best_run, is_far, line_name, pareto_chart
from explorer.views.pareto_text import (
    MODULARITY,
    describe_front,
    describe_progress,
    failures,
    front_table,
    run_names,
    usable_figures,
)

FIGURES = RunFigures(
    0.90, 0.91, 0.1, 0.2, 0.4, 0.3, 0.11, 0.5, 0.9, 2, None, 7, None, None, 1.0, 2.0, ""
)
ACCURACY = {0.0: 0.93, 0.1: 0.929, 1.0: 0.928, 10.0: 0.5}
Q_B = {0.0: 0.13, 0.1: 0.3, 1.0: 0.48, 10.0: 0.49}
GRID = SweepGrid(
    {"task": "xor4", "hidden": [8]},
    {
        "loss": ["layered", "contracted_cut_tree"],
        "modularity_coefficient": [0.1, 1.0, 10.0],
        "seed": [0, 1, 2],
    },
)


def records(grid: SweepGrid = GRID) -> list[RunRecord]:
    made = []
    for config in grid.configs:
        strength = config.modularity_coefficient
        accuracy = ACCURACY[strength] + 0.001 * config.seed
        figures = replace(
            FIGURES, validation_accuracy=accuracy, test_accuracy=accuracy, q_b=Q_B[strength]
        )
        made.append(RunRecord(config, figures))
    return made


@pytest.fixture
def front() -> Front:
    return find_front(GRID, records())


def test_every_line_is_drawn_with_its_runs_and_chance(front):
    chart = pareto_chart(front)
    named = {trace.name: trace for trace in chart.data if trace.name}
    assert set(named) == {
        "shuffled weights",
        "Plain",
        "Layered modularity",
        "Cut tree of the modules",
    }
    assert list(named["Layered modularity"].x) == [0.3, 0.48, 0.49]
    assert len(named["shuffled weights"].x) == len(front.points)
    colors = [trace.line.color for name, trace in named.items() if name != "shuffled weights"]
    assert len(set(colors)) == 3
    symbols = [trace.marker.symbol[0] for trace in named.values() if trace.customdata is not None]
    assert len({symbol.removesuffix("-open") for symbol in symbols}) == 3
    runs = [id_ for trace in chart.data if not trace.name for id_ in trace.customdata]
    assert sorted(runs) == sorted(GRID.by_id)


def test_filled_marks_are_on_the_front(front):
    drawn = next(t for t in pareto_chart(front).data if t.name == "Layered modularity")
    assert list(drawn.marker.symbol) == ["circle", "circle", "circle"]
    worse = [
        replace(r, figures=replace(r.figures, q_b=0.2)) if r.config.loss != "layered" else r
        for r in records()
    ]
    drawn = next(
        t for t in pareto_chart(find_front(GRID, worse)).data if t.name == "Cut tree of the modules"
    )
    assert list(drawn.marker.symbol) == ["square-open"] * 3


def test_a_mean_opens_the_run_that_is_best_on_validation(front):
    for point in front.points:
        assert GRID.by_id[best_run(point)].seed == 2


def test_the_lambda_to_take_is_labelled(front):
    texts = [annotation.text for annotation in pareto_chart(front).layout.annotations]
    assert texts == ["λ 1", "λ 1"]


def test_what_fell_far_behind_can_be_left_out_of_sight(front):
    assert [p.strength for p in front.points if is_far(front, p)] == [10.0, 10.0]
    low, high = pareto_chart(front, near=True).layout.yaxis.range
    assert 0.9 < low < 0.928
    assert high > 0.93
    assert pareto_chart(front).layout.yaxis.range[0] < 0.5


def test_chance_is_that_of_q_b_alone():
    chart = pareto_chart(find_front(GRID, records(), "interface"))
    assert "shuffled weights" not in {trace.name for trace in chart.data}


@pytest.mark.parametrize("measure", MODULARITY)
def test_every_measure_can_be_drawn(measure):
    found = find_front(GRID, records(), measure)
    json.loads(pareto_chart(found).to_json())
    assert "less" in pareto_chart(find_front(GRID, records(), "interface")).layout.xaxis.title.text


def test_the_figure_of_nothing():
    assert len(pareto_chart(find_front(GRID, [])).data) == 0


def test_the_words(front):
    said = describe_front(front, GRID)
    assert "**Plain** training: accuracy .931 ± .002, Q_B .130 ± .000 (shuffled: .110)." in said
    assert "**Cut tree of the modules**, λ 1: accuracy .929 ± .002" in said
    assert "at most 1 point of accuracy on the *validation* split" in said


def test_the_words_without_a_lambda():
    without_plain = [r for r in records() if r.config.modularity_coefficient]
    assert "no plain run" in describe_front(find_front(GRID, without_plain), GRID)
    only_far = [r for r in records() if r.config.modularity_coefficient in (0.0, 10.0)]
    assert "costs so little" in describe_front(find_front(GRID, only_far), GRID)
    failed = [
        replace(r, figures=None, failed="it did") if r.config.seed == 1 else r for r in records()
    ]
    assert "costs so little" not in describe_front(find_front(GRID, failed), GRID)


def test_a_failure_is_held_against_its_own_line_alone():
    dear = [
        replace(r, figures=replace(r.figures, validation_accuracy=0.1))
        if r.config.modularity_coefficient
        else r
        for r in records()
    ]
    one_failed = [
        replace(r, figures=None, failed="it did")
        if r.config.loss == "contracted_cut_tree" and r.config.seed == 1
        else r
        for r in dear
    ]
    layered, tree = (
        line
        for line in describe_front(find_front(GRID, one_failed), GRID).splitlines()
        if line.startswith(("**Layered", "**Cut tree"))
    )
    assert "costs so little" in layered
    assert "must have all of its seeds" in tree
    only_plain = [r for r in records() if not r.config.modularity_coefficient]
    assert "No run with a penalty" in describe_front(find_front(GRID, only_plain), GRID)


def test_the_table_has_every_point_and_no_figure_without_meaning(front):
    table = front_table(front)
    assert list(table["loss"].unique()) == [
        "Plain",
        "Layered modularity",
        "Cut tree of the modules",
    ]
    assert (table["to take"] == "yes").sum() == 2
    assert "functional modularity" not in table
    assert table["accuracy"][0] == ".931 ± .002"


def test_names_and_failures(front):
    names = run_names(front)
    assert len(names) == len(GRID.by_id)
    assert len(set(names.values())) == len(names)
    failed = replace(records()[-1], figures=None, failed="the loss was no number")
    (sentence,) = failures(find_front(GRID, [failed]))
    assert sentence == "Cut tree of the modules, λ 10, seed 2: the loss was no number"
    assert line_name("L1 term alone") == "L1 term alone"


def test_usable_figures():
    by_id = {record.id: record for record in records()}
    assert usable_figures(by_id) == ("q_b", "q_b_path", "inside", "interface", "n_cut")
    assert usable_figures({}) == ()


def test_progress_in_words():
    assert describe_progress(Progress(6, 0, 6), False) == "All 6 runs are done."
    assert describe_progress(Progress(2, 1, 6), True) == "2 of 6 runs are done, 1 failed …"
    assert describe_progress(Progress(2, 0, 6), False) == "Stopped: 2 of 6 runs are done."
