"""One worker for the whole server that asks language models, one at a time.

Whoever asks gets a ``Job`` and looks at it now and then. The job goes on when the page is left or
the browser is closed, and what it writes is kept at its end; whoever comes back finds it by its
key. Endpoints elsewhere are asked four at once, by threads of their own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from explorer.errors import DescriberError, ExplorerError

if TYPE_CHECKING:
    from explorer.description.clients.base import Client

Phase = Literal["waiting", "loading", "writing", "done", "failed"]
REMOTE_AT_ONCE = 4
_KEPT = 200  # jobs that have ended, to be found again


@dataclass
class Job:
    """Something that a language model was asked, and how far it has come.

    Attributes
    ----------
    phase : {"waiting", "loading", "writing", "done", "failed"}
    fraction : float
        Of the loading that is done.
    text : str
        What was written so far.
    result : object
        What came out, when it is done.
    problem : str
        One sentence that says why it failed.
    """

    phase: Phase = "waiting"
    fraction: float = 0.0
    text: str = ""
    result: Any = None
    problem: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def write(self, piece: str) -> None:
        """Take a piece of text."""
        self.phase = "writing"
        self.text += piece

    def say(self, text: str) -> None:
        """Take how far it is, in words, in the place of what stood there."""
        self.phase, self.text = "writing", text

    def load(self, fraction: float, *_: object) -> None:
        """Take how far the loading of the model has come."""
        self.fraction = min(1.0, max(0.0, fraction))


class Worker:
    """Asks language models, in order; holds the one that was used last.

    Parameters
    ----------
    opening : callable
        Opens the client of a specification, given also a function to report progress to.

    Examples
    --------
    >>> worker = Worker(lambda spec, progress: None)
    >>> job = worker.ask("key", "measured", lambda client, job: job.write("on ones"))
    >>> job.ended.wait(5), job.phase, job.text
    (True, 'done', 'on ones')
    """

    def __init__(self, opening: Callable[..., Client | None]) -> None:
        self._opening = opening
        self._local = ThreadPoolExecutor(1, thread_name_prefix="describer")
        self._remote = ThreadPoolExecutor(REMOTE_AT_ONCE, thread_name_prefix="describer-remote")
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._warm: tuple[str, Client | None] | None = None

    def ask(self, key: str, spec: str, make: Callable[[Client | None, Job], Any]) -> Job:
        """Put a job in line, unless one of this key is under way, which is returned then.

        Parameters
        ----------
        key : str
        spec : str
            Names the client, as ``open_client`` takes it.
        make : callable
            Does it, given the client and the job; what it returns becomes the job's result.
        """
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and not known.ended.is_set():
                return known
            job = self._jobs[key] = Job()
            self._jobs.move_to_end(key)
            self._forget()
        pool = self._remote if spec.startswith("endpoint:") else self._local
        pool.submit(self._run, job, spec, make)
        return job

    def find(self, key: str) -> Job | None:
        """Return the last job of a key, under way or ended."""
        return self._jobs.get(key)

    def is_warm(self, spec: str) -> bool:
        """Tell whether the model of a specification is loaded."""
        return self._warm is not None and self._warm[0] == spec

    def _run(self, job: Job, spec: str, make: Callable[[Client | None, Job], Any]) -> None:
        try:
            job.phase = "loading"
            client = self._client(spec, job)
            job.phase = "writing"
            job.result = make(client, job)
            job.phase = "done"
        except ExplorerError as problem:
            job.problem, job.phase = str(problem), "failed"
        except MemoryError:
            job.problem, job.phase = "the memory of this computer is full", "failed"
        except Exception as problem:  # whoever waits must hear of it, whatever it is
            job.problem, job.phase = f"{type(problem).__name__}: {problem}"[:300], "failed"
        finally:
            job.ended.set()

    def _client(self, spec: str, job: Job) -> Client | None:
        if spec.startswith("endpoint:"):
            return self._opening(spec, job.load)
        if not self.is_warm(spec):
            self._warm = None  # one model at a time: each takes a gigabyte
            self._warm = (spec, self._opening(spec, job.load))
        assert self._warm is not None
        return self._warm[1]

    def _forget(self) -> None:
        ended = [key for key, job in self._jobs.items() if job.ended.is_set()]
        for key in ended[: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[key]


def need(client: Client | None) -> Client:
    """Return the client of a language model.

    Raises
    ------
    DescriberError
        If there is none, as for measured texts.
    """
    if client is None:
        raise DescriberError("found no language model; expected one to ask")
    return client
