"""Runs on a cluster: an executor over Dask distributed.

Start a scheduler with ``dask scheduler`` on one machine and ``dask worker tcp://ADDRESS:8786`` on
the others, with this package installed everywhere. Whoever reaches a scheduler can run anything on
its workers, so keep it inside a trusted network.
"""

import importlib
import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from explorer.errors import SweepError

Value = TypeVar("Value")
CONNECT_SECONDS = 10.0
_ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?\[?(?P<host>[^\s/\[\]]+)\]?:(?P<port>\d{1,5})")
_LOOK_UP = 0.1
_COUNT_SECONDS = 5.0  # between looks at how many workers there are
_AHEAD = 2  # runs a thread to have under way, so that none waits for the way through the network


class ClusterExecutor(Executor):
    """The workers of a Dask scheduler.

    When a worker is lost, Dask gives its runs to others; every run gives one result.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    seconds : float
        To wait for its answer.

    Raises
    ------
    SweepError
        If Dask distributed is not installed, no scheduler answers, or a worker lacks this package.
    """

    def __init__(self, address: str, seconds: float = CONNECT_SECONDS) -> None:
        self.address = address
        try:
            distributed = importlib.import_module("distributed")
        except ImportError as problem:
            raise SweepError(
                "the package distributed is missing; expected what pip install "
                "'modular-network-explorer[cluster]' brings"
            ) from problem
        # Its own messages about lost connections run to pages; ours are one sentence.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        _check_listening(address, seconds)
        self._client = _connected(distributed.Client, address, seconds)
        self._executor = self._client.get_executor(pure=False)
        self._counted, self._threads = -_COUNT_SECONDS, 1
        try:
            self._client.run(_prepare_worker)
        except ImportError as problem:
            self.shutdown(wait=False)
            raise SweepError(
                f"a worker of {address} cannot import this package ({problem}); expected it to be "
                f"installed there"
            ) from problem

    def submit(
        self, function: Callable[..., Value], /, *args: Any, **kwargs: Any
    ) -> "Future[Value]":
        """Give a call to the cluster; see ``Executor.submit``."""
        future: Future[Value] = self._executor.submit(_on_one_thread, function, *args, **kwargs)
        return future

    def workers(self) -> dict[str, int]:
        """Threads of every worker there is now, by its address."""
        return dict(self._client.nthreads())

    def ahead(self) -> int:
        """How many runs to have under way: a few for every thread of the workers there are now.

        Raises
        ------
        SweepError
            If the scheduler does not answer any more.
        """
        now = time.monotonic()
        if now - self._counted > _COUNT_SECONDS:
            try:
                self._threads = sum(self.workers().values())
            except OSError as problem:
                raise SweepError(
                    f"the scheduler at {self.address} does not answer any more; expected it to "
                    f"stay: start the sweep again when it is back, and it goes on"
                ) from problem
            self._counted = now
        return max(1, self._threads) * _AHEAD

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster; what is under way is dropped unless it is waited for."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close(timeout=2)


def _check_listening(address: str, seconds: float) -> None:
    """Refuse an address at which nothing listens: Dask's own attempts may take very long."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise _no_scheduler(address)
    host, port, deadline = found["host"], int(found["port"]), time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((host, port), timeout=seconds).close()
            return
        except ConnectionRefusedError as problem:  # it may be coming up
            if time.monotonic() > deadline:
                raise _no_scheduler(address) from problem
            time.sleep(_LOOK_UP)
        except (OSError, OverflowError, UnicodeError) as problem:
            raise _no_scheduler(address) from problem


def _connected(make_client: Callable[..., Any], address: str, seconds: float) -> Any:
    """Connect, or give up: Dask waits for ever for a server that listens but does not answer."""
    made: list[Any] = []
    problems: list[Exception] = []

    def connect() -> None:
        try:
            made.append(make_client(address, timeout=seconds, set_as_default=False))
        except Exception as problem:  # whatever it is, it is told below
            problems.append(problem)

    thread = threading.Thread(target=connect, name="connect", daemon=True)
    thread.start()
    thread.join(seconds + 1)
    if not made:
        raise _no_scheduler(address) from (problems[0] if problems else None)
    return made[0]


def _no_scheduler(address: str) -> SweepError:
    return SweepError(
        f"no scheduler answers at {address!r:.80}; expected the address of a Dask scheduler, such "
        f"as tcp://10.0.0.1:8786"
    )


def _prepare_worker() -> str:
    return __name__  # to find it there is all it is for


def _on_one_thread(function: Callable[..., Value], *args: Any, **kwargs: Any) -> Value:
    import torch

    torch.set_num_threads(1)  # the same numbers on every machine
    return function(*args, **kwargs)
