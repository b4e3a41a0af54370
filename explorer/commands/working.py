"""Long work of a command: worker processes, a progress bar, and an end in order."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from concurrent.futures import Executor

    Ahead = int | Callable[[], int]


def work(
    start: "Callable[[Executor, Ahead], Iterator[int]]",
    total: int,
    label: str,
    workers: int | None = None,
    cluster: str | None = None,
) -> bool:
    """Work on many things, on this machine or a cluster, and show how far it is.

    Parameters
    ----------
    start : callable
        From an executor and how many things to have under way at once, to the iterator that does
        the work; each of its values says how many of ``total`` are over.
    total : int
    label : str
        What they are, in the plural.
    workers : int, optional
        Processes on this machine; one a core by default.
    cluster : str, optional
        Address of a Dask scheduler.

    Returns
    -------
    bool
        Whether it was stopped before the end.
    """
    from explorer.sweeps.cluster import ClusterExecutor
    from explorer.sweeps.processes import WorkerProcesses

    with ExitStack() as stack:
        stack.enter_context(terminated_like_interrupted())
        ahead: Any
        if cluster is not None:
            executor: Any = ClusterExecutor(cluster)
            stack.callback(executor.shutdown, wait=False)
            ahead = executor.ahead
        else:
            executor = WorkerProcesses(workers)
            stack.callback(executor.kill)
            ahead = executor.count
        bar = stack.enter_context(
            typer.progressbar(length=total, label=label, file=sys.stderr, show_pos=True)
        )
        seen = 0
        try:
            for now in start(executor, ahead):
                bar.update(now - seen)
                seen = now
        except KeyboardInterrupt:
            return True
        return seen < total


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """End in order when the system ends the process, as by Ctrl+C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Take Ctrl+C as the wish to leave it at what there is by then; a second one ends at once.

    Yields a function that tells whether somebody wished it.
    """
    asked: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def ask(number: int, frame: Any) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def percent(label: str, shown: bool = True) -> Iterator[Callable[[float], None]]:
    """Show how far one long thing is; yields what takes the share that is done."""
    if not shown:
        yield lambda share: None
        return
    with typer.progressbar(length=100, label=label, file=sys.stderr) as bar:
        yield lambda share: bar.update(int(100 * share) - bar.pos)
