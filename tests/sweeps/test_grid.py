"""Grids: which runs they make, in which order, and what they refuse."""

from dataclasses import replace

import pytest

from explorer.errors import ConfigError, ExplorerError
from explorer.sweeps.grid import (
    MAX_RUNS,
    SweepGrid,
    as_plain,
    grid_text,
    read_grid,
    run_id,
    without_idle,
)
from explorer.training.config import TrainingConfig

XOR = {"task": "xor4", "hidden": [8]}


def test_every_combination_is_run_seed_by_seed_and_plain_first():
    grid = SweepGrid(
        XOR, {"loss": ["layered", "l1"], "seed": [3, 1], "modularity_coefficient": [1]}
    )
    made = [(c.seed, c.modularity_coefficient, c.loss) for c in grid.configs]
    assert made == [
        (3, 0.0, "layered"),
        (3, 1, "layered"),
        (3, 1, "l1"),
        (1, 0.0, "layered"),
        (1, 1, "layered"),
        (1, 1, "l1"),
    ]


def test_a_run_without_penalty_is_made_once_for_all_losses():
    grid = SweepGrid(
        XOR, {"loss": ["layered", "l1", "n_cut"], "modularity_coefficient": [0.0, 1.0]}, plain=False
    )
    assert [c.modularity_coefficient for c in grid.configs] == [0.0, 1.0, 1.0, 1.0]


def test_l1_beside_the_penalty_is_no_plain_run():
    grid = SweepGrid({**XOR, "l1_coefficient": 1e-3}, {"modularity_coefficient": [0, 1.0]})
    assert [(c.l1_coefficient, c.modularity_coefficient) for c in grid.configs] == [
        (0.0, 0.0),
        (1e-3, 0),
        (1e-3, 1.0),
    ]


def test_lists_can_be_varied():
    grid = SweepGrid({"task": "xor4"}, {"hidden": [[8], [8, 8]]})
    assert [c.hidden for c in grid.configs] == [(8,), (8, 8)]


def test_a_change_in_mid_run_is_no_idle_setting():
    config = TrainingConfig(
        **XOR,
        loss="n_cut",
        changes=((5, "modularity_coefficient", 1.0), (6, "learning_rate", 1e-3)),
    )
    assert without_idle(config) == config
    assert as_plain(config).loss == "layered"
    assert as_plain(config).changes == ((6, "learning_rate", 1e-3),)


def test_an_id_is_that_of_the_settings():
    config = TrainingConfig(task="xor4", hidden=(8,), steps=10)
    others = [replace(config, seed=1), replace(config, steps=11), replace(config, hidden=(9,))]
    assert len({run_id(c) for c in (config, *others)}) == 4
    assert run_id(replace(config, learning_rate=3e-3)) == run_id(config)


def test_a_grid_survives_its_file(tmp_path):
    grid = SweepGrid(
        XOR,
        {"penalty_ramp": [[0.4, 0.7], [0.1, 0.2]], "modularity_coefficient": [1.0], "seed": [0, 1]},
        measured_modules=4,
        tolerance=0.02,
    )
    (tmp_path / "grid.toml").write_text(grid_text(grid))
    assert read_grid(tmp_path / "grid.toml") == grid
    assert len(grid.by_id) == 6


BAD = {
    "no toml": ("task = ", "is no TOML file"),
    "bytes": ("\0\1", "is no TOML file"),
    "no settings": ("plain = true", "without a table [settings]"),
    "settings no table": ("settings = 3", "expected a table of settings"),
    "unknown key": ("[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nseed=[0]\n[more]\n", "keys more"),
    "unknown setting": ("[settings]\ntask='xor4'\nhidden=[8]\nspeed=3", "settings speed"),
    "unknown varied": ("[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nspeed=[3]", "speed"),
    "empty list": ("[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nseed=[]", "vary.seed = []"),
    "no list": ("[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nseed=3", "vary.seed = 3"),
    "text for list": ("[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nloss='l1'", "vary.loss"),
    "twice": ("[settings]\ntask='xor4'\nhidden=[8]\nseed=1\n[vary]\nseed=[1]", "both"),
    "no task": ("[settings]\nhidden=[8]", "no setting task"),
    "bad task": ("[settings]\ntask='chess'\nhidden=[8]", "chess"),
    "negative": (
        "[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nmodularity_coefficient=[-1]",
        "modularity_coefficient = -1",
    ),
    "plain": ("plain = 3\n[settings]\ntask='xor4'\nhidden=[8]", "plain = 3"),
    "tolerance": ("tolerance = 'a'\n[settings]\ntask='xor4'\nhidden=[8]", "tolerance = 'a'"),
    "modules": ("measured_modules = 99\n[settings]\ntask='xor4'\nhidden=[8]", "= 99"),
    "too many": (
        f"[settings]\ntask='xor4'\nhidden=[8]\n[vary]\nseed={list(range(MAX_RUNS // 2 + 1))}\n"
        "loss=['l1','n_cut']",
        f"grid of {MAX_RUNS + 2:,} runs",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_grid_is_refused_in_one_sentence(what, tmp_path):
    text, said = BAD[what]
    (tmp_path / "grid.toml").write_text(text)
    with pytest.raises(ExplorerError, match="expected") as problem:
        read_grid(tmp_path / "grid.toml")
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_grid(tmp_path / "grid.toml")


@pytest.mark.parametrize("gate", ["labels", "shuffled", "clusters"])
def test_a_gate_keeps_its_modules_without_a_loss(gate):
    settings = {"task": "stories", "network": "gpt", "hidden": [8], "gate": gate, "module_count": 4}
    grid = SweepGrid(settings, {"modularity_coefficient": [0.0, 1.0]}, plain=False)
    assert [config.module_count for config in grid.configs] == [4, 4]
    assert SweepGrid(settings, {"seed": [0]}).configs[0].module_count == 2  # plain, without a gate
