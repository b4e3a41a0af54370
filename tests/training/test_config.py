"""Training settings: what is refused, and what a file keeps."""

import pytest

from explorer.errors import ConfigError, TaskError
from explorer.training.config import TrainingConfig, ramp
from explorer.training.recipes import RECIPES, recipe


@pytest.mark.parametrize("name", RECIPES)
def test_settings_survive_a_file(name):
    config = recipe(name)
    assert TrainingConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("modularity_coefficient", -0.1),
        ("modularity_coefficient", float("nan")),
        ("modularity_coefficient", float("inf")),
        ("modularity_coefficient", "1"),
        ("l1_coefficient", -1e-9),
        ("l1_coefficient", None),
        ("polysemanticity_coefficient", -0.1),
        ("polysemanticity_coefficient", "0.1"),
        ("learning_rate", 0.0),
        ("input_noise", -0.1),
        ("module_count", 1),
        ("module_count", 65),
        ("module_count", 2.0),
        ("steps", 0),
        ("steps", 1.5),
        ("steps", True),
        ("batch_size", 0),
        ("refresh", 0),
        ("hidden", (0,)),
        ("hidden", (3.0,)),
        ("hidden", "64"),
        ("hidden", 64),
        ("penalty_ramp", (0.7, 0.4)),
        ("penalty_ramp", (0.4,)),
        ("penalty_ramp", (-0.1, 0.4)),
        ("penalty_ramp", ("0", "1")),
        ("l1_ramp", (0.4, 1.1)),
        ("l1_ramp", (float("nan"), 1.0)),
        ("l1_ramp", None),
        ("seed", -1),
        ("seed", 0.5),
    ],
)
def test_settings_out_of_range(setting, value):
    with pytest.raises(ConfigError, match=rf"found {setting} = .*; expected") as caught:
        TrainingConfig.from_dict({"task": "xor4", "hidden": [8], setting: value})
    assert "\n" not in str(caught.value)


def test_settings_that_are_unknown_or_missing():
    with pytest.raises(ConfigError, match=r"found unknown settings lambda, mu; expected some of"):
        TrainingConfig.from_dict({"task": "xor4", "hidden": [8], "mu": 1, "lambda": 2})
    with pytest.raises(ConfigError, match="found no setting hidden; expected one"):
        TrainingConfig.from_dict({"task": "xor4"})
    with pytest.raises(TaskError, match="found task 'chess'"):
        TrainingConfig(task="chess", hidden=(8,))
    with pytest.raises(ConfigError, match=r"found recipe 'best'; expected one of digits-plain"):
        recipe("best")


def test_ramp_rises_once_from_nothing_to_all():
    values = [ramp(step, 200, (0.25, 0.75)) for step in range(200)]
    assert values == sorted(values)
    assert values[:51] == [0.0] * 51
    assert values[100] == 0.5
    assert values[150:] == [1.0] * 50
    assert [ramp(step, 10, (0.5, 0.5)) for step in (4, 5)] == [0.0, 1.0]
    assert ramp(0, 10, (0.0, 0.0)) == 1.0
