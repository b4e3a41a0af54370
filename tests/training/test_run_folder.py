"""The folder of a run: stopped between steps, logged once, held by one process."""

import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from explorer.errors import ArchitectureError, RunFolderError, TrainingDivergedError
from explorer.network.checkpoint import save
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training, train
from explorer.training.run_folder import RunFolder, run_in_folder
from explorer.training.run_log import RunLog

CONFIG = TrainingConfig(
    task="pair", hidden=(8, 8), steps=400, modularity_coefficient=1.0, penalty_ramp=(0.1, 0.2)
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_goes_on_exactly(tmp_path, number):
    whole = run_in_folder(CONFIG, tmp_path / "whole")
    for stops in range(3):  # at three moments, each most probably within a step
        timer = threading.Timer(5e-4, os.kill, (os.getpid(), number))

        def begin(step, timer=timer, at=100 * stops + 50):
            if step.number == at:
                timer.start()
            elif step.number > at:
                timer.finished.wait(60)
                time.sleep(1e-4)

        with pytest.raises(KeyboardInterrupt, match=r"stopped after step \d+ of 400, which was"):
            run_in_folder(CONFIG, tmp_path / "run", begin)
        timer.join()
    assert 0 < RunFolder(tmp_path / "run").steps_done < 400
    assert run_in_folder(CONFIG, tmp_path / "run").id == whole.id
    logs = [RunFolder(tmp_path / name).log_path.read_text() for name in ("whole", "run")]
    assert logs[0] == logs[1]


def test_a_step_that_was_broken_off_is_not_saved(tmp_path, monkeypatch):
    step = Training.step

    def broken(training):
        if training.steps_done == 30:
            training.generator.manual_seed(99)  # a batch was drawn, and no step made
            raise KeyboardInterrupt
        return step(training)

    monkeypatch.setattr(Training, "step", broken)
    with pytest.raises(KeyboardInterrupt):
        run_in_folder(CONFIG, tmp_path / "run", save_seconds=0.0)
    monkeypatch.undo()
    assert RunFolder(tmp_path / "run").steps_done == 30
    assert run_in_folder(CONFIG, tmp_path / "run").id == train(CONFIG).id


def test_rows_of_steps_that_are_made_again_are_in_the_log_once(tmp_path):
    folder = RunFolder(tmp_path / "run")
    training = folder.begin(CONFIG)
    training.step()
    folder.save(training)
    for number in (20, 40):  # then the process was killed
        folder.log({"step": number, "task_loss": 1.0})
    with folder.log_path.open("a") as stream:
        stream.write("60,0.2")  # the disk was full
    folder.begin(CONFIG)
    assert folder.log_path.read_text() == "step,task_loss\n"


@pytest.mark.parametrize("tail", ["60", "60,0.5", "60,0.5,7\n", "x,0.5\n", "80,0.5\n", "\n"])
def test_a_log_keeps_whole_rows_of_steps_that_were_made(tmp_path, tail):
    path = tmp_path / "log.csv"
    path.write_text("step,task_loss\n20,0.5\n1e+06,0.5\n60,0.25\n" + tail)
    RunLog(path).trim(60)
    assert path.read_text() == "step,task_loss\n20,0.5\n60,0.25\n"


@pytest.mark.parametrize("begun", ["", "step,task_"])
def test_a_log_of_half_a_header_begins_anew(tmp_path, begun):
    log = RunLog(tmp_path / "log.csv")
    log.path.write_text(begun)
    log.trim(60)
    log.add({"step": 20, "task_loss": 0.5})
    assert log.path.read_text() == "step,task_loss\n20,0.5\n"


def test_one_process_trains_in_a_folder(tmp_path):
    folder = RunFolder(tmp_path / "run")
    with folder.held(), pytest.raises(RunFolderError, match="on its way in another process"):
        run_in_folder(CONFIG, tmp_path / "run")
    assert not folder.exists


def test_settings_that_make_no_network_are_not_in_the_way_of_better_ones(tmp_path):
    huge = replace(CONFIG, hidden=(5_000, 5_000, 5_000))
    with pytest.raises(ArchitectureError, match="expected at most"):
        run_in_folder(huge, tmp_path / "run")
    assert run_in_folder(replace(CONFIG, steps=2), tmp_path / "run").config["hidden"] == [8, 8]


def test_a_run_that_diverged_at_once_gives_way_to_a_smaller_rate(tmp_path):
    wild = replace(CONFIG, hidden=(48,) * 12, learning_rate=100.0)
    with pytest.raises(TrainingDivergedError, match="set back to step 0"):
        run_in_folder(wild, tmp_path / "run")
    calm = replace(wild, learning_rate=1e-3, steps=2)
    assert run_in_folder(calm, tmp_path / "run").id == train(calm).id


def test_a_run_goes_on_without_the_network_that_it_started_from(tmp_path):
    start = save(train(replace(CONFIG, steps=2)), tmp_path / "start.safetensors")
    config = replace(CONFIG, start=str(start), steps=30)
    folder = RunFolder(tmp_path / "run")
    training = folder.begin(config)
    for _ in range(10):
        training.step()
    folder.save(training)
    whole = run_in_folder(config, tmp_path / "whole")
    start.unlink()
    assert run_in_folder(config, tmp_path / "run").id == whole.id
