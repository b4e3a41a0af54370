"""Settings as TOML: what is written is read again, and what is wrong is said in one sentence."""

from dataclasses import replace

import pytest

from explorer.errors import ConfigError, TaskError
from explorer.sweeps.grid import SweepGrid, grid_text, read_grid
from explorer.training.recipes import RECIPES
from explorer.training.settings_file import read_settings, settings_text


@pytest.mark.parametrize("name", RECIPES)
def test_written_settings_are_read_again(name, tmp_path):
    config = replace(RECIPES[name], changes=((3, "learning_rate", 1e-4),))
    (tmp_path / "a.toml").write_text(settings_text(config), "utf-8")
    assert read_settings(tmp_path / "a.toml") == config


@pytest.mark.parametrize("name", ["🧠.safetensors", 'a "b" \\ c', "tab\there", "\x7f", "größe"])
def test_names_of_every_kind_are_read_again(name, tmp_path):
    config = replace(RECIPES["xor4-modular"], start=name)
    (tmp_path / "a.toml").write_text(settings_text(config), "utf-8")
    assert read_settings(tmp_path / "a.toml") == config
    grid = SweepGrid({"task": "xor4", "hidden": [8], "start": name}, {"seed": [0, 1]})
    (tmp_path / "grid.toml").write_text(grid_text(grid), "utf-8")
    assert read_grid(tmp_path / "grid.toml") == grid


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"task = ['xor4']\nhidden = [8]", "found task = .*; expected a name"),
        (b"task = 5\nhidden = [8]", "found task = 5; expected a name"),
        (b"task = 1979-05-27\nhidden = [8]", "found task = .*; expected a name"),
        (b"task = 'xor4'\nhidden = [8]\ngate_teacher = 5", "found gate_teacher = 5; expected"),
        (b"task = 'xor4'\nhidden = [8]\nstart = \"a\\u0000\"", "found start = .*; expected"),
        (b"task = 'xor4'\nhidden = [0x" + b"f" * 5_000 + b"]", "a whole number beyond 64 bits"),
        (
            b"task = 'stories'\nhidden = [8]\nnetwork = 'gpt'\ngate = 'labels'\nmodule_count = 0",
            "found gate = 'labels' with module_count = 0; expected 2 to 64",
        ),
        (b"", "found no setting hidden"),
        (b"task = ", "a.toml is no TOML file"),
        (b"\xff\xfe", "a.toml is no TOML file"),
        (b"[" * 10_000, "a.toml is no TOML file"),
        (b"task = 'xor4'\nhidden = [0]", "found hidden = .*; expected whole numbers from 1"),
        (b"task = 'xor4'\nhidden = [100000]", "expected whole numbers from 1 to 5,000"),
        (b"task = 'xor4'\nhidden = 8", "found hidden = 8; expected a list"),
        (b"task = 'xor4'\nhidden = [8]\nlambda = 1", "found unknown settings lambda"),
        (b"task = 'xor4'\nhidden = [8]\nmodularity_coefficient = -1", "expected a number from 0"),
        (b"task = 'xor4'\nhidden = [8]\nmodularity_coefficient = 1e9", "expected a number from 0"),
        (b"task = 'xor4'\nhidden = [8]\nmodularity_coefficient = nan", "expected a number from 0"),
        (b"task = 'xor4'\nhidden = [8]\nnetwork = 'gpt'", "for the task xor4; expected one of mlp"),
        (b"task = 'xor4'\nhidden = [8]\nloss = 'best'", "found loss = 'best'; expected one of"),
        (b"x" * 2_000_000, "has 2,000,000 bytes"),
    ],
)
def test_files_that_are_no_settings(content, said, tmp_path):
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises((ConfigError, TaskError), match=said) as caught:
        read_settings(tmp_path / "a.toml")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")
