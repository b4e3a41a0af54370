"""Repairs that take a while: they run beside the page, say how far they are, and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

Make = Callable[[Callable[[float], None], Callable[[], bool]], "Checkpoint"]
_LOOK = 0.1  # seconds between looks
_JOB = "intervene_job"


@dataclass
class TuningJob:
    """A repair on its way.

    Attributes
    ----------
    network : str
        Name of the network that it is made from.
    title : str
        What it is, for people.
    share : float
        That is done.
    result : Checkpoint or None
        What came out, also when it was stopped.
    problem : str
        Why nothing came out; empty if nothing went wrong.
    """

    network: str
    title: str
    share: float = 0.0
    result: Checkpoint | None = None
    problem: str = ""
    ended: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, make: Make) -> None:
        """Make it, in a thread of its own."""

        def work() -> None:
            try:
                self.result = make(self._advance, self.stopping.is_set)
            except ExplorerError as problem:
                self.problem = str(problem)
            except Exception as problem:  # whoever waits must hear of it, whatever it is
                self.problem = f"{type(problem).__name__}: {problem}"[:300]
            finally:
                self.ended.set()

        threading.Thread(target=work, name="repair", daemon=True).start()

    def _advance(self, share: float) -> None:
        self.share = min(1.0, max(0.0, share))


def start(network: str, title: str, make: Make) -> None:
    """Start a repair (a callback); one that is on its way is stopped."""
    before: TuningJob | None = st.session_state.get(_JOB)
    if before is not None:
        before.stopping.set()
    job = st.session_state[_JOB] = TuningJob(network, title)
    job.run(make)


def under_way(network: str) -> bool:
    """Tell whether a repair of this network is on its way."""
    job: TuningJob | None = st.session_state.get(_JOB)
    return job is not None and job.network == network and not job.ended.is_set()


def follow(network: str) -> TuningJob | None:
    """Show how far a repair is until it has ended; return it once it has, else None."""
    job: TuningJob | None = st.session_state.get(_JOB)
    if job is None or job.network != network:
        return None
    if not job.ended.is_set():
        bar = st.empty()
        place = st.empty()
        place.button(
            "Stop",
            key="intervene_stop",
            icon=":material/stop_circle:",
            on_click=job.stopping.set,
            help="Keeps what was trained by then.",
        )
        while not job.ended.wait(_LOOK):
            bar.progress(job.share, f"{job.title} …")
        bar.empty()
        place.empty()
    del st.session_state[_JOB]
    return job
