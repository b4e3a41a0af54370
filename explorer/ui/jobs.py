"""Work of seconds or minutes that a page asks for, done in the server beside its pages.

Whoever asks gets a ``Job`` and looks at it now and then, can stop it, and finds it again by its key
after a reload, on another page, or as another visitor.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_KEPT = 200  # jobs that have ended, to be found again
_LOOK = 0.05  # seconds between looks
_SAID_AGAIN = 5  # looks after which it is shown also if nothing is new: only then do clicks count


class StoppedError(Exception):
    """Raised inside a job that somebody stopped, where what it does has no other way to end."""


@dataclass
class Job:
    """Something that was asked for, and how far it has come.

    Attributes
    ----------
    fraction : float
        Of the work that is done.
    words : str
        What it does now.
    result : object
        What came out; a job that was stopped may have a part of it.
    problem : str
        One sentence that says why there is no result; empty if nothing went wrong.
    """

    fraction: float = 0.0
    words: str = "Waiting: one thing at a time …"
    result: Any = None
    problem: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def under_way(self) -> bool:
        """Whether it has not ended."""
        return not self.ended.is_set()

    def advance(self, fraction: float, words: str = "") -> None:
        """Take how far it is."""
        self.fraction = min(1.0, max(0.0, fraction))
        self.words = words or self.words

    def advance_or_stop(self, fraction: float, words: str = "") -> None:
        """Take how far it is, and end here if somebody stopped it.

        Raises
        ------
        StoppedError
        """
        if self.stopping.is_set():
            raise StoppedError
        self.advance(fraction, words)


class Jobs:
    """Does jobs, one at a time.

    Parameters
    ----------
    name : str
        Of the thread that does them.

    Examples
    --------
    >>> jobs = Jobs("example")
    >>> job = jobs.ask("key", lambda job: 6 * 7)
    >>> job.ended.wait(5), job.result, jobs.find("key") is job
    (True, 42, True)
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, key: str, make: Callable[[Job], Any]) -> Job:
        """Put a job in line, unless one of this key is under way, which is returned then.

        Parameters
        ----------
        key : str
        make : callable
            Does it, given the job; what it returns becomes the result.
        """
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and known.under_way:
                return known
            job = self._jobs[key] = Job()
            self._jobs.move_to_end(key)
            ended = [key for key, other in self._jobs.items() if not other.under_way]
            for old in ended[:-_KEPT]:
                del self._jobs[old]
        self._pool.submit(_work, job, make)
        return job

    def find(self, key: str) -> Job | None:
        """Return the last job of a key, under way or ended."""
        return self._jobs.get(key)

    def forget(self, key: str) -> None:
        """Forget a job that has ended."""
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and not known.under_way:
                del self._jobs[key]


def _work(job: Job, make: Callable[[Job], Any]) -> None:
    try:
        if not job.stopping.is_set():  # it can be stopped while it waits
            job.result = make(job)
    except StoppedError:
        pass
    except ExplorerError as problem:
        job.problem = str(problem)
    except MemoryError:
        job.problem = "the memory of this computer is full"
    except Exception as problem:  # whoever waits must hear of it, whatever it is
        job.problem = f"{type(problem).__name__}: {problem}"[:300]
    finally:
        job.ended.set()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the jobs of this server."""
    return Jobs("pages")


Waiting = tuple[Job, "DeltaGenerator"]


def show_job(job: Job, key: str, waiting: list[Waiting], stopping: str) -> None:
    """Show how far a job is, and a button to stop it.

    Parameters
    ----------
    job : Job
        Under way.
    key : str
        Of the button.
    waiting : list
        Takes the job, to be followed when the rest of the page is there.
    stopping : str
        What becomes of it when it is stopped.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            waiting.append((job, st.empty()))
            waiting[-1][1].progress(job.fraction, job.words)
        st.button(
            "Stop",
            key=key,
            icon=":material/stop:",
            on_click=job.stopping.set,
            disabled=job.stopping.is_set(),
            help=stopping,
        )


def follow(waiting: Sequence[Waiting]) -> None:
    """Follow jobs to their end, then run the page again, so that what came out is shown."""
    for job, place in waiting:
        shown, looks = None, 0
        while not job.ended.wait(_LOOK):
            now, looks = (job.fraction, job.words), looks + 1
            if now != shown or not looks % _SAID_AGAIN:
                place.progress(job.fraction, job.words)
                shown = now
    if waiting:
        st.rerun()
