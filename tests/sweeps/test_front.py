"""The front: intervals, the chosen lambda, which points no other beats."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from explorer.sweeps.bundled import grids, open_grid
from explorer.sweeps.figures import RunFigures
from explorer.sweeps.folder import RunRecord
from explorer.sweeps.front import choose_lambda, find_front, mean_interval
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.report import front_data, front_lines, run_rows
from explorer.training.recipes import RECIPES

FIGURES = RunFigures(
    0.9, 0.9, 0.1, 0.2, 0.4, 0.3, 0.1, 0.5, 0.9, 2, None, 7, None, None, 1.0, 2.0, ""
)
GRID = SweepGrid(
    {"task": "xor4", "hidden": [8], "l1_coefficient": 1e-3},
    {
        "loss": ["layered", "l1"],
        "modularity_coefficient": [0.0, 0.1, 1.0, 10.0],
        "seed": [0, 1, 2],
    },
)


def made(grid: SweepGrid, **by_strength: dict[float, float]) -> list[RunRecord]:
    """Records whose figures depend on lambda; a little on the seed."""
    records = []
    for config in grid.configs:
        values = {
            name: found[config.modularity_coefficient] + 0.001 * (config.seed - 1)
            for name, found in by_strength.items()
        }
        records.append(RunRecord(config, replace(FIGURES, **values)))
    return records


def test_the_interval_is_students():
    values = np.random.default_rng(0).normal(size=5)
    found = mean_interval(list(values))
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert math.isnan(mean_interval([1.0]).low)
    assert math.isnan(mean_interval([]).mean)


def test_lambda_is_chosen_on_validation_alone():
    records = made(
        GRID,
        validation_accuracy={0.0: 0.9, 0.1: 0.9, 1.0: 0.89, 10.0: 0.889},
        test_accuracy={0.0: 0.9, 0.1: 0.1, 1.0: 0.1, 10.0: 0.9},
    )
    layered = [r for r in records if r.config.loss == "layered"]
    assert choose_lambda(layered, tolerance=0.01) == 1.0
    assert choose_lambda(layered, tolerance=0.0111) == 10.0
    assert choose_lambda(layered, tolerance=0.0) == 0.1
    assert choose_lambda([r for r in layered if r.config.modularity_coefficient]) is None
    assert choose_lambda([]) is None


def test_a_lambda_with_a_failed_seed_is_not_chosen():
    same = dict.fromkeys((0.0, 0.1, 1.0, 10.0), 0.9)
    records = [
        replace(r, figures=None, failed="it did")
        if (r.config.modularity_coefficient, r.config.seed) == (10.0, 2)
        else r
        for r in made(GRID, validation_accuracy=same)
        if r.config.loss == "layered"
    ]
    assert choose_lambda(records) == 1.0


def test_of_a_text_the_cross_entropy_counts():
    grid = SweepGrid(
        {"task": "characters", "network": "gpt", "hidden": [8]},
        {"modularity_coefficient": [0.1, 1.0]},
    )
    records = made(grid, validation_loss={0.0: 2.0, 0.1: 2.019, 1.0: 2.021})
    assert choose_lambda(records, 0.01) == 0.1
    assert find_front(grid, records).ability == "test_loss"


def test_every_loss_is_a_line_beside_plain():
    front = find_front(
        GRID,
        made(
            GRID,
            validation_accuracy={0.0: 0.9, 0.1: 0.9, 1.0: 0.8, 10.0: 0.7},
            test_accuracy={0.0: 0.9, 0.1: 0.9, 1.0: 0.8, 10.0: 0.7},
            q_b={0.0: 0.1, 0.1: 0.2, 1.0: 0.5, 10.0: 0.4},
        ),
    )
    assert front.lines == ("plain", "L1 term alone", "layered", "l1")
    assert [p.strength for p in front.on_line("layered")] == [0.1, 1.0, 10.0]
    assert [p.chosen for p in front.on_line("l1")] == [True, False, False]
    assert [p.best for p in front.on_line("layered")] == [True, True, False]
    (plain,) = front.on_line("plain")
    assert plain.is_plain
    assert not plain.best  # the smallest lambda is as able, and more modular
    assert plain.means["q_b"].mean == pytest.approx(0.1)
    assert [r.config.seed for r in plain.records] == [0, 1, 2]


def test_less_is_more_where_it_is():
    records = made(
        GRID,
        test_accuracy=dict.fromkeys((0.0, 0.1, 1.0, 10.0), 0.9),
        interface={0.0: 900.0, 0.1: 50.0, 1.0: 2.0, 10.0: 9.0},
    )
    front = find_front(GRID, records, "interface")
    assert {p.strength for p in front.points if p.best} == {1.0}


def test_lines_differ_in_what_else_is_varied():
    grid = SweepGrid(
        {"task": "xor4"},
        {
            "hidden": [[8], [8, 8]],
            "l1_coefficient": [0.0, 1e-3],
            "modularity_coefficient": [1.0],
        },
    )
    records = [RunRecord(config, FIGURES) for config in grid.configs]
    assert find_front(grid, records).lines == (
        "plain, hidden 8",
        "layered, hidden 8, l1_coefficient 0",
        "layered, hidden 8, l1_coefficient 0.001",
        "plain, hidden 8-8",
        "layered, hidden 8-8, l1_coefficient 0",
        "layered, hidden 8-8, l1_coefficient 0.001",
    )


def test_the_front_of_nothing():
    front = find_front(GRID, [])
    assert front.points == ()
    assert front_lines(front)[0].split() == ["loss", "lambda", "seeds"]


def test_the_report():
    records = made(GRID, validation_accuracy={0.0: 0.9, 0.1: 0.9, 1.0: 0.8, 10.0: 0.7})
    records[-1] = replace(records[-1], figures=None, failed="the loss was no finite number")
    front = find_front(GRID, records)
    lines = front_lines(front)
    assert lines[0].split()[:4] == ["loss", "lambda", "seeds", "accuracy"]
    assert "functional" not in lines[0]  # it has no meaning here
    assert any(line.startswith("layered") and "0.1*" in line for line in lines)
    assert lines[-1] == "failed: seed 2, l1: the loss was no finite number"
    data = json.loads(json.dumps(front_data(front), allow_nan=False))
    assert data["points"][0]["figures"]["functional"]["mean"] is None
    assert sum(point["chosen"] for point in data["points"]) == 2
    rows = run_rows(records)
    assert len(rows) == len(GRID.configs)
    assert rows[0]["lambda"] == 0.0
    assert rows[-1]["q_b"] is None


@pytest.mark.parametrize("name", grids())
def test_grids_that_come_with_the_package(name):
    grid = open_grid(name)
    assert len(grid.configs) > 1
    assert len({c.seed for c in grid.configs}) >= 2


@pytest.mark.parametrize("name", ["digits", "pair", "xor4"])
def test_grids_of_the_bundled_networks(name):
    configs = open_grid(name).configs
    assert {c.task for c in configs} == {name}
    recipe = RECIPES[f"{name}-modular"]
    assert recipe.modularity_coefficient in {c.modularity_coefficient for c in configs}
    assert {"layered", "l1", "fixed_bins"} <= {c.loss for c in configs}


def test_lines_are_named_after_what_is_at_work():
    gpt = {"task": "stories", "network": "gpt", "hidden": [8], "module_count": 4}
    gated = SweepGrid({**gpt, "gate": "labels"}, {"seed": [0]})
    assert find_front(gated, _records(gated)).lines == ("plain", "gate alone")
    later = {"task": "xor4", "hidden": [8], "changes": [[5, "modularity_coefficient", 1.0]]}
    assert find_front(SweepGrid(later), _records(SweepGrid(later))).lines == ("plain", "layered")
    close = SweepGrid({"task": "xor4", "hidden": [8]}, {"learning_rate": [0.0030000001, 0.003]})
    assert len(find_front(close, _records(close)).lines) == 2


def _records(grid: SweepGrid) -> list[RunRecord]:
    return [RunRecord(config, FIGURES) for config in grid.configs]
