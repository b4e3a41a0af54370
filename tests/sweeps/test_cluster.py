"""A real scheduler and two workers on this machine; one is killed in the middle of a sweep."""

import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.errors import SweepError
from explorer.network.checkpoint import Checkpoint, save
from explorer.sweeps.cluster import ClusterExecutor
from explorer.sweeps.executor import run_all
from explorer.sweeps.folder import SweepFolder
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.measuring import (
    MeasuringJob,
    MeasuringSettings,
    measure_network,
    measure_networks,
)
from explorer.sweeps.measuring_places import find_places
from explorer.sweeps.measuring_table import MeasuringTable
from explorer.sweeps.sweep import run_sweep
from tests.networks import random_network
from tests.sweeps import work

ROOT = Path(__file__).resolve().parents[2]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}


def free_address() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen]:
    with subprocess.Popen([sys.executable, "-m", *command], **QUIET) as started:
        try:
            yield started
        finally:
            started.kill()


@contextmanager
def scheduler(address: str) -> Iterator[subprocess.Popen]:
    port = address.rpartition(":")[2]
    options = ["--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-jupyter"]
    with process("distributed.cli.dask_scheduler", *options) as started:
        yield started


@contextmanager
def worker(address: str) -> Iterator[subprocess.Popen]:
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
    with process("distributed.cli.dask_worker", address, *options) as started:
        yield started


@contextmanager
def two_workers() -> Iterator[tuple[ClusterExecutor, list[subprocess.Popen]]]:
    address = free_address()
    with (
        scheduler(address),
        worker(address) as first,
        worker(address) as second,
        ClusterExecutor(address, seconds=60) as executor,
    ):
        deadline = time.monotonic() + 60
        while len(executor.workers()) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield executor, [first, second]


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[ClusterExecutor, list[subprocess.Popen]]]:
    """Two workers, both of which the last test that uses them kills."""
    with two_workers() as made:
        yield made


@pytest.mark.slow
def test_networks_are_measured_wherever_the_workers_were_started(cluster, tmp_path, monkeypatch):
    executor, _ = cluster
    for seed in (1, 2):
        save(Checkpoint("net", random_network((4, 6, 3), seed)), tmp_path / f"{seed}.safetensors")
    (tmp_path / "broken.pt").write_text("no network")
    monkeypatch.chdir(tmp_path)  # the workers are elsewhere
    table, settings = MeasuringTable("out.csv"), MeasuringSettings("layer", 2, nulls=2)
    places = find_places(["*.safetensors", "broken.pt"])
    *_, last = measure_networks(places, table, executor, executor.ahead, settings)
    assert (last.done, last.failed, last.total) == (2, 1, 3)
    rows = table.rows()
    assert rows["broken.pt"].failed.startswith("broken.pt is a text file")
    for place in places[:2]:
        here = measure_network(MeasuringJob(place, settings))
        assert replace(rows[place], seconds=None) == replace(here, seconds=None)
    # Nothing is measured again.
    assert next(measure_networks(places[:2], table, executor, 1, settings)).done == 2


@pytest.mark.slow
def test_a_worker_killed_in_mid_sweep_loses_nothing_and_nothing_counts_twice(cluster, tmp_path):
    items = [(str(tmp_path), f"{n:02}", 0.1) for n in range(40)]
    grid = SweepGrid(
        {"task": "xor4", "hidden": [8], "steps": 40},
        {"modularity_coefficient": [0.1, 1.0], "seed": [0, 1]},
    )
    executor, workers = cluster
    assert executor.ahead() == 4
    outcomes = []
    for outcome in run_all(work.note, items, executor, executor.ahead):
        outcomes.append(outcome)
        if len(outcomes) == 10:
            workers[0].kill()
    assert Counter(o.value for o in outcomes) == Counter(name for _, name, _ in items)
    assert not any(outcome.failed for outcome in outcomes)
    by_process = Counter(path.read_text().splitlines()[-1] for path in tmp_path.glob("*.done"))
    assert len(by_process) == 2  # both had a part in it

    folder = SweepFolder(tmp_path / "sweep")
    with worker(executor.address) as third:
        killed = False
        for progress in run_sweep(grid, folder, executor, executor.ahead):
            if progress.done == 2 and not killed:
                (workers[1]).kill()
                killed = True
        assert killed
        assert third.poll() is None
    assert progress.complete
    assert [r.config for r in folder.records().values()] == list(grid.configs)
    assert len(list(folder.path.glob("runs/*.json"))) == len(grid.configs)


@pytest.mark.slow
def test_a_scheduler_that_goes_away_ends_the_sweep_with_a_sentence(tmp_path):
    address = free_address()
    with (
        scheduler(address) as started,
        worker(address),
        ClusterExecutor(address, seconds=60) as executor,
    ):
        runs = run_all(work.sleep, [0.01, *[5.0] * 5], executor, ahead=6)
        assert next(runs).failed is None
        started.kill()
        with pytest.raises(SweepError, match="scheduler"):
            list(runs)


def test_no_scheduler():
    with pytest.raises(SweepError, match="no scheduler answers"):
        ClusterExecutor(free_address(), seconds=1)


def test_something_else_that_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(SweepError, match="no scheduler answers"):
            ClusterExecutor(address, seconds=1)


@pytest.mark.parametrize(
    "address",
    ["", "nowhere", "tcp://", "http://127.0.0.1:1", "tcp://a b:x", "tcp://127.0.0.1:99999"],
)
def test_an_address_that_is_none(address):
    with pytest.raises(SweepError, match="expected the address"):
        ClusterExecutor(address, seconds=1)


def test_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SweepError, match=r"distributed is missing; expected .*\[cluster\]"):
        ClusterExecutor("tcp://127.0.0.1:1")
