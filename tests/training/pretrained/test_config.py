"""Settings of continued training: read, checked, and those of the example."""

import json
import tomllib
from dataclasses import fields
from importlib.resources import files

import numpy as np
import pytest
import torch

from explorer.errors import ConfigError
from explorer.training.pretrained.config import ContinuedConfig, read_config
from explorer.training.pretrained.modules_found import read_labels
from explorer.training.pretrained.windows import Text

NEEDED = {"network": "a", "text": "b", "output": "c"}


def test_the_example_names_every_setting() -> None:
    text = (files("explorer.training.pretrained") / "example.toml").read_text()
    given = tomllib.loads(text)
    assert list(ContinuedConfig.from_dict(given).to_dict().items())
    assert set(given) == {field.name for field in fields(ContinuedConfig)}


def test_settings_come_back_as_they_went(tmp_path) -> None:
    config = ContinuedConfig(**NEEDED, penalty_ramp=(0.1, 0.2), steps=7)
    assert ContinuedConfig.from_dict(config.to_dict()) == config
    (tmp_path / "c.toml").write_text("network = 'a'\ntext = 'b'\noutput = 'c'\nsteps = 7\n")
    assert read_config(tmp_path / "c.toml").steps == 7


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"network": ""}, "found network = ''; expected a name or a path"),
        ({"steps": 0}, "found steps = 0; expected a whole number from 1"),
        ({"batch_size": True}, "found batch_size = True"),
        ({"module_count": 1}, "module_count = 1; expected 0"),
        ({"graph": "path"}, "found graph = 'path'; expected one of activity, layer"),
        ({"precision": "int8"}, "expected one of float32, bfloat16"),
        ({"penalty_ramp": [0.5, 0.2]}, "expected two rising shares"),
        ({"penalty_ramp": "no"}, "expected two rising shares"),
        ({"held_out": 0.9}, "found held_out = 0.9"),
        ({"speed": 1}, "unknown settings speed"),
    ],
)
def test_what_makes_no_run_is_refused(values, said) -> None:
    with pytest.raises(ConfigError, match=said):
        ContinuedConfig.from_dict(NEEDED | values)


def test_a_setting_that_is_needed_is_asked_for() -> None:
    with pytest.raises(ConfigError, match="found no setting text"):
        ContinuedConfig.from_dict({"network": "a", "output": "c"})


def test_windows_are_drawn_by_seed_and_step_alone() -> None:
    text = Text(np.arange(100, dtype=np.int32), np.arange(100, 140, dtype=np.int32))
    first = text.batch((0, 3, 0), 5, 8)
    assert first.shape == (5, 9)
    assert (first == text.batch((0, 3, 0), 5, 8)).all()
    assert (first != text.batch((0, 4, 0), 5, 8)).any()
    assert (first[:, 1:] - first[:, :-1] == 1).all()
    assert first.max() < 100  # held-out text is not trained on
    starts = text.batch((1, 0, 0), 10_000, 8)[:, 0]
    assert sorted(set(starts.tolist())) == list(range(92))  # the last token is read as well
    measured = text.measured(3, 8)
    assert measured[:, 0].tolist() == [100, 108, 116]
    assert text.measured(99, 8)[:, 0].tolist() == [100, 108, 116, 124]


def test_windows_begin_with_the_marks_of_the_tokenizer() -> None:
    text = Text(np.arange(100, dtype=np.int32), np.arange(100, 140, dtype=np.int32), (500, 501))
    first = text.batch((0, 3, 0), 500, 8)
    assert first.shape == (500, 9)
    assert (first[:, :2] == torch.tensor([500, 501])).all()
    assert (first[:, 3:] - first[:, 2:-1] == 1).all()
    assert sorted(set(first[:, 2].tolist()))[-1] == 93
    assert text.measured(99, 8)[:, 2].tolist() == [100, 107, 114, 121, 128]


def test_labels_are_read_from_csv_and_json(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("name,module\nx,B\ny,A\nz,\n")
    (tmp_path / "a.json").write_text("[1, 0, -1]")
    # As explorer.export writes them.
    rows = [{"node": k, "module": module} for k, module in enumerate(("B", "A", ""))]
    (tmp_path / "partition.json").write_text(json.dumps({"modules": [], "nodes": rows}))
    for name in ("a.csv", "a.json", "partition.json"):
        assert read_labels(str(tmp_path / name)).tolist() == [1, 0, -1]
    (tmp_path / "b.json").write_text('{"nothing": 1}')
    with pytest.raises(ConfigError, match="which holds no modules"):
        read_labels(str(tmp_path / "b.json"))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_labels(str(tmp_path / "c.csv"))
    (tmp_path / "short.csv").write_text("name,module\nx,B\ny\n")
    assert read_labels(str(tmp_path / "short.csv")).tolist() == [0, -1]


@pytest.mark.parametrize(
    ("name", "text"),
    [("long.csv", "module\n" + "x" * 200_000), ("deep.json", "[" * 100_000), ("n.json", "5")],
)
def test_files_of_no_modules_are_one_sentence(tmp_path, name, text) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match="which holds no modules"):
        read_labels(str(tmp_path / name))
