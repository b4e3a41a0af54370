"""The comparison of losses, on a tiny configuration."""

from dataclasses import replace

import pytest

from explorer.benchmarks import training
from explorer.benchmarks.training import (
    COLUMNS,
    TRIALS,
    Trial,
    chosen_coefficient,
    measure_run,
    measure_training,
    table,
)
from explorer.benchmarks.training_checks import (
    Check,
    automatic_count,
    checks_table,
    rescaling_moves,
    step_cost,
    three_parts,
)
from explorer.modularity.finding import choose_count
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph
from explorer.training.config import LOSSES, TrainingConfig
from tests.networks import planted_network

TINY = TrainingConfig(
    task="xor4", hidden=(8, 8), steps=30, batch_size=16, module_count=2, l1_coefficient=1e-4
)


@pytest.fixture(scope="module")
def figures():
    return measure_run(TINY)


def test_the_rule_takes_the_largest_lambda_within_the_tolerance(figures):
    def runs(*shares):
        return [replace(figures, validation_accuracy=share) for share in shares]

    plain = runs(0.90, 0.92)
    tried = {0.1: runs(0.91, 0.91), 1.0: runs(0.905, 0.905), 3.0: runs(0.80, 0.99)}
    assert chosen_coefficient(tried, plain, 0.005) == (1.0, True)
    assert chosen_coefficient(tried, plain, 0.0) == (0.1, True)
    assert chosen_coefficient({1.0: tried[1.0], 3.0: tried[3.0]}, plain, 0.0) == (1.0, False)


def test_every_loss_is_trained_and_shown(monkeypatch):
    monkeypatch.setattr(training, "SMALL_COEFFICIENTS", (0.5,))
    shares = []
    rows = measure_training(
        small=True,
        workers=1,
        trials={"tiny": Trial(TINY, 1.0)},
        losses=("layered", "l1"),
        progress=shares.append,
    )
    assert [(row.loss, row.coefficient, row.within) for row in rows] == [
        ("plain", 0.0, True),
        ("layered", 0.5, True),
        ("l1", 0.5, True),
    ]
    assert shares == [pytest.approx((i + 1) / 3) for i in range(3)]
    assert all(len(row.figures) == 1 for row in rows)
    assert len({row.figures[0].checkpoint_id for row in rows}) == 3
    lines = list(table(rows))
    assert lines[0].startswith("xor4, 1 seeds")
    assert [line.split()[0] for line in lines[2:5]] == ["plain", "layered", "l1"]


def test_each_task_has_its_own_lambda_and_any_seeds(monkeypatch, figures):
    seen = []

    def measured(configs, *_):
        seen.extend(configs)
        return dict.fromkeys(configs, figures)

    monkeypatch.setattr(training, "_measured", measured)
    trials = {"one": Trial(TINY, 1.0, (0.2, 0.4)), "two": Trial(replace(TINY, steps=31), 1.0, (7,))}
    rows = measure_training(workers=1, trials=trials, losses=("layered",), seeds=(60, 61))
    assert [row.coefficient for row in rows] == [0.0, 0.4, 0.0, 7]
    assert all(len(row.figures) == 2 for row in rows)
    assert {(c.steps, c.modularity_coefficient) for c in seen} == {
        *((30, 0.0), (30, 0.2), (30, 0.4)),
        *((31, 0.0), (31, 7)),
    }
    assert {c.seed for c in seen} == {60, 61}


def test_ranges_stand_below_means(figures):
    row = training.LossRow(
        "xor4",
        "layered",
        1.0,
        False,
        (figures, replace(figures, q_b=0.75, cut_balance=None)),
    )
    lines = list(table([row]))
    assert lines[2].startswith("layered*")
    assert "0.750" in lines[3]
    assert max(map(len, lines)) <= 180
    assert set(COLUMNS) <= set(figures.to_dict())


def test_trials_differ_in_the_loss_alone():
    for name, trial in TRIALS.items():
        assert trial.config.task == name
        configs = training._configs(trial.config, LOSSES, (1.0,))
        assert {c.steps for c in configs} == {trial.config.steps}
        assert [c.l1_coefficient > 0 for c in configs] == [
            False,
            *(loss != "l1" for loss in LOSSES),
        ]
        assert len({(c.input_noise, c.batch_size, c.learning_rate) for c in configs}) == 1


def test_the_cost_is_a_ratio_of_steps():
    cost = step_cost(replace(TINY, modularity_coefficient=1.0), blocks=1)
    assert 1.0 < cost < 10.0


@pytest.mark.parametrize("weighting", ["activity", "path"])
def test_rescaling_moves_nothing(weighting):
    network = planted_network([8, 12, 12, 8], 2, 0.1)[0].network
    checkpoint = Checkpoint("planted", network, "xor4")
    assert rescaling_moves(checkpoint, weighting) < 1e-4
    assert rescaling_moves(checkpoint, "layer") > 0.01


def test_numbers_of_modules_that_are_chosen():
    assert choose_count(network_graph(three_parts(), "path")) == 3
    config = replace(TINY, modularity_coefficient=1.0, penalty_ramp=(0.9, 1.0))
    assert automatic_count(config) >= 2


def test_checks_say_what_was_missed():
    lines = list(checks_table([Check("cost", 1.2, 1.5, True), Check("moved", 0.2, 0.1, False)]))
    assert not lines[0].endswith("MISSED")
    assert lines[1].endswith("MISSED")
