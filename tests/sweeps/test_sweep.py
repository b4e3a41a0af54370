"""Sweeps: resumed where they stopped, nothing lost, nothing twice, failures no values."""

import errno
import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.errors import ConfigError, SweepError, TrainingDivergedError, UnknownNetworkError
from explorer.network.bundled import bundled_bytes
from explorer.network.load import load
from explorer.sweeps import sweep as sweeps
from explorer.sweeps.figures import RunFigures, summarise
from explorer.sweeps.folder import RunRecord, SweepFolder
from explorer.sweeps.front import find_front
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.processes import WorkerProcesses
from explorer.sweeps.sweep import Job, Progress, run_job, run_sweep
from explorer.training.config import TrainingConfig
from explorer.training.loop import train

GRID = SweepGrid(
    {"task": "xor4", "hidden": [8], "steps": 3, "batch_size": 8},
    {"modularity_coefficient": [0.1, 1.0], "seed": [0, 1]},
)
FIGURES = RunFigures(
    0.9, 0.8, 0.1, 0.2, 0.4, 0.3, 0.1, 0.5, 0.9, 2, None, 7, None, None, 1.0, 2.0, ""
)


@pytest.fixture(scope="module")
def processes() -> Iterator[WorkerProcesses]:
    with WorkerProcesses(1) as made:
        yield made


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as made:
        yield made


@pytest.fixture
def quick(monkeypatch) -> Counter:
    """Replace training: count who is trained how often."""
    trained: Counter = Counter()

    def run(job: Job) -> tuple[RunFigures, bytes]:
        trained[job.config] += 1
        return FIGURES, bundled_bytes("xor4-modular")

    monkeypatch.setattr(sweeps, "run_job", run)
    return trained


def test_a_sweep_trains_every_network_of_its_grid(tmp_path, processes):
    grid = SweepGrid(GRID.settings, {"modularity_coefficient": [0.1]}, measured_modules=2)
    folder = SweepFolder(tmp_path / "sweep")
    seen = list(run_sweep(grid, folder, processes, ahead=2))
    assert seen[0] == Progress(0, 0, 2)
    assert seen[-1].complete
    records = SweepFolder(folder.path).records()
    assert [r.config for r in records.values()] == list(grid.configs)
    for id_, record in records.items():
        checkpoint = folder.network(id_)
        assert checkpoint.name == sweeps.run_name(record.config)
        assert checkpoint.config == record.config.to_dict()
        assert checkpoint.id == record.figures.checkpoint_id
        assert checkpoint.metrics["test_accuracy"] == record.figures.test_accuracy
        assert record.figures.modules <= 2
        assert record.figures.seconds > 0


def test_the_same_settings_give_the_same_network_wherever_they_run(processes):
    job = Job(GRID.configs[1])
    figures, network = processes.submit(run_job, job).result()
    here, again = run_job(job)
    assert network == again
    assert figures.checkpoint_id == here.checkpoint_id


def test_a_sweep_that_is_stopped_goes_on(quick, tmp_path, threads):
    folder, stop = SweepFolder(tmp_path), threading.Event()
    for progress in run_sweep(GRID, folder, threads, 1, stop.is_set):
        if progress.done == 2:
            stop.set()
    assert len(folder.records()) == 2
    seen = list(run_sweep(GRID, SweepFolder(tmp_path), threads, 1))
    assert [p.done for p in seen] == [2, 3, 4, 5, 6]
    assert set(quick) == set(GRID.configs)
    # The run under way when it was stopped may have been made and dropped; no other was repeated.
    assert sum(quick.values()) <= len(GRID.configs) + 1


def test_the_folder_can_be_asked_to_stop(quick, tmp_path, threads):
    folder = SweepFolder(tmp_path)
    for _ in run_sweep(GRID, folder, threads, 1):
        assert folder.running
        SweepFolder(tmp_path).ask_to_stop()
    assert len(folder.records()) < 3
    assert not folder.running
    assert list(run_sweep(GRID, folder, threads, 1))[-1].complete


def test_a_larger_grid_takes_over_what_is_there(quick, tmp_path, threads):
    list(run_sweep(GRID, SweepFolder(tmp_path), threads, 1))
    larger = SweepGrid(GRID.settings, {**GRID.vary, "seed": (0, 1, 2)})
    assert next(iter(run_sweep(larger, SweepFolder(tmp_path), threads, 1))).done == 6
    list(run_sweep(larger, SweepFolder(tmp_path), threads, 1))
    assert set(quick.values()) == {1}
    assert len(quick) == 9
    smaller = SweepGrid(GRID.settings, {"seed": (1,), "modularity_coefficient": (1.0,)})
    assert len(SweepFolder(tmp_path).records(smaller)) == 2


def test_a_failed_run_is_no_value_and_is_tried_again(monkeypatch, tmp_path, threads):
    def diverge(job: Job) -> tuple[RunFigures, bytes]:
        raise TrainingDivergedError("found a loss that is no number; expected one")

    monkeypatch.setattr(sweeps, "run_job", diverge)
    (*_, last) = run_sweep(GRID, SweepFolder(tmp_path), threads, 1)
    assert (last.done, last.failed, last.total) == (0, 6, 6)
    for record in SweepFolder(tmp_path).records().values():
        assert record.figures is None
        assert record.failed == "found a loss that is no number; expected one"
    monkeypatch.setattr(sweeps, "run_job", lambda job: (FIGURES, b"network"))
    (first, *_, last) = run_sweep(GRID, SweepFolder(tmp_path), threads, 1)
    assert (first.done, last.done, last.failed) == (0, 6, 0)
    assert all(r.figures for r in SweepFolder(tmp_path).records().values())


@pytest.mark.parametrize("what", ["half", "no json", "list", "other figures", "no network"])
def test_a_damaged_record_is_made_again(what, quick, tmp_path, threads):
    list(run_sweep(GRID, SweepFolder(tmp_path), threads, 1))
    path = sorted(tmp_path.glob("runs/*.json"))[0]
    kept = json.loads(path.read_text())
    if what == "half":
        path.write_text(path.read_text()[:80])
    elif what == "no json":
        path.write_bytes(b"\xff\0")
    elif what == "list":
        path.write_text("[]")
    elif what == "other figures":
        path.write_text(json.dumps(kept | {"figures": {"beauty": 1}}))
    else:
        path.with_suffix(".safetensors").unlink()
    folder = SweepFolder(tmp_path)
    assert len(folder.records()) == 5
    assert list(run_sweep(GRID, folder, threads, 1))[-1].complete
    assert sorted(quick.values()) == [1, 1, 1, 1, 1, 2]


def test_two_processes_do_not_run_one_sweep(quick, tmp_path, threads):
    with SweepFolder(tmp_path).held(), pytest.raises(SweepError, match="already running"):
        next(run_sweep(GRID, SweepFolder(tmp_path), threads, 1))


def test_a_full_disk_ends_the_sweep_and_keeps_what_is_there(quick, tmp_path, threads, monkeypatch):
    sweep = run_sweep(GRID, SweepFolder(tmp_path), threads, 1)
    assert [next(sweep).done for _ in range(3)] == [0, 1, 2]

    def full(path, payload):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("explorer.sweeps.work_folder.write_atomically", full)
    with pytest.raises(SweepError, match="No space left on device"):
        list(sweep)
    assert len(SweepFolder(tmp_path).records()) == 2


def test_a_folder_that_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(SweepError, match="cannot be written"),
        SweepFolder(tmp_path / "file").held(),
    ):
        pass
    with pytest.raises(UnknownNetworkError, match="cannot be read"):
        SweepFolder(tmp_path).network("0" * 16)
    with pytest.raises(SweepError, match="found no sweep"):
        SweepFolder(tmp_path).grid()
    (tmp_path / "grid.toml").write_text("settings = 1")
    with pytest.raises(ConfigError):
        SweepFolder(tmp_path).records()


def test_figures_of_what_has_no_meaning_are_none():
    config = GRID.configs[0]
    figures, network = run_job(Job(config, modules=1))
    assert (figures.n_cut, figures.functional) == (None, None)
    assert json.loads(json.dumps(figures.to_dict(), allow_nan=False)) == figures.to_dict()
    assert RunFigures.from_dict(figures.to_dict()) == figures
    assert RunRecord(config, figures).id in {*GRID.by_id}
    assert b"safetensors" not in network[:8]


@pytest.mark.parametrize(
    ("settings", "without_meaning"),
    [
        ({"task": "digits", "network": "cnn", "hidden": (4, 4)}, {"functional"}),
        (
            {"task": "characters", "network": "gpt", "hidden": (8,), "width": 8, "heads": 2},
            {"functional", "q_b_path"},
        ),
    ],
)
def test_networks_of_every_kind_are_measured(settings, without_meaning):
    figures, _ = run_job(Job(TrainingConfig(**settings, steps=2), modules=2))
    found = {name for name, value in figures.to_dict().items() if value is None}
    assert found - {"cut_balance", "cut_boundary"} == without_meaning
    assert 0 <= figures.inside <= 1


def test_the_figures_of_a_bundled_network():
    figures = sweeps.summarise(load("pair-modular"), modules=2)
    assert figures.q_b > 0.47
    assert figures.q_b_null < 0.25
    assert figures.functional > 0.97
    assert figures.cut_balance > 0.8
    assert figures.cut_boundary < 0.05
    plain = sweeps.summarise(load("pair-plain"), modules=2)
    assert plain.interface > 10 * figures.interface
    assert plain.cut_balance is None
    assert plain.trivial_cut_share == 1.0


def test_a_network_that_died_has_figures_that_a_file_can_hold(tmp_path):
    dead = train(TrainingConfig(task="xor4", hidden=(4,), steps=1))
    with torch.no_grad():
        for weight in dead.network.parameters():
            weight.zero_()
    figures = summarise(dead)
    assert figures.inside is None
    assert figures.trivial_cut_share is None
    folder = SweepFolder(tmp_path)
    record = RunRecord(GRID.configs[0], figures)
    folder.add(record, bundled_bytes("xor4-modular"))
    assert SweepFolder(tmp_path).records(GRID) == {record.id: record}
    front = find_front(GRID, [record])
    assert np.isnan(front.points[0].means["inside"].mean)


def test_other_numbers_of_modules_are_measured_anew(tmp_path, quick, threads):
    for modules, expected in ((2, 6), (2, 6), (4, 12)):
        grid = replace(GRID, measured_modules=modules)
        list(run_sweep(grid, SweepFolder(tmp_path), threads, ahead=2))
        assert quick.total() == expected
    assert len(SweepFolder(tmp_path).records(grid)) == 6


@pytest.mark.parametrize(("name", "value"), [("q_b", "abc"), ("modules", [1]), ("inside", True)])
def test_a_record_that_somebody_edited_is_made_again(tmp_path, quick, threads, name, value):
    list(run_sweep(GRID, SweepFolder(tmp_path), threads, ahead=2))
    place = next((tmp_path / "runs").glob("*.json"))
    kept = json.loads(place.read_bytes())
    kept["figures"][name] = value
    place.write_text(json.dumps(kept))
    assert len(SweepFolder(tmp_path).records(GRID)) == 5
