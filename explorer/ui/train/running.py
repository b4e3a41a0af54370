"""The run in view: started, drawn, and where to go when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import session
from explorer.ui.live import registry
from explorer.ui.live.routes import is_served, socket_path
from explorer.ui.train.component import show_live_run

if TYPE_CHECKING:
    from explorer.training.config import TrainingConfig
    from explorer.ui.live.run import LiveRun

PAGES = {"overview": "Overview", "modules": "Modules", "cut_tree": "Cut tree", "ability": "Ability"}
_ICONS = {
    "overview": "home",
    "modules": "hub",
    "cut_tree": "account_tree",
    "ability": "healing",
}


def start(config: TrainingConfig, go_on: bool) -> None:
    """Start a run and put it in view.

    Raises
    ------
    ExplorerError
        If the settings make no network, or no run can be started.
    """
    from explorer.training.loop import Training

    Training(config)  # what cannot be made is said here, not by another process
    run, owner = registry.start_run(config, _name(config), go_on)
    _take(run, owner)
    st.rerun()


def resume(name: str) -> None:
    """Go on with a run that was stopped (a callback)."""
    try:
        _take(*registry.resume_run(name))
    except ExplorerError as problem:
        st.session_state["train_problem"] = f"{problem}."


def take_over(run: str) -> None:
    """Steer a run whose owner has closed the page (a callback)."""
    try:
        _take(run, registry.take_over(run))
    except ExplorerError as problem:
        st.session_state["train_problem"] = f"{problem}."


def show_run(run: str | None) -> None:
    """Draw the run in view, or say how to get one."""
    problem = st.session_state.pop("train_problem", None)
    if problem:
        st.error(problem, icon=":material/error:")
    if is_served():
        registry.prepare()
    if run is None:
        st.info(
            "No run is in view. Press **Start training** above, or open one of the runs below.",
            icon=":material/play_circle:",
        )
        return
    found = registry.find(run)
    if found is None:
        st.warning(
            "The run of this link is not on this server any more: it was started before the server "
            "was, or many runs ago. If it was kept, it is in the list below.",
            icon=":material/link_off:",
        )
        return
    st.caption(_warning())
    ended = show_live_run(run, socket_path(), _owners().get(run))
    if ended is not None and ended.network is not None:
        session.remember_opened(ended.network, found.name)
    if found.ended:
        _after(found)


def open_buttons(key: str, network: str, name: str) -> None:
    """Draw a button for every page that shows a network."""
    for column, (page, title) in zip(st.columns(len(PAGES)), PAGES.items(), strict=True):
        column.button(
            f"Open in {title}",
            key=f"{key}-{page}",
            icon=icon(page),
            width="stretch",
            on_click=open_on,
            args=(page, network, name),
        )


def icon(page: str) -> str:
    """Return the sign of a page."""
    return f":material/{_ICONS[page]}:"


def open_on(page: str, network: str, name: str) -> None:
    """Put a network in view and leave for a page (a callback)."""
    session.remember_opened(network, name)
    session.open_network(network)
    st.session_state["train_leave_for"] = page


def leave_if_asked() -> None:
    """Leave for the page that a button named."""
    page = st.session_state.pop("train_leave_for", None)
    if page is not None:
        st.switch_page(st.session_state[f"{page}_page"], query_params=session.view().to_query())


def owns(run: str) -> bool:
    """Tell whether this visitor started a run."""
    return run in _owners()


def _warning() -> str:
    """Return what is said above the sliders of a run."""
    from explorer.auditing.results import measured_results
    from explorer.views.shortcut_warning import shortcut_warning

    try:
        return shortcut_warning(measured_results("report"))
    except ExplorerError:  # a damaged file: the run is what matters here
        return shortcut_warning(())


def _after(run: LiveRun) -> None:
    if run.network is None:
        kept = (run.folder / "settings.toml").is_file()
        st.caption(
            "The pages have no copy of this run's network. What was kept of it is in the list of "
            "runs below."
            if kept
            else "Nothing of this run was kept."
        )
        return
    with st.container(key="train-ended"):
        st.markdown(f"**{run.name}** has ended and its network is kept. Look at it:")
        open_buttons("ended", run.network, run.name)


def _take(run: str, owner: str) -> None:
    _owners()[run] = owner
    session.watch(run)
    found = registry.find(run)
    if found is not None:
        st.session_state["train_choose"] = found.name  # in the list below


def _owners() -> dict[str, str]:
    owners: dict[str, str] = st.session_state.setdefault("train_owners", {})
    return owners


def _name(config: TrainingConfig) -> str:
    preset: Any = st.session_state.get("train_preset")
    return preset or f"{config.task}-{config.network}"
