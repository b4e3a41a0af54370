"""When to do what costs training time, so that it never costs more than its share."""

import math
import time
from collections.abc import Callable

_MEMORY = 0.7  # of the moving average of costs


class Pace:
    """Something done again and again, between the steps of a run.

    It is due ``1 / rate`` seconds after the last time at the earliest, and so much later that it
    takes no more than its share of the time.

    Parameters
    ----------
    rate : float
        Times a second, at most.
    share : float
        Of the time.
    cost : float
        Seconds that it is thought to take, before it was done for the first time. It is then
        due at once if that is less than ``patience``, otherwise after cost / share.
    patience : float
        Seconds for which it may hold up training. What takes longer is never due again.
    clock : callable
        Seconds.
    meter : callable
        Seconds of work, to measure costs with: on a busy machine, waiting for a core costs nothing.

    Examples
    --------
    >>> now = [0.0]
    >>> pace = Pace(rate=10, share=0.01, clock=lambda: now[0], meter=lambda: now[0])
    >>> pace.due()
    True
    >>> with pace:
    ...     now[0] += 0.002
    >>> pace.due()
    False
    >>> now[0] = 0.21  # 2 ms are 1 % of 200 ms
    >>> pace.due()
    True
    """

    def __init__(
        self,
        rate: float,
        share: float,
        cost: float = 0.0,
        patience: float = math.inf,
        clock: Callable[[], float] = time.perf_counter,
        meter: Callable[[], float] = time.thread_time,
    ) -> None:
        self._interval, self._share, self._patience = 1.0 / rate, share, patience
        self._clock, self._meter = clock, meter
        self._cost: float | None = None
        self._began = self._spent = 0.0
        now = clock()
        self._next = now if cost < min(patience, 0.05) else now + cost / share
        if cost > patience:
            self._next = math.inf

    def due(self, now: float | None = None) -> bool:
        """Tell whether it is time."""
        return (self._clock() if now is None else now) >= self._next

    @property
    def possible(self) -> bool:
        """Whether it will ever be due: not if it takes too long at all."""
        return self._next < math.inf

    def hurry(self) -> None:
        """Make it due now, if it is possible."""
        if self.possible:
            self._next = -math.inf

    def __enter__(self) -> None:
        self._began, self._spent = self._clock(), self._meter()

    def __exit__(self, *_: object) -> None:
        took = self._meter() - self._spent
        # The first time may load or compile something; it does not count.
        self._cost = took if self._cost is None else _MEMORY * self._cost + (1 - _MEMORY) * took
        if took > self._patience:
            self._next = math.inf
            return
        wait = max(self._interval, self._cost / self._share)
        # Counted from when it was due, so that the rate is kept although steps take time.
        planned = self._next + wait
        self._next = planned if planned > self._began else self._began + wait
