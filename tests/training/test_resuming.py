"""A run goes on exactly: from a state, from a file, after a kill, after a divergence."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from explorer.errors import ConfigError, FileFormatError, RunFolderError, TrainingDivergedError
from explorer.network.threads import single_threaded
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training, training_steps
from explorer.training.run_folder import RunFolder, run_in_folder
from explorer.training.settings_file import settings_text
from explorer.training.state import load_state, save_state

CONFIG = TrainingConfig(
    task="xor4",
    hidden=(12, 10),
    steps=60,
    batch_size=32,
    modularity_coefficient=1.0,
    l1_coefficient=1e-3,
    module_count=4,
    refresh=7,
    penalty_ramp=(0.2, 0.5),
)


def advanced(training: Training, steps: int) -> Training:
    with single_threaded():
        for _ in range(steps):
            training.step()
    return training


def weights(training: Training) -> list[torch.Tensor]:
    return [parameter.detach().clone() for parameter in training.network.parameters()]


def same(first: Training, second: Training) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))


@pytest.mark.parametrize("at", [0, 1, 20, 33, 59])
@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        replace(CONFIG, modularity_coefficient=0.0, l1_coefficient=0.0),
        replace(CONFIG, optimiser="adamw", schedule="cosine", graph="path"),
        replace(CONFIG, module_count=0),
        replace(CONFIG, cut_at=0.5, interface_limit=9, input_noise=0.2),
    ],
    ids=["modular", "plain", "adamw, path", "automatic k", "cut, noise"],
)
def test_a_resumed_run_ends_as_one_that_never_stopped(config, at, tmp_path):
    whole = advanced(Training(config), 60)
    first = advanced(Training(config), at)
    kept = load_state(save_state(first.state(), tmp_path / "state"))
    assert same(whole, advanced(Training(config, kept), 60 - at))
    assert same(whole, advanced(first, 60 - at))  # taking a state changes nothing


def test_a_state_is_not_changed_by_what_follows():
    training = advanced(Training(CONFIG), 20)
    state = training.state()
    before = {name: tensor.clone() for name, tensor in state.tensors.items()}
    advanced(training, 20)
    assert all(torch.equal(before[name], tensor) for name, tensor in state.tensors.items())


def test_changes_in_mid_run_are_kept_and_can_be_repeated(tmp_path):
    training = advanced(Training(CONFIG), 25)
    training.change("modularity_coefficient", 5.0)
    training.change("learning_rate", 1e-3)
    with single_threaded():
        strengths = [training.step().strength for _ in range(3)]
    assert strengths[0] > 2.0
    kept = load_state(save_state(training.state(), tmp_path / "state"))
    again = Training(CONFIG, kept)
    assert again.config.changes == (
        (25, "modularity_coefficient", 5.0),
        (25, "learning_rate", 1e-3),
    )
    advanced(training, 32)
    assert same(training, advanced(again, 32))
    # The settings of the result say all: from the start they give the same network.
    assert same(training, advanced(Training(training.config), 60))
    assert not same(training, advanced(Training(CONFIG), 60))


@pytest.mark.parametrize(
    ("name", "value"),
    [("steps", 3), ("seed", 1), ("learning_rate", -1.0), ("modularity_coefficient", float("nan"))],
)
def test_changes_that_cannot_be(name, value):
    training = Training(CONFIG)
    with pytest.raises(ConfigError, match=r"found .*; expected"):
        training.change(name, value)
    assert training.config == CONFIG


@pytest.mark.parametrize("changed", [{"seed": 1}, {"hidden": (12,)}, {"modularity_coefficient": 2}])
def test_a_run_is_resumed_with_its_own_settings_only(changed):
    state = advanced(Training(CONFIG), 3).state()
    name = next(iter(changed))
    with pytest.raises(ConfigError, match=f"found a run with {name} = "):
        Training(replace(CONFIG, **changed), state)


def test_a_run_that_diverges_says_so_and_is_set_back():
    training = advanced(Training(CONFIG), 53)
    reached = training.network.weights[0].detach().clone()
    with torch.no_grad():
        training.network.weights[0][0, 0] = float("nan")
    with pytest.raises(TrainingDivergedError, match=r"at step 54;.* set back to step 50") as caught:
        training.step()
    assert "\n" not in str(caught.value)
    assert training.steps_done == 50
    assert all(bool(weight.isfinite().all()) for weight in training.network.parameters())
    advanced(training, 3)
    assert torch.equal(training.network.weights[0], reached)


def test_a_resumed_run_that_diverges_is_set_back_to_where_it_was_resumed():
    state = advanced(Training(CONFIG), 7).state()
    resumed = Training(CONFIG, state)
    reached = resumed.network.weights[0].detach().clone()
    advanced(resumed, 2)
    with torch.no_grad():
        resumed.network.weights[0][0, 0] = float("nan")
    with pytest.raises(TrainingDivergedError, match=r"at step 10;.* set back to step 7"):
        resumed.step()
    assert torch.equal(resumed.network.weights[0], reached)


def test_a_run_that_begins_beyond_measure_stays_where_it_is():
    training = Training(CONFIG)
    with torch.no_grad():
        training.network.weights[0][0, 0] = float("nan")
    random = training.generator.get_state()
    with pytest.raises(TrainingDivergedError, match=r"at step 1;.* set back to step 0"):
        training.step()
    assert torch.equal(training.generator.get_state(), random)  # no batch was drawn


@pytest.mark.parametrize("raised", [48, 49, 50, 51])
def test_a_run_is_never_set_back_to_a_state_that_has_exploded(raised):
    # At step 50 a state is kept: after one step at such a rate it is finite and of no use.
    deep = TrainingConfig(task="pair", hidden=(48,) * 4, steps=4_000)
    training = advanced(Training(deep), raised)
    training.change("learning_rate", 100.0)
    with pytest.raises(TrainingDivergedError):
        advanced(training, 5)
    training.change("learning_rate", 1e-3)
    advanced(training, 3)


def test_the_last_of_several_changes_at_one_step_is_kept():
    training = advanced(Training(CONFIG), 3)
    for value in (0.2, 0.3, 0.4):
        training.change("modularity_coefficient", value)
    training.change("learning_rate", 0.01)
    assert training.config.changes == (
        (3, "modularity_coefficient", 0.4),
        (3, "learning_rate", 0.01),
    )
    assert training.setting("modularity_coefficient") == 0.4


def test_a_learning_rate_that_is_far_too_high_ends_in_a_sentence():
    config = TrainingConfig(task="pair", hidden=(48,) * 12, steps=4_000, learning_rate=100.0)
    with pytest.raises(TrainingDivergedError, match="a smaller learning rate"):
        for _ in training_steps(config):
            pass


def test_a_run_in_a_folder(tmp_path):
    folder = RunFolder(tmp_path / "run")
    seen = []
    checkpoint = run_in_folder(CONFIG, folder.path, seen.append, save_seconds=0.0)
    assert len(seen) == 60
    assert folder.finished
    assert folder.config() == CONFIG
    assert folder.network().id == checkpoint.id
    assert checkpoint.metrics["test_accuracy"] > 0.5
    rows = folder.log_path.read_text("utf-8").splitlines()
    assert rows[0] == "step,task_loss,penalty,strength,learning_rate"
    assert [row.split(",")[0] for row in rows[1:]] == ["20", "40", "60"]
    again = run_in_folder(CONFIG, folder.path, seen.append)
    assert again.id == checkpoint.id
    assert len(seen) == 60  # nothing was trained again


def test_a_folder_of_another_run_is_left_alone(tmp_path):
    run_in_folder(CONFIG, tmp_path / "run")
    before = (tmp_path / "run" / "network.safetensors").read_bytes()
    with pytest.raises(ConfigError, match="run holds a run with seed = 0; expected 1"):
        run_in_folder(replace(CONFIG, seed=1), tmp_path / "run")
    assert (tmp_path / "run" / "network.safetensors").read_bytes() == before


def test_a_run_that_is_interrupted_keeps_its_state(tmp_path):
    class StopError(Exception):
        pass

    def stop_at_31(step):
        if step.number == 31:
            raise StopError

    with pytest.raises(StopError):
        run_in_folder(CONFIG, tmp_path / "run", stop_at_31)
    folder = RunFolder(tmp_path / "run")
    assert not folder.finished
    assert folder.steps_done == 31
    seen = []
    resumed = run_in_folder(CONFIG, tmp_path / "run", seen.append)
    assert len(seen) == 29
    assert resumed.id == run_in_folder(CONFIG, tmp_path / "whole").id
    with pytest.raises(RunFolderError, match="found no run in"):
        RunFolder(tmp_path / "empty").config()
    with pytest.raises(RunFolderError, match="has not come to its end"):
        RunFolder(tmp_path / "empty").network()


@pytest.mark.slow
def test_a_killed_trainer_loses_only_what_came_after_its_last_save(tmp_path):
    config = replace(CONFIG, steps=100_000)
    (tmp_path / "long.toml").write_text(settings_text(config), "utf-8")
    command = [sys.executable, "-m", "explorer.cli", "train", str(tmp_path / "long.toml")]
    command += ["--out", str(tmp_path / "run"), "--save-seconds", "0.2"]
    state = tmp_path / "run" / "state.safetensors"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as trainer:
        for _ in range(600):
            if state.exists() or trainer.poll() is not None:
                break
            time.sleep(0.1)
        os.kill(trainer.pid, signal.SIGKILL)
    assert trainer.returncode == -signal.SIGKILL
    done = RunFolder(tmp_path / "run").steps_done
    assert done > 0
    resumed = RunFolder(tmp_path / "run").resume()
    assert resumed.steps_done == done
    assert same(advanced(resumed, 5), advanced(Training(config), done + 5))


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", bytes(100), b"\x08" + bytes(7) + b"{}      "]
)
def test_a_damaged_state_is_one_sentence(tmp_path, content):
    folder = RunFolder(tmp_path / "run")
    folder.begin(CONFIG)
    (tmp_path / "run" / "state.safetensors").write_bytes(content)
    with pytest.raises(FileFormatError, match="cannot be read as the state of a run") as caught:
        folder.resume()
    assert "\n" not in str(caught.value)


def test_a_full_disk_leaves_the_last_state(tmp_path, monkeypatch):
    folder = RunFolder(tmp_path / "run")
    training = folder.begin(CONFIG)
    folder.save(training)
    before = (tmp_path / "run" / "state.safetensors").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explorer.training.state.write_atomically", full)
    monkeypatch.setattr("explorer.training.run_folder.write_atomically", full)
    with pytest.raises(RunFolderError, match=r"cannot be written \(No space left on device\)"):
        folder.save(advanced(training, 3))
    assert (tmp_path / "run" / "state.safetensors").read_bytes() == before
    with pytest.raises(RunFolderError, match="No space left"):
        RunFolder(tmp_path / "other").begin(CONFIG)
