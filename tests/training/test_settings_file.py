"""Settings as TOML: what is written is read again, and what is wrong is said in one sentence."""

from dataclasses import replace

import pytest

from explorer.errors import ConfigError, TaskError
from explorer.training.recipes import RECIPES
from explorer.training.settings_file import read_settings, settings_text


@pytest.mark.parametrize("name", RECIPES)
def test_written_settings_are_read_again(name, tmp_path):
    config = replace(RECIPES[name], changes=((3, "learning_rate", 1e-4),))
    (tmp_path / "a.toml").write_text(settings_text(config), "utf-8")
    assert read_settings(tmp_path / "a.toml") == config


@pytest.mark.parametrize(
    ("content", "said"),
    [
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
