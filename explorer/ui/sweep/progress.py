"""Follow a sweep that runs in a process of its own."""

import shutil
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache

if TYPE_CHECKING:
    from explorer.sweeps.folder import SweepFolder
    from explorer.sweeps.grid import SweepGrid
    from explorer.sweeps.sweep import Progress

_EVERY = 2.0  # seconds between looks at the folder


def show(name: str, folder: "SweepFolder", grid: "SweepGrid") -> None:
    """Show how far a sweep is, with what can be done about it."""
    from explorer.sweeps.start import is_running
    from explorer.views.pareto_text import describe_progress

    running = is_running(folder)
    seen = _progress(folder, grid)
    if running:
        _follow(name, folder, grid, seen)
        return
    if seen.complete:
        st.caption(describe_progress(seen, running))
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        _bar(seen, running=False)
    with right:
        st.button(
            "Go on",
            icon=":material/play_arrow:",
            on_click=start,
            args=(name, grid),
            help="Runs what is not done; runs that failed are tried again.",
        )
    _show_last_words(folder)


def show_deletion(name: str) -> None:
    """Let people delete a sweep, on second thought."""
    with st.popover("Delete this sweep", icon=":material/delete:"):
        st.markdown(f"This deletes **{name}** with all of its networks, for good.")
        st.button("Delete", key="delete_sweep", on_click=_delete, args=(name,), type="primary")


def _follow(name: str, folder: "SweepFolder", grid: "SweepGrid", drawn: "Progress") -> None:
    from explorer.sweeps.start import is_running

    left, right = st.columns([4, 1], vertical_alignment="center")
    with right:
        st.button(
            "Stop",
            icon=":material/stop:",
            on_click=_stop,
            args=(name,),
            help="Ends within a second. What is done is kept, and the sweep can go on later.",
        )

    @st.fragment(run_every=_EVERY)
    def follow() -> None:
        now = _progress(folder, grid)
        _bar(now, running=True)
        if now != drawn or not is_running(folder):
            st.rerun()

    with left:
        follow()


def _progress(folder: "SweepFolder", grid: "SweepGrid") -> "Progress":
    from explorer.sweeps.sweep import Progress

    records = folder.records(grid).values()
    done = sum(record.figures is not None for record in records)
    return Progress(done, len(records) - done, len(grid.by_id))


def _bar(seen: "Progress", running: bool) -> None:
    from explorer.views.pareto_text import describe_progress

    st.progress((seen.done + seen.failed) / seen.total, describe_progress(seen, running))


def _show_last_words(folder: "SweepFolder") -> None:
    from explorer.sweeps.start import last_words

    said = last_words(folder)
    if said:
        st.error(f"It ended: {said}.", icon=":material/error:")


def start(name: str, grid: "SweepGrid") -> None:
    """Start a sweep, or go on with it, and put it in view."""
    from explorer.sweeps.start import start_sweep

    try:
        cache.keep_process(start_sweep(name, grid))
    except ExplorerError as problem:
        st.session_state["sweep_problem"] = str(problem)
    else:
        st.session_state["sweep_name"] = name


def _stop(name: str) -> None:
    from explorer.sweeps.start import kept_sweep

    try:
        kept_sweep(name).ask_to_stop()
    except ExplorerError as problem:
        st.session_state["sweep_problem"] = str(problem)


def _delete(name: str) -> None:
    from explorer.sweeps.start import kept_sweep

    try:
        folder = kept_sweep(name)
    except ExplorerError as problem:
        st.session_state["sweep_problem"] = str(problem)
        return
    if folder.running:
        st.session_state["sweep_problem"] = f"the sweep {name!r} is running; expected it stopped"
        return
    shutil.rmtree(folder.path, ignore_errors=True)
    st.session_state["sweep_name"] = None
