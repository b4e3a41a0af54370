"""Sweeps that are kept on this computer: their names, and one process at a time."""

import os
import time

import pytest

from explorer.errors import SweepError
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.start import is_running, kept_sweep, kept_sweeps, last_words, start_sweep

GRID = SweepGrid({"task": "xor4", "hidden": [8], "steps": 1_000_000}, {"seed": [0]})


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def test_the_latest_comes_first():
    assert kept_sweeps() == ()
    for place, name in enumerate(("a", "c", "b")):
        kept_sweep(name).write_grid(GRID)
        os.utime(kept_sweep(name).path / "grid.toml", (place, place))
    assert kept_sweeps() == ("b", "c", "a")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a\nb", "-x", "x" * 99, "ends."])
def test_a_name_stays_in_its_folder(name):
    with pytest.raises(SweepError, match="expected at most 61 letters"):
        kept_sweep(name)


def test_a_folder_that_somebody_named_otherwise_is_no_hindrance():
    kept_sweep("mine").write_grid(GRID)
    odd = kept_sweep("mine").path.parent / "größe (1)"
    kept_sweep("mine").path.rename(odd)
    assert kept_sweeps() == ()  # so that none is asked for by a name that is refused


def test_a_name_that_is_taken_keeps_its_sweep():
    kept_sweep("mine").write_grid(GRID)
    another = SweepGrid({**GRID.settings, "hidden": [9]}, GRID.vary)
    with pytest.raises(SweepError, match="is kept already and has none of these runs"):
        start_sweep("mine", another)
    assert kept_sweep("mine").grid() == GRID


def test_one_sweep_at_a_time():
    kept_sweep("other").write_grid(GRID)
    with kept_sweep("other").held(), pytest.raises(SweepError, match="'other' is running"):
        start_sweep("mine", GRID)
    assert kept_sweeps() == ("other",)


def test_a_process_that_never_came_up_is_not_waited_for_forever():
    folder = kept_sweep("mine")
    folder.write_grid(GRID)
    said = folder.path / "said.txt"
    said.touch()
    assert is_running(folder)
    os.utime(said, (time.time() - 100, time.time() - 100))
    assert not is_running(folder)


@pytest.mark.slow
def test_a_started_sweep_runs_and_is_stopped():
    with start_sweep("mine", GRID) as process:
        folder = kept_sweep("mine")
        assert is_running(folder)  # coming up
        deadline = time.monotonic() + 60
        while not folder.running:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        folder.ask_to_stop()
        assert process.wait(timeout=30) == 130
    assert last_words(folder) is None
    assert not is_running(folder)


@pytest.mark.slow
def test_a_sweep_can_be_stopped_before_it_is_up():
    with start_sweep("mine", GRID) as process:
        kept_sweep("mine").ask_to_stop()
        assert process.wait(timeout=60) == 130
    assert not kept_sweep("mine").asked_to_stop


@pytest.mark.slow
def test_the_last_words_of_a_sweep_that_could_not_run(tmp_path):
    folder = kept_sweep("mine")
    folder.write_grid(GRID)
    (folder.path / "lock").mkdir()
    with start_sweep("mine", GRID) as process:
        assert process.wait(timeout=60) == 2
    assert "cannot be written" in (last_words(folder) or "")
    assert last_words(kept_sweep("none")) is None
