"""A wish to stop, heard at the end of a step: in its middle a run could not go on exactly."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_TWICE = 3.0  # seconds in which signals are one


@contextmanager
def stop_noted(note: Callable[[], None]) -> Iterator[None]:
    """Take Ctrl+C and SIGTERM as a wish to stop while the block runs.

    A second one, some seconds later, interrupts at once.

    A launcher of several processes passes on a signal that the terminal sent to all of them: it
    comes twice. In a thread other than the main one, which signals never reach, nothing changes;
    a signal that is ignored stays ignored.

    Parameters
    ----------
    note : callable
        Called when somebody wishes it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = [k for k in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(k) != signal.SIG_IGN]
    first: list[float] = []

    def heard(number: int, frame: FrameType | None) -> None:
        if first and time.monotonic() - first[0] > _TWICE:
            raise KeyboardInterrupt
        first.append(time.monotonic())
        note()

    before = [signal.signal(kind, heard) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
