"""The command that trains by a file of settings: a folder that is resumed, or a file alone."""

import signal

import pytest

from explorer import load
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training
from explorer.training.run_folder import RunFolder
from explorer.training.settings_file import settings_text
from tests.test_cli import explorer  # noqa: F401  the fixture that runs the command line

CONFIG = TrainingConfig(task="xor4", hidden=(8,), steps=40)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(settings_text(CONFIG), "utf-8")
    (tmp_path / "folder.safetensors").mkdir()
    return str(tmp_path / "mine.toml")


def test_a_run_is_kept_in_a_folder_and_resumed(explorer, settings, tmp_path):  # noqa: F811
    code, out, _ = explorer("train", settings)
    assert code == 0
    folder = RunFolder(tmp_path / "runs" / "mine")
    assert folder.config() == CONFIG
    assert folder.network().id in out
    assert out.startswith("runs/mine: accuracy 0.")
    code, again, _ = explorer("train", settings)
    assert (code, again) == (0, out)


def test_continuing_a_network_starts_from_its_weights(explorer, settings, tmp_path):  # noqa: F811
    assert explorer("train", settings, "--out", "first.safetensors")[0] == 0
    assert explorer("train", settings, "--start", "first.safetensors", "--out", "second")[0] == 0
    first, second = load("first.safetensors"), RunFolder(tmp_path / "second").network()
    assert second.config["start"] == "first.safetensors"
    assert second.metrics["test_loss"] < first.metrics["test_loss"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.toml",), "cannot be read (No such file or directory)"),
        (("mine.toml", "--start", "pair-modular"), "expected the mlp of 8-8-8"),
        (("mine.toml", "--start", "nothing"), "found no file at 'nothing'"),
        (("mine.toml", "--out", "mine.toml/x"), "cannot be written"),
        (("mine.toml", "--out", "x" * 300), "cannot be written (File name too long)"),
        (("mine.toml", "--out", "folder.safetensors"), "is a folder; expected a file"),
        (("mine.toml", "--save-seconds", "-1"), "greater than or equal to 0"),
    ],
)
def test_what_goes_wrong_is_one_sentence(explorer, settings, arguments, said):  # noqa: F811
    code, _, err = explorer("train", *arguments)
    assert code == 2
    assert said in err
    assert len(err.strip().splitlines()) <= 2  # the label of the progress bar may stand before


def test_a_folder_with_another_run_is_refused(explorer, settings, tmp_path):  # noqa: F811
    assert explorer("train", settings)[0] == 0
    (tmp_path / "mine.toml").write_text(settings_text(CONFIG).replace("seed = 0", "seed = 4"))
    code, _, err = explorer("train", settings)
    assert code == 2
    assert "mine holds a run with seed = 0; expected 4" in err


def test_a_run_that_is_stopped_says_how_to_go_on(explorer, settings, monkeypatch):  # noqa: F811
    step = Training.step

    def stopping(training):
        if training.steps_done == 7:
            signal.raise_signal(signal.SIGINT)
        return step(training)

    monkeypatch.setattr(Training, "step", stopping)
    code, _, err = explorer("train", settings)
    assert code == 130
    assert "stopped after step 8 of 40, which was saved in runs/mine; the same command goes" in err
    monkeypatch.undo()
