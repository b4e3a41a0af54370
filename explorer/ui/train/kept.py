"""The runs of this computer: on their way, and kept until somebody deletes them."""

from __future__ import annotations

import contextlib
import time
import tomllib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.home import home
from explorer.ui import session
from explorer.ui.live import registry
from explorer.ui.train import running

_SHOWN = 200
_FILES = ("network.safetensors", "latest.safetensors")


@dataclass(frozen=True)
class KeptRun:
    """A run as the list shows it.

    Attributes
    ----------
    name : str
        Of its folder.
    status : str
    changed : float
        When anything was last written, in seconds since 1970.
    live : str or None
        Id of the live run, while the server knows it.
    file : Path or None
        The network, once there is one.
    begun : bool
        Whether there is anything to go on from.
    alone : bool
        Whether nobody who may steer it has watched it for some seconds.
    """

    name: str
    status: str
    changed: float
    live: str | None
    file: Path | None
    begun: bool = True
    alone: bool = False

    @property
    def task(self) -> str:
        """What it learns; empty if its settings were damaged."""
        try:
            with (home() / "runs" / self.name / "settings.toml").open("rb") as stream:
                return str(tomllib.load(stream).get("task", ""))
        except (OSError, ValueError):
            return ""

    @property
    def on_its_way(self) -> bool:
        """Whether a process trains it."""
        return self.status in ("starting", "running", "paused")


def kept_runs() -> list[KeptRun]:
    """List the runs of this computer, the newest first."""
    live = {run["name"]: run for run in reversed(registry.runs())}
    found = []
    for folder in (home() / "runs").glob("*"):
        with contextlib.suppress(OSError):  # another account's, or deleted a moment ago
            run = _kept_run(folder, live.get(folder.name))
            if run is not None:
                found.append(run)
    return sorted(found, key=lambda run: -run.changed)[:_SHOWN]


def _kept_run(folder: Path, known: dict[str, Any] | None) -> KeptRun | None:
    settings = (folder / "settings.toml").is_file()
    if known is None and not settings:
        return None
    file = next((folder / name for name in _FILES if (folder / name).is_file()), None)
    finished = file is not None and file.name == _FILES[0]
    status = known["status"] if known else ("finished" if finished else "stopped")
    alone = known is not None and known["alone"]
    live = known["id"] if known else None
    return KeptRun(folder.name, status, folder.stat().st_mtime, live, file, settings, alone)


def show_runs() -> None:
    """Draw the list, and what can be done with the run that is chosen."""
    st.subheader("Runs")
    found = kept_runs()
    if not found:
        st.markdown("No runs yet. Every run that you start is kept here until you delete it.")
        return
    st.caption("Every run is kept on the computer that serves this page until you delete it.")
    lines = {run.name: _line(run) for run in found}
    state = st.session_state
    wanted = state.pop("train_choose", state.get("train_chosen"))
    state["train_chosen"] = wanted if wanted in lines else found[0].name
    # A browser goes on showing an option as it was called when it was chosen: lines that say
    # something else make another list.
    key = f"train_list_{zlib.crc32(repr(lines).encode())}"
    st.selectbox(
        "Run",
        list(lines),
        index=list(lines).index(state["train_chosen"]),
        key=key,
        format_func=lambda name: lines.get(name, name),
        on_change=_choose,
        args=(key,),
        help="Running ones can be watched; the others opened, continued, or deleted.",
    )
    _actions(next(run for run in found if run.name == state["train_chosen"]))


def _choose(key: str) -> None:
    st.session_state["train_chosen"] = st.session_state[key]


def _line(run: KeptRun) -> str:
    # The list is drawn now and then: what it says must stay true while a run goes on.
    status = "on its way" if run.on_its_way else run.status
    when = time.strftime("%d %b %H:%M", time.localtime(run.changed))
    return f"{run.name} · {status} · {when}"


def _actions(run: KeptRun) -> None:
    if run.on_its_way:
        if run.live == st.session_state["run"]:
            st.caption("This run is shown above.")
        else:
            st.button(
                "Watch", icon=":material/visibility:", on_click=session.watch, args=(run.live,)
            )
        if run.live is not None and run.alone and not running.owns(run.live):
            st.button(
                "Take over",
                icon=":material/back_hand:",
                on_click=running.take_over,
                args=(run.live,),
                help="If who started it has closed the page, you can steer it: pause, change and "
                "stop it.",
            )
        return
    with st.container(horizontal=True, key="train-actions"):
        if run.file is not None:
            for page, title in running.PAGES.items():
                st.button(
                    title,
                    key=f"kept-{page}",
                    icon=running.icon(page),
                    on_click=_open,
                    args=(run, page),
                )
        if run.status != "finished" and run.begun:
            st.button(
                "Resume",
                icon=":material/resume:",
                on_click=running.resume,
                args=(run.name,),
                help="Goes on exactly where the run was last saved.",
            )
        if run.file is not None:
            st.button(
                "Train further",
                icon=":material/fast_forward:",
                on_click=_further,
                args=(run,),
                help="Fills the form: a new run from this network's weights.",
            )
            st.download_button(
                "Download",
                run.file.read_bytes,  # read when it is clicked
                file_name=f"{run.name}.safetensors",
                mime="application/octet-stream",
                icon=":material/download:",
            )
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown(f"Delete **{run.name}** for good?")
            st.button("Delete it", type="primary", on_click=_delete, args=(run,))


def network_id(run: KeptRun) -> str:
    """Keep the network of a run among those that pages can open, and return its id.

    Raises
    ------
    ExplorerError
        If there is none, or it cannot be read or kept.
    """
    from explorer.errors import UnknownNetworkError
    from explorer.network.load import load_bytes
    from explorer.ui import cache

    if run.file is None:
        raise UnknownNetworkError(
            f"found no network of the run {run.name}; expected one that ended"
        )
    try:
        data = run.file.read_bytes()
    except OSError as problem:
        raise UnknownNetworkError(
            f"the network of the run {run.name} cannot be read ({problem.strerror})"
        ) from problem
    # Called as the run was, not as its file.
    return cache.keep_network(load_bytes(data, run.file.name, recorded_name=True))


def _open(run: KeptRun, page: str) -> None:
    try:
        running.open_on(page, network_id(run), run.name)
    except ExplorerError as problem:
        _complain(problem)


def _further(run: KeptRun) -> None:
    from explorer import store
    from explorer.ui.train.form_state import continue_from

    try:
        kept = network_id(run)
        session.remember_opened(kept, run.name)
        continue_from(str(store.home() / "networks" / f"{kept}.safetensors"))
    except ExplorerError as problem:
        _complain(problem)


def _delete(run: KeptRun) -> None:
    try:
        registry.delete_run(run.name)
    except ExplorerError as problem:
        _complain(problem)
        return
    if run.live is not None and run.live == st.session_state["run"]:
        session.watch(None)


def _complain(problem: ExplorerError) -> None:
    st.session_state["train_problem"] = f"{problem}."
