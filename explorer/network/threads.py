"""Keep small linear algebra on one thread."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def single_threaded() -> AbstractContextManager[object]:
    """Return a context in which BLAS and OpenMP use one thread.

    The matrices here are small: several threads wait for each other, on a busy machine for
    twenty times as long as the work takes.
    """
    return _controller().limit(limits=1)  # type: ignore[no-any-return]


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
