"""Figures of a partition beside shuffled networks: at once, or where that takes long, afterwards.

Of a network with many edges a single shuffled network takes seconds. Then the page is shown without
chance first, the shuffled networks are worked through beside it, and whoever stops them keeps those
so far.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from explorer.ui import cache
from explorer.ui.jobs import Job, Waiting, jobs, show_job

if TYPE_CHECKING:
    from explorer.modularity.quality import Quality
    from explorer.ui.view_state import View

# Edges from which on, as for a text, fewer shuffled networks are compared.
LARGE, FEW_NULLS = 300_000, 20
_STOPPING = "The page keeps the shuffled networks so far, and says how many they are."


class _Memo:
    """The last results of a computation that reports its progress.

    Streamlit's own caches cannot hold a function that draws into a place made outside it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._results: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        made = make()
        with self._lock:
            self._results[key] = made
            while len(self._results) > self._limit:
                self._results.popitem(last=False)
        return made


@st.cache_resource(show_spinner=False)
def _qualities() -> _Memo:
    return _Memo(limit=128)


def is_slow(name: str, edges: str | None, k: int | None) -> bool:
    """Whether a partition has so many edges that its nulls are computed beside the page."""
    return len(cache.partition(name, edges, k).graph.edges[0]) > LARGE


def quality_with_progress(
    name: str, edges: str | None, k: int | None, progress: Callable[[float], None]
) -> Quality:
    """Return the figures and their nulls; report progress while they are computed."""
    from explorer.modularity.quality import NULL_COUNT, quality

    found = cache.partition(name, edges, k)

    def make() -> Quality:
        task = cache.network(name).task
        few = is_slow(name, edges, k) or (task is not None and task.is_text)
        count = FEW_NULLS if few else NULL_COUNT
        return quality(found.graph, found, null_count=count, progress=progress)

    return cast("Quality", _qualities().get(found.id, make))


def quality_in_view(view: View, waiting: list[Waiting]) -> Quality:
    """Return the figures of the network in view, with as many nulls as there are by now.

    Parameters
    ----------
    view : View
    waiting : list
        Takes what is still computed, to be followed when the rest of the page is there.
    """
    if not is_slow(view.network, view.edges, view.k):
        bar = st.empty()
        found = quality_with_progress(view.network, view.edges, view.k, _advance(bar))
        bar.empty()
        return found
    partition = cache.partition(view.network, view.edges, view.k)
    key = f"nulls {partition.id}"
    job = jobs().find(key) or jobs().ask(key, _comparing(partition))
    if job.under_way:
        job.words = job.words if job.fraction else "Comparing with shuffled networks …"
        show_job(job, "stop_nulls", waiting, _STOPPING)
    elif job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    elif job.result is not None:
        _say_how_many(job.result, key)
        return cast("Quality", job.result)
    else:
        _offer_more(key)
    return _without_nulls(view.network, view.edges, view.k)


def _comparing(partition: Any) -> Callable[[Job], Quality]:
    from explorer.modularity.quality import quality

    def make(job: Job) -> Quality:
        def advance(share: float) -> None:
            job.advance(share, f"Comparing with shuffled networks: {share:.0%} …")

        return quality(
            partition.graph,
            partition,
            null_count=FEW_NULLS,
            progress=advance,
            stop=job.stopping.is_set,
        )

    return make


def _say_how_many(found: Quality, key: str) -> None:
    count = min(null.count for null in found.layered_modularity.nulls)
    if count < FEW_NULLS:
        st.caption(
            f"Stopped: what is said of chance rests on {count} of {FEW_NULLS} shuffled networks."
        )
        _offer_more(key)


def _offer_more(key: str) -> None:
    st.button(
        "Compare with all of them",
        key="all_nulls",
        icon=":material/shuffle:",
        on_click=jobs().forget,
        args=(key,),
        help="Begins again.",
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _without_nulls(name: str, edges: str | None, k: int | None) -> Quality:
    from explorer.modularity.quality import quality

    found = cache.partition(name, edges, k)
    return quality(found.graph, found, null_count=0)


def _advance(bar: Any) -> Callable[[float], None]:
    shown = -1

    def advance(share: float) -> None:
        nonlocal shown
        if int(100 * share) != shown:  # told hundreds of times a second, drawn once a percent
            shown = int(100 * share)
            bar.progress(share, "Comparing with shuffled networks …")

    return advance
