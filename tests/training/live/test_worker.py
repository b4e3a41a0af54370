"""The worker process: what it is told, what it says, and how it ends."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch

from explorer.network.file_lock import is_locked
from explorer.training.config import TrainingConfig
from explorer.training.live import wire
from explorer.training.live.keeping import Keeper, kept_history
from explorer.training.run_folder import RunFolder, run_in_folder

CONFIG = TrainingConfig(
    task="digits",
    hidden=(16, 12),
    steps=150,
    refresh=20,
    modularity_coefficient=1.0,
    l1_coefficient=1e-4,
    penalty_ramp=(0.2, 0.4),
)


class Worker:
    """A worker and both ends of its pipes."""

    def __init__(self, folder, config, **start):
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "explorer.training.live.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        self.folder = RunFolder(folder)
        self.say(do="start", config=config.to_dict(), folder=str(folder), go_on=True, **start)

    def say(self, **command):
        """Tell the worker something."""
        self.popen.stdin.write(json.dumps(command).encode() + b"\n")
        self.popen.stdin.flush()

    def messages(self):
        """Take what the worker says until it ends."""
        while len(head := self.popen.stdout.read(4)) == 4:
            message = self.popen.stdout.read(int.from_bytes(head, "little"))
            parse = (wire.parse_frame, wire.parse_pictures, wire.parse_event)[message[0] - 1]
            yield parse(message)

    def until_frame(self, wanted=lambda frame: True):
        """Take messages until such a frame."""
        return next(m for m in self.messages() if isinstance(m, dict) and "grid" in m and wanted(m))


@pytest.fixture
def start(tmp_path):
    """Start workers that are ended with the test."""
    workers = []

    def started(config, folder=tmp_path / "run", **more):
        workers.append(Worker(folder, config, **more))
        return workers[-1]

    yield started
    for worker in workers:
        with worker.popen:
            worker.popen.kill()


def test_a_watched_run_gives_the_network_of_an_unwatched_one(start, tmp_path):
    worker = start(CONFIG)
    messages = list(worker.messages())
    events = [m for m in messages if isinstance(m, dict) and "event" in m]
    frames = [m for m in messages if isinstance(m, dict) and "grid" in m]
    pictures = [m for m in messages if isinstance(m, wire.Pictures)]
    assert [event["event"] for event in events] == ["about", "history", "finished"]
    assert worker.popen.wait(10) == 0
    sequence = [frame["sequence"] for frame in frames]
    assert sequence == sorted(set(sequence))
    assert [frames[0]["step"], frames[-1]["step"]] == [0, 150]
    assert frames[-1]["status"] == "finished"
    assert frames[0]["modules"] == 2, "there are colours before the penalty sets in"
    assert pictures[0].form == "weights"
    assert pictures[0].pixels.shape == (16, 8, 8)
    assert len(pictures[-1].more["guesses"]) == len(events[0]["examples"]) == 12

    alone = run_in_folder(CONFIG, tmp_path / "alone")
    watched = worker.folder.network()
    assert watched.metrics == alone.metrics
    for name, tensor in alone.network.state_dict().items():
        assert torch.equal(watched.network.state_dict()[name], tensor), name
    accuracy = alone.metrics["validation_accuracy"]
    assert frames[-1]["accuracy"] == pytest.approx(accuracy, abs=1e-6)
    assert worker.folder.log_path.read_text() == (tmp_path / "alone" / "log.csv").read_text()
    assert kept_history(worker.folder).rows[-1][0] == 150


def test_the_end_of_input_saves_the_run_and_ends_the_process(start):
    worker = start(TrainingConfig(task="circle", hidden=(8, 8), steps=10**6))
    worker.until_frame(lambda frame: frame["step"] > 20)
    began = time.monotonic()
    worker.popen.stdin.close()
    worker.popen.stdout.read()
    worker.popen.wait(10)
    assert time.monotonic() - began < 5
    saved = worker.folder.steps_done
    assert saved > 20
    again = start(worker.folder.config())
    assert again.until_frame()["step"] == saved


def test_a_paused_run_makes_single_steps_and_shows_changes(start):
    worker = start(TrainingConfig(task="circle", hidden=(8, 8), steps=1_000), paused=True)
    first = worker.until_frame()
    assert (first["status"], first["step"], first["side"]) == ("paused", 0, 32)
    worker.say(do="step")
    assert worker.until_frame(lambda frame: frame["step"] == 1)["status"] == "paused"
    worker.say(do="change", name="learning_rate", value=0.5)
    worker.until_frame(lambda frame: frame["learning_rate"] == 0.5)
    later = [worker.until_frame() for _ in range(2)]
    assert [frame["step"] for frame in later] == [1, 1], "alive, and still paused"
    worker.say(do="change", name="seed", value=3)
    worker.say(do="change", name="learning_rate", value=-3)
    refused = [m for m in (next(worker.messages()) for _ in range(6)) if "event" in m]
    assert [event["event"] for event in refused] == ["refused", "refused"]
    worker.say(do="stop")
    last = list(worker.messages())[-1]
    assert (last["event"], last["step"]) == ("stopped", 1)
    assert (worker.folder.path / "latest.safetensors").is_file()


def test_who_hears_of_the_end_can_resume_the_run_at_once(start):
    worker = start(CONFIG, paused=True)
    worker.until_frame()
    assert is_locked(worker.folder.path / "lock")
    worker.say(do="stop")
    next(m for m in worker.messages() if isinstance(m, dict) and m.get("event") == "stopped")
    assert not is_locked(worker.folder.path / "lock")  # although the process may still be there


def test_single_steps_end_with_the_run(start):
    worker = start(replace(CONFIG, steps=2), paused=True)
    for _ in range(5):  # a page may send several before it hears of the first, or of the start
        worker.say(do="step")
    messages = list(worker.messages())
    (finished,) = (m for m in messages if isinstance(m, dict) and m.get("event") == "finished")
    assert finished["step"] == 2
    assert max(m["step"] for m in messages if isinstance(m, dict) and "grid" in m) == 2


def test_a_folder_of_another_run_is_refused_in_a_sentence(start, tmp_path):
    folder = RunFolder(tmp_path / "run")
    another = folder.begin(TrainingConfig(task="xor4", hidden=(4,)))
    another.step()
    folder.save(another)
    worker = start(CONFIG)
    (failed,) = worker.messages()
    assert failed["event"] == "failed"
    assert "holds a run with task = 'xor4'" in failed["message"]


def test_a_disk_that_cannot_be_written_is_said_once_and_training_goes_on(tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = []
    folder = RunFolder(tmp_path / "file" / "run")
    from explorer.training.live.history import History
    from explorer.training.loop import Training

    training = Training(TrainingConfig(task="xor4", hidden=(4,), steps=100))
    keeper = Keeper(folder, training, History(), lambda name, **more: said.append((name, more)))
    while not training.done:
        keeper.after(training.step())
    assert [name for name, _ in said] == ["unsaved"]
    assert "cannot be written" in said[0][1]["message"]
