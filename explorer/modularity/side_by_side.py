"""Do several things at a time, and stop all of them when one fails or somebody stops them."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from explorer.network.graph import part_of
from explorer.network.threads import single_threaded

Progress = Callable[[float], None]
T = TypeVar("T")

_LOOK = 0.1  # seconds between looks at how far they are


class _EndedError(Exception):
    """Raised in what goes on beside something that failed or was stopped."""


def side_by_side(
    calls: Sequence[Callable[[Progress], T]],
    progress: Progress | None = None,
    threads: int = 2,
) -> list[T]:
    """Call functions, some at a time, and return what they return, in order.

    It is faster where most of their time is spent in compiled code that other threads can go on
    beside: numpy, torch, and kernels that are marked so. Each keeps to one thread inside.

    Parameters
    ----------
    calls : sequence of callable
        Each is given a function to tell it the share that is done of its own work, often: what
        that raises must end it.
    progress : callable, optional
        Called with the share that is done of all, in the caller's thread; what it raises stops
        every call.
    threads : int
        How many at a time; 1 for one after the other, in the caller's thread.

    Examples
    --------
    >>> side_by_side([lambda told: 1, lambda told: 2])
    [1, 2]
    """
    if threads == 1 or len(calls) == 1:
        parts = [
            part_of(progress, place / len(calls), (place + 1) / len(calls)) or _nothing
            for place in range(len(calls))
        ]
        return [call(told) for call, told in zip(calls, parts, strict=True)]
    ended, shares = threading.Event(), [0.0] * len(calls)

    def work(place: int) -> T:
        def told(share: float) -> None:
            if ended.is_set():
                raise _EndedError
            shares[place] = share

        return calls[place](told)

    with single_threaded(), ThreadPoolExecutor(threads) as pool:
        going = [pool.submit(work, place) for place in range(len(calls))]
        try:
            open_ones = set(going)
            while open_ones:
                done, open_ones = wait(open_ones, _LOOK)
                for one in done:
                    one.result()
                if progress is not None:
                    progress(sum(shares) / len(calls))
        except BaseException:
            ended.set()
            for one in going:
                one.cancel()
            raise
        return [one.result() for one in going]


def _nothing(share: float) -> None:
    pass
