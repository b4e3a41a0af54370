"""Worker processes of this machine, each of which may die without harm to the others' runs."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, TypeVar

Value = TypeVar("Value")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


class WorkerProcesses(Executor):
    """Processes that are started as they are needed and replaced when they die.

    Unlike one ``ProcessPoolExecutor`` of many workers, which breaks as a whole, this one is made of
    pools of a single worker: when a process dies, exactly its own run fails with
    ``BrokenProcessPool``. Each uses one thread, so that runs do not wait for each other and give
    the same numbers on every machine; and each ends when its parent does, however that ended.

    Parameters
    ----------
    count : int, optional
        Number of processes; by default as many as this process may use cores.

    Examples
    --------
    >>> with WorkerProcesses(1) as processes:
    ...     processes.submit(abs, -3).result()
    3
    """

    def __init__(self, count: int | None = None) -> None:
        self.count = max(1, count or len(os.sched_getaffinity(0)))
        self._lock = threading.Lock()
        self._pools: list[ProcessPoolExecutor | None] = [None] * self.count
        self._busy = [0] * self.count
        self._context = _RecordingContext()
        self._open = True

    def submit(
        self, function: Callable[..., Value], /, *args: Any, **kwargs: Any
    ) -> "Future[Value]":
        """Give a call to the process with the fewest; see ``Executor.submit``."""
        with self._lock:
            if not self._open:
                raise RuntimeError("the worker processes were shut down")
            slot = self._busy.index(min(self._busy))
            self._busy[slot] += 1
            # Ctrl+C goes to all processes of a terminal: only this one shall answer. The mask is
            # inherited by a process that is started now.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                future = self._started(slot).submit(function, *args, **kwargs)
            except BrokenExecutor:  # died while it was idle
                self._pools[slot] = None
                future = self._started(slot).submit(function, *args, **kwargs)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        pool = self._pools[slot]
        future.add_done_callback(lambda done: self._free(slot, pool, done))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once they are done; see ``Executor.shutdown``."""
        with self._lock:
            self._open = False
            pools = [pool for pool in self._pools if pool is not None]
        for pool in pools:
            pool.shutdown(wait, cancel_futures=cancel_futures)

    def kill(self) -> None:
        """End the processes now, in the middle of their runs."""
        self.shutdown(wait=False, cancel_futures=True)
        for process in self._context.started:
            process.kill()
        self.shutdown(wait=True, cancel_futures=True)

    def _started(self, slot: int) -> ProcessPoolExecutor:
        pool = self._pools[slot]
        if pool is None:
            pool = ProcessPoolExecutor(1, self._context, initializer=_begin_worker)
            self._pools[slot] = pool
        return pool

    def _free(self, slot: int, pool: ProcessPoolExecutor | None, done: "Future[Any]") -> None:
        died = not done.cancelled() and isinstance(done.exception(), BrokenExecutor)
        with self._lock:
            self._busy[slot] -= 1
            if died and self._pools[slot] is pool:
                self._pools[slot] = None


class _RecordingContext(SpawnContext):
    """Starts processes afresh, and knows them, so that they can be killed."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


def _begin_worker() -> None:
    for name in _THREADS:  # for what is imported from now on
        os.environ[name] = "1"
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
