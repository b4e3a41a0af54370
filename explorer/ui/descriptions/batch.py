"""Describe all modules and interfaces of a network: estimate, progress, stop, go on."""

from __future__ import annotations

import shlex
import time

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui.descriptions.choice import Choice, ask_describer
from explorer.ui.descriptions.process import BatchFolder, describe_command
from explorer.ui.view_state import View
from explorer.views.description_batch import describe_batch, describe_estimate

_EVERY = 1.0  # seconds between looks
_PROBLEM = "batch_problem"


def show(view: View) -> None:
    """Say what it takes, and start it."""
    st.markdown(
        "A language model describes every module and interface. It runs in a process of its own: "
        "this page, the browser and the server may be closed meanwhile, and what is written is "
        "kept at once."
    )
    folder = _folder(view)
    choice = ask_describer("batch")
    parts = text_cache.part_names(view.network, view.edges, view.k)
    st.markdown(describe_estimate(len(parts), choice.spec))
    last = folder.last()
    st.button(
        "Go on" if last is not None and last.spec == choice.spec else "Describe all",
        key="batch_start",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not choice.spec or folder.running,
        on_click=_start,
        args=(view, choice),
        help="Texts that this model wrote before from the same figures are taken as they are.",
    )
    with st.expander("The same from the command line"):
        if choice.spec:
            command = describe_command(*_arguments(view), choice.spec, view.keep)
            st.code(shlex.join(["explorer", *command[3:]]), language="bash", wrap_lines=True)
    said = st.session_state.pop(_PROBLEM, None) or ("" if folder.running else folder.last_words())
    if said:
        st.error(f"{said}.", icon=":material/error:")


def show_running(view: View) -> None:
    """Show how far the batch of this network is, if one runs."""
    folder = _folder(view)
    if not folder.running:
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    right.button(
        "Stop",
        key="batch_stop",
        icon=":material/stop:",
        on_click=_stop,
        args=(view,),
        help="What is written is kept, and it can go on later.",
        width="stretch",
    )

    @st.fragment(run_every=_EVERY)
    def follow() -> None:
        done, total = _progress(view, folder)
        st.progress(min(1.0, done / total), describe_batch(done, total, _pace(folder, done)))
        if not folder.running:
            st.rerun()

    with left:
        follow()


def _progress(view: View, folder: BatchFolder) -> tuple[int, int]:
    """Return how many parts have a text of this batch, and how many parts there are."""
    last = folder.last()
    parts = text_cache.part_names(view.network, view.edges, view.k)
    if last is None:
        return 0, len(parts)
    try:
        found = text_cache.texts().parts(
            cache.network(view.network).id,
            cache.partition(view.network, view.edges, view.k).id,
        )
    except ExplorerError:
        return 0, len(parts)
    written = {
        part.place.part for part in found if any(head.source == last.name for head in part.heads)
    }
    return len(written & set(parts)), len(parts)


def _pace(folder: BatchFolder, done: int) -> float | None:
    """Return the seconds a text takes, counted from the first that this page saw written.

    What was kept from before is written at once, and the model takes a while to open: neither says
    how long the rest will take.
    """
    last = folder.last()
    if last is None or not done:
        return None
    key, now = f"batch {last.process} {last.began}", time.monotonic()
    seen: list[tuple[float, int]] = st.session_state.setdefault(key, [])
    if not seen or seen[-1][1] != done:
        seen.append((now, done))
    (began, first), (until, most) = seen[0], seen[-1]
    return (until - began) / (most - first) if most > first else None


def _start(view: View, choice: Choice) -> None:
    try:
        started = _folder(view).start(*_arguments(view), choice.spec, choice.title, view.keep)
        cache.keep_process(started)
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = str(problem)


def _stop(view: View) -> None:
    _folder(view).stop()


def _arguments(view: View) -> tuple[str, str, int | None]:
    return view.network, cache.resolved_weighting(view.network, view.edges), view.k


def _folder(view: View) -> BatchFolder:
    return BatchFolder(cache.partition(view.network, view.edges, view.k).id)
