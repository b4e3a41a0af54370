"""Work given to processes: each item has one outcome, whatever dies."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from explorer.errors import SweepError
from explorer.sweeps.executor import Outcome, run_all
from explorer.sweeps.processes import WorkerProcesses
from tests.sweeps import work


@pytest.fixture(scope="module")
def processes() -> Iterator[WorkerProcesses]:
    with WorkerProcesses(2) as made:
        yield made


def gone(process_id: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if os.waitpid(process_id, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            try:
                os.kill(process_id, 0)
            except ProcessLookupError:
                return True
        time.sleep(0.02)
    return False


def test_every_item_has_one_outcome(processes):
    outcomes = list(run_all(work.double, range(50), processes, ahead=4))
    assert sorted(outcome.item for outcome in outcomes) == list(range(50))
    assert all(outcome.value == 2 * outcome.item for outcome in outcomes)


def test_work_is_shared(processes):
    found = {outcome.value for outcome in run_all(work.pid, range(6), processes, ahead=2)}
    assert len(found) == 2
    assert os.getpid() not in found


def test_workers_use_one_thread(processes):
    assert [o.value for o in run_all(work.threads, [0], processes, ahead=1)] == [1]


def test_an_error_is_a_sentence_and_no_value(processes):
    outcomes = {o.item: o for o in run_all(work.fail, [0, 1, 2], processes, ahead=3)}
    assert outcomes[0] == Outcome(0, 0)
    assert outcomes[1] == Outcome(1, failed="found 1; expected another number")
    assert outcomes[2].failed == "KeyError: 'nothing'"


def test_a_run_whose_process_dies_is_repeated_once_and_only_that_run(processes, tmp_path):
    names = ["a", "once-b", "c", "deadly-d", "e", "f"]
    outcomes = list(run_all(work.die_once, [f"{tmp_path}/{n}" for n in names], processes, ahead=2))
    values = sorted(outcome.value for outcome in outcomes if outcome.value is not None)
    assert values == ["a", "c", "e", "f", "once-b"]
    (failed,) = (outcome for outcome in outcomes if outcome.failed is not None)
    assert failed.item.endswith("deadly-d")
    assert "ended twice" in failed.failed
    assert len(outcomes) == len(names)


def test_a_call_after_a_death_does_not_wait_behind_another(monkeypatch):
    # Who waits for a future is woken before its callbacks have run.
    class BeforeCallbacks(Future):
        def _invoke_callbacks(self):
            pass

    class Pool(Executor):
        def __init__(self, *_, **__):
            self.given = []

        def submit(self, function, /, *args, **kwargs):
            if any(isinstance(f.exception(), BrokenProcessPool) for f in self.given if f.done()):
                raise BrokenProcessPool
            self.given.append(BeforeCallbacks())
            return self.given[-1]

    monkeypatch.setattr("explorer.sweeps.processes.ProcessPoolExecutor", Pool)
    made = WorkerProcesses(2)
    living, dying = made.submit(abs, -1), made.submit(abs, -2)
    dying.set_exception(BrokenProcessPool())
    again = made.submit(abs, -2)
    places = [pool.given for pool in made._pools]
    assert places == [[living], [again]]  # beside the living, in a new pool
    living.set_result(1)
    again.set_result(2)
    made.shutdown()


def test_stopping_starts_nothing_more(tmp_path):
    stop = threading.Event()
    items = [(str(tmp_path), str(n), 0.02) for n in range(200)]
    with ThreadPoolExecutor(2) as threads:
        for _ in run_all(work.note, items, threads, ahead=2, stop=stop.is_set):
            stop.set()
    assert 1 <= len(list(tmp_path.glob("*.done"))) < 20


def test_no_more_than_asked_is_under_way():
    class Counting(Executor):
        most = 0

        def __init__(self) -> None:
            self.under_way: list[Future[int]] = []

        def submit(self, function, /, *args, **kwargs):
            future: Future[int] = Future()
            self.under_way.append(future)
            Counting.most = max(Counting.most, len(self.under_way))
            if len(self.under_way) == 3:
                for each in self.under_way:
                    each.set_result(0)
                self.under_way.clear()
            return future

    assert len(list(run_all(work.double, range(9), Counting(), ahead=lambda: 3))) == 9
    assert Counting.most == 3


def test_an_executor_that_drops_work_ends_the_sweep():
    class Dropping(Executor):
        def submit(self, function, /, *args, **kwargs):
            future: Future[int] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future

    with pytest.raises(SweepError, match="dropped"):
        list(run_all(work.double, [1], Dropping(), ahead=1))


def test_an_executor_that_was_shut_down(tmp_path):
    made = WorkerProcesses(1)
    made.shutdown()
    with pytest.raises(SweepError, match="no run can be started"):
        list(run_all(work.double, [1], made, ahead=1))


def test_killing_ends_processes_in_the_middle_of_their_runs():
    before = set(threading.enumerate())
    made = WorkerProcesses(1)
    process_id = made.submit(work.pid, 0).result()
    made.submit(work.sleep, 60)
    started = time.monotonic()
    made.kill()
    # A thread that is left could break as the interpreter ends.
    assert set(threading.enumerate()) <= before
    assert time.monotonic() - started < 5
    assert gone(process_id)


PARENT = """
import sys
from explorer.sweeps.processes import WorkerProcesses
from tests.sweeps import work
if __name__ == "__main__":
    processes = WorkerProcesses(1)
    print(processes.submit(work.pid, 0).result(), flush=True)
    processes.submit(work.sleep, 60).result()
"""


def test_workers_end_with_their_parent_even_if_it_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        parent.kill()
    assert gone(process_id)


@pytest.mark.parametrize("delay", [0.002, 0.005, 0.01, 0.02, 0.05])
def test_an_interrupt_while_a_process_starts_leaves_nothing_half_started(delay, tmp_path):
    code = (
        "import signal, sys\n"
        "from explorer.sweeps.processes import WorkerProcesses\n"
        "from tests.sweeps import work\n"
        "signal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        "processes = WorkerProcesses(1)\n"
        f"signal.setitimer(signal.ITIMER_REAL, {delay})\n"
        "try:\n"
        "    while True: processes.submit(work.pid, 0).result()\n"
        "except KeyboardInterrupt:\n"
        "    processes.kill()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == ""  # neither its own error nor that of a process without a parent
