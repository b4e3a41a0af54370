"""Worker processes of this machine, each of which may die without harm to the others' runs."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
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
        self._under_way: list[list[Future[Any]]] = [[] for _ in range(self.count)]
        self._context = _RecordingContext()
        # An interrupt reaches the main thread only, so a process that is being started in another
        # is started to the end, and known to ``kill``.
        self._starter = ThreadPoolExecutor(1, "start-processes", _ignore_interrupts)
        self._open = True

    def submit(
        self, function: Callable[..., Value], /, *args: Any, **kwargs: Any
    ) -> "Future[Value]":
        """Give a call to the process with the fewest; see ``Executor.submit``."""
        with self._lock:
            if not self._open:
                raise RuntimeError("the worker processes were shut down")
            # Asked of the futures, not counted in their callbacks: those run after whoever waits is
            # woken, and a call given meanwhile would wait behind another's, and die with it.
            self._under_way = [[f for f in given if not f.done()] for given in self._under_way]
            slot = min(range(self.count), key=lambda place: len(self._under_way[place]))
            future = self._starter.submit(self._give, slot, function, args, kwargs).result()
            self._under_way[slot].append(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes once they are done; see ``Executor.shutdown``."""
        with self._lock:
            self._open = False
        self._starter.shutdown(wait=True)
        pools = [pool for pool in self._pools if pool is not None]
        for pool in pools:
            pool.shutdown(wait, cancel_futures=cancel_futures)

    def kill(self) -> None:
        """End the processes now, in the middle of their runs."""
        with self._lock:
            self._open = False
        self._starter.shutdown(wait=True)
        # A pool that need not wait forgets the thread that manages it. One that still ends while
        # the interpreter does breaks there, with a traceback: it is waited for here.
        pools = (pool for pool in self._pools if pool is not None)
        managers = [getattr(pool, "_executor_manager_thread", None) for pool in pools]
        self.shutdown(wait=False, cancel_futures=True)
        for process in self._context.started:
            if process.pid is not None:  # None where the system refused to start it
                process.kill()
        for manager in managers:
            if manager is not None:
                manager.join()

    def _give(
        self,
        slot: int,
        function: Callable[..., Value],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> "Future[Value]":
        try:
            return self._started(slot).submit(function, *args, **kwargs)
        except BrokenExecutor:  # its process died, in a call or while it was idle
            self._pools[slot] = None
            return self._started(slot).submit(function, *args, **kwargs)

    def _started(self, slot: int) -> ProcessPoolExecutor:
        pool = self._pools[slot]
        if pool is None:
            pool = ProcessPoolExecutor(1, self._context, initializer=_begin_worker)
            self._pools[slot] = pool
        return pool


class _RecordingContext(SpawnContext):
    """Starts processes afresh, and knows them, so that they can be killed."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


def _ignore_interrupts() -> None:
    """Leave Ctrl+C, which goes to all processes of a terminal, to the parent's main thread.

    A process inherits the mask of the thread that starts it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


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
