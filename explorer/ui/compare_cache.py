"""Comparisons that pages share, computed once for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache, nulls
from explorer.ui.elements import nothing_below
from explorer.ui.jobs import Job, Waiting, jobs, show_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.observation.comparing.values import Comparison

_WORDS = "Comparing both networks …"


def comparison_or_job(
    first: str,
    second: str,
    edges: str | None,
    k: int | None,
    by: str | None,
    shuffled: bool,
    waiting: list[Waiting],
) -> Comparison | None:
    """Compare two networks: at once, or where one of them is large, beside the page with a bar.

    Parameters
    ----------
    first, second : str
        Bundled names, or ids of networks that were kept.
    edges : str or None
        See ``View.edges``; of the second network too, where it can be weighed so.
    k : int or None
        Number of modules, at most.
    by : str or None
        See ``compare``.
    shuffled : bool
        Whether to put shuffled networks beside the figures.
    waiting : list
        Takes what is still computed, to be followed when the rest of the page is there.

    Returns
    -------
    Comparison or None
        None while there is none; what is to be said about that is shown.

    Raises
    ------
    ExplorerError
        If they cannot be compared by this.
    """
    asked = (first, second, edges, k, by, shuffled)
    if not any(cache.partition(name, edges, k).graph.is_large for name in (first, second)):
        return _comparison(*asked)
    key = f"compare {asked}"
    job = jobs().find(key) or jobs().ask(key, _comparing(*asked))
    if job.under_way:
        with st.container(key="comparing"):  # whole, so that nothing of it stays afterwards
            show_job(job, "stop_comparing", waiting, "Nothing is kept of it.")
            nothing_below()  # of the container that stood here before
        return None
    if job.result is not None:
        made: Comparison = job.result
        return made
    if job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    else:
        st.info("Stopped.", icon=":material/stop_circle:")
    st.button(
        "Compare them",
        key="compare_again",
        icon=":material/play_arrow:",
        on_click=jobs().forget,
        args=(key,),
    )
    return None


@st.cache_resource(max_entries=64, show_spinner=_WORDS)
def _comparison(
    first: str, second: str, edges: str | None, k: int | None, by: str | None, shuffled: bool
) -> Comparison:
    return _compare(first, second, edges, k, by, shuffled, lambda share: None)


def _comparing(
    first: str, second: str, edges: str | None, k: int | None, by: str | None, shuffled: bool
) -> Callable[[Job], Comparison]:
    def make(job: Job) -> Comparison:
        def advance(share: float) -> None:
            job.advance_or_stop(share, _WORDS)

        advance(0.0)
        return _compare(first, second, edges, k, by, shuffled, advance)

    return make


def _compare(
    first: str,
    second: str,
    edges: str | None,
    k: int | None,
    by: str | None,
    shuffled: bool,
    progress: Callable[[float], None],
) -> Comparison:
    from explorer.observation.comparing.comparison import compare
    from explorer.observation.streaming import part_of

    one, two = (cache.partition(name, edges, k) for name in (first, second))
    parts = (0.0, 0.3, 0.6) if shuffled else (0.0, 0.0, 0.0)
    qualities = tuple(
        nulls.quality_with_progress(
            name, edges, k, part_of(progress, *parts[side : side + 2]) or progress
        )
        if shuffled
        else None
        for side, name in enumerate((first, second))
    )
    return compare(
        one,
        two,
        by=by,
        qualities=(qualities[0], qualities[1]),
        progress=part_of(progress, parts[2], 1.0),
    )
