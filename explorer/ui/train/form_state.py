"""What the form holds, from one run of the page to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import session
from explorer.ui.train.presets import PRESETS
from explorer.ui.train.settings import FIELDS, to_form
from explorer.views.markdown import plain_markdown

PRESET = "train_preset"  # key of the widget
FIRST = "xor4"
SCRATCH = ""  # start anew


def fill(settings: Mapping[str, Any]) -> None:
    """Put settings into the form; to be called before it is drawn, or in a callback."""
    state = st.session_state
    state["train_settings"] = dict(settings)
    # New widgets: what a browser still says of the old ones, if somebody presses the next button
    # before the page has answered, must not overwrite the new values.
    state["train_version"] = state.get("train_version", 0) + 1
    for name, value in to_form(settings).items():
        state[widget_key(name)] = value
    state["train_form"] = form_values()


def take_file() -> None:
    """A file of somebody's own becomes the task (a callback)."""
    from explorer.network.tasks import task_from_csv, task_from_text
    from explorer.network.tasks.registry import register

    state = st.session_state
    uploaded = state[f"train_file_{state.get('train_file_count', 0)}"]
    if uploaded is None:
        return
    data = uploaded.getvalue()
    make = task_from_csv if uploaded.name.lower().endswith(".csv") else task_from_text
    try:
        made = register(make(data, uploaded.name), data)
    except ExplorerError as problem:
        state["train_file_problem"] = plain_markdown(f"{uploaded.name}: {problem}.")
        return
    state["train_file_count"] = state.get("train_file_count", 0) + 1
    state[widget_key("task")] = made.name
    take_task()


def take_preset() -> None:
    """Fill in the preset that was chosen (a callback)."""
    chosen = st.session_state[PRESET]
    if chosen is not None:
        fill(PRESETS[chosen].settings)


def take_task() -> None:
    """Another task: take what suits it, keep the rest."""
    from explorer.network.tasks import task

    try:
        made = task(st.session_state[widget_key("task")])
    except ExplorerError:
        return  # said when the form is drawn
    kept = {name: value for name, value in form_values().items() if name not in ("hidden", "start")}
    fill(
        {
            **kept,
            "hidden": made.hidden,
            "network": made.networks[0],
            "gate": "none",
        }
    )
    take_own()


def replace_missing_task() -> str | None:
    """Put the first preset into a form whose task cannot be read any more; say so."""
    from explorer.network.tasks import task

    try:
        task(st.session_state[widget_key("task")])
    except ExplorerError as problem:
        fill(PRESETS[FIRST].settings)
        st.session_state[PRESET] = FIRST
        return plain_markdown(f"The task cannot be read any more: {problem}.")
    return None


def continue_from(start: str) -> None:
    """Fill the form so that a run goes on from a network (in a callback).

    Raises
    ------
    ExplorerError
        If the network cannot be continued.
    """
    from explorer.ui.train.starts import settings_of

    fill({**st.session_state["train_form"], **settings_of(start), "start": start})
    take_own()


def take_start() -> None:
    """A network to continue from brings its own task and widths."""
    chosen = st.session_state[widget_key("start")]
    if not chosen:
        take_own()
        return
    try:
        continue_from(chosen)
    except ExplorerError as problem:
        st.session_state[widget_key("start")] = SCRATCH
        st.session_state["train_file_problem"] = f"{problem}."


def take_own(name: str = "") -> None:
    """The settings are somebody's own; one that was set by hand stays as it was set."""
    state = st.session_state
    state[PRESET] = None
    behind = state["train_settings"]
    changes = tuple(change for change in behind.get("changes", ()) if change[1] != name)
    state["train_settings"] = {**behind, "changes": changes}


def form_values() -> dict[str, Any]:
    """Values of all fields, as ``to_form`` gives them."""
    return {name: st.session_state.get(widget_key(name)) for name in FIELDS}


def restore_form() -> None:
    """Streamlit forgets a widget's value when it is not drawn; the form does not."""
    for name, value in st.session_state["train_form"].items():
        known = st.session_state.get(widget_key(name))
        session.put(widget_key(name), value if known is None else known)


def widget_key(name: str) -> str:
    """Key of the widget of a field."""
    return f"train_set_{name}_{st.session_state['train_version']}"
