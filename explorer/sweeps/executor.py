"""Apply a function to many items, somewhere else: processes, a cluster, any executor.

What comes back comes in any order, one outcome an item: a value, or the sentence that says why
there is none. The function runs where the executor is, so it must be importable there by its name.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from explorer.errors import ExplorerError, SweepError

Item = TypeVar("Item")
Value = TypeVar("Value")
_LOOK_UP = 0.2  # seconds between looks at whether to stop
_ATTEMPTS = 2


@dataclass(frozen=True)
class Outcome(Generic[Item, Value]):
    """What became of one item.

    Attributes
    ----------
    item : Item
    value : Value or None
        None where it failed.
    failed : str or None
        One sentence that says why there is no value; None where there is one.
    """

    item: Item
    value: Value | None = None
    failed: str | None = None


def run_all(
    function: Callable[[Item], Value],
    items: Iterable[Item],
    executor: Executor,
    ahead: int | Callable[[], int],
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome[Item, Value]]:
    """Apply a function to every item, and yield each outcome as it comes.

    Parameters
    ----------
    function : callable
        Found by its name where it runs: a function of a file, no lambda.
    items : iterable
    executor : concurrent.futures.Executor
        Such as ``WorkerProcesses`` or ``ClusterExecutor``. The caller shuts it down.
    ahead : int or callable
        How many items to have under way at once; a callable is asked again and again, because a
        cluster may grow.
    stop : callable, optional
        Asked several times a second; when it says True, nothing more is started or yielded, and
        what has not begun is cancelled.

    Yields
    ------
    Outcome
        One an item. An error of the function is a failed outcome. An item whose process ended under
        it is given to another once, then it has failed.

    Raises
    ------
    SweepError
        If the executor drops items, as when the scheduler of a cluster is gone.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as threads:
    ...     sorted(outcome.value for outcome in run_all(abs, [-1, 2, -3], threads, ahead=2))
    [1, 2, 3]
    """
    waiting = iter(items)
    again: list[Item] = []
    tries: dict[Future[Value], tuple[Item, int]] = {}
    exhausted = False

    def give(item: Item, attempt: int) -> None:
        try:
            tries[executor.submit(function, item)] = (item, attempt)
        except RuntimeError as problem:
            raise SweepError(
                f"no run can be started any more ({problem}); expected an executor that is open"
            ) from problem

    try:
        while True:
            if stop():
                return
            room = (ahead if isinstance(ahead, int) else max(1, ahead())) - len(tries)
            while room > 0 and again:
                give(again.pop(), _ATTEMPTS)
                room -= 1
            while room > 0 and not exhausted:
                try:
                    give(next(waiting), 1)
                    room -= 1
                except StopIteration:
                    exhausted = True
            if not tries:
                return
            for future in wait(tries, timeout=_LOOK_UP, return_when=FIRST_COMPLETED).done:
                item, attempt = tries.pop(future)
                outcome = _outcome(item, future, last=attempt == _ATTEMPTS)
                if outcome is None:
                    again.append(item)
                else:
                    yield outcome
    finally:
        for future in tries:
            future.cancel()


def _outcome(item: Item, future: "Future[Value]", last: bool) -> Outcome[Item, Value] | None:
    """Return what became of an item; None if its process ended and it is to be tried again."""
    if future.cancelled():
        raise SweepError(
            "a run was dropped that nobody stopped; expected workers that stay: is the scheduler "
            "of the cluster still there"
        )
    problem = future.exception()
    if problem is None:
        return Outcome(item, future.result())
    if isinstance(problem, BrokenExecutor):
        if not last:
            return None
        return Outcome(
            item, failed="the process ended twice under this run; expected it to live (memory?)"
        )
    if isinstance(problem, ExplorerError):
        return Outcome(item, failed=str(problem))
    return Outcome(item, failed=f"{type(problem).__name__}: {problem}"[:500])
