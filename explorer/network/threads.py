"""Keep small linear algebra on one thread."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def single_threaded() -> Iterator[None]:
    """Use one thread for BLAS, OpenMP and torch within this context.

    The matrices here are small: several threads wait for each other, on a busy machine for
    twenty times as long as the work takes.
    """
    torch = sys.modules.get("torch")  # not imported for this: that takes seconds
    before = None if torch is None else torch.get_num_threads()
    try:
        with _controller().limit(limits=1):
            if torch is not None:
                # Once somebody has set torch's own number, it no longer asks OpenMP for it.
                torch.set_num_threads(1)
            yield
    finally:
        if torch is not None:
            torch.set_num_threads(before)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
