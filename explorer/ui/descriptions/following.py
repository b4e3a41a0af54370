"""Show how far something is that a language model was asked, until it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import text_cache
from explorer.views.description_text import text_line

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.ui.descriptions.worker import Job

_LOOK = 0.05  # seconds between looks
_SAID_AGAIN = 5  # looks after which it is shown also if nothing is new: only then do clicks count


def follow_job(key: str, place: DeltaGenerator, begins: str) -> Job | None:
    """Follow a job to its end, then run the page again, so that what came out is shown.

    Parameters
    ----------
    key : str
        Of the job.
    place : DeltaGenerator
        Where to show how far it is.
    begins : str
        What to say before its first word.

    Returns
    -------
    Job or None
        One that had ended before; None if there is none.
    """
    job = text_cache.worker().find(key)
    if job is None:
        return None
    was_under_way = not job.ended.is_set()
    shown, looks = None, 0
    while not job.ended.wait(_LOOK):
        now, looks = (job.phase, job.fraction, job.text), looks + 1
        if now != shown or not looks % _SAID_AGAIN:
            _show_state(job, place, begins)
            shown = now
    if was_under_way:
        place.empty()
        st.rerun()
    if job.phase == "failed":
        place.error(f"{job.problem}.", icon=":material/error:")
    return job


def _show_state(job: Job, place: DeltaGenerator, begins: str) -> None:
    if job.phase == "waiting":
        place.caption("Waiting: the language model does one thing at a time …")
    elif job.phase == "loading":
        place.progress(job.fraction, "Opening the language model …")
    elif job.text:
        place.html(text_line(f"{job.text} …"))
    else:
        place.caption(begins)
