"""The form: a preset or one's own settings, and a button that starts the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.bundled import bundled_names
from explorer.ui.train import help_texts as said
from explorer.ui.train.form_state import (
    FIRST,
    PRESET,
    fill,
    form_values,
    replace_missing_task,
    restore_form,
    take_file,
    take_own,
    take_preset,
    take_start,
    take_task,
    widget_key,
)
from explorer.ui.train.presets import PRESETS
from explorer.ui.train.settings import settings_behind, to_config
from explorer.views.markdown import plain_markdown

if TYPE_CHECKING:
    from explorer.training.config import TrainingConfig


def show_form(start: Callable[[TrainingConfig, bool], None]) -> None:
    """Draw the form.

    Parameters
    ----------
    start : callable
        Takes the settings, and whether the run goes on when the page is closed; called when they
        are in order.
    """
    _form(start)


@st.fragment
def _form(start: Callable[[TrainingConfig, bool], None]) -> None:
    state = st.session_state
    if "train_form" not in state:
        fill(PRESETS[FIRST].settings)
        state[PRESET] = FIRST
    restore_form()
    problem = replace_missing_task() or state.pop("train_file_problem", None)
    if problem:
        st.error(problem, icon=":material/error:")
    st.pills(
        "What is worth seeing",
        list(PRESETS),
        key=PRESET,
        format_func=lambda name: PRESETS[name].title,
        on_change=take_preset,
        help="Fills in all settings below. Nothing starts before you say so.",
    )
    chosen = state.get(PRESET)
    st.markdown(PRESETS[chosen].why if chosen else "Your own settings.")
    with st.expander("Settings", icon=":material/tune:"):
        _settings()
    left, right = st.columns([1, 3], vertical_alignment="center")
    pressed = left.button("Start training", type="primary", key="train_begin", width="stretch")
    state.setdefault("train_go_on", state.get("train_goes_on", False))
    go_on = right.checkbox("Go on when I close the page", key="train_go_on", help=said.GO_ON)
    state["train_form"], state["train_goes_on"] = form_values(), go_on
    if pressed:
        _start(start, go_on)


def _start(start: Callable[[TrainingConfig, bool], None], go_on: bool) -> None:
    try:
        start(to_config(form_values(), st.session_state["train_settings"]), go_on)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")


def _settings() -> None:
    from explorer.network.tasks import task, tasks
    from explorer.network.tasks.kept import TRAINABLE
    from explorer.network.tasks.registry import user_tasks
    from explorer.training.losses import MODULARITY_LOSSES

    own = user_tasks(TRAINABLE)
    chosen = st.session_state[widget_key("task")]
    names = [*tasks(), *own, *([] if chosen in (*tasks(), *own) else [chosen])]
    made = task(chosen)
    first, second, third = st.columns([2, 1, 1])
    first.selectbox(
        "Task",
        names,
        key=widget_key("task"),
        format_func=lambda name: own.get(name, name),
        on_change=take_task,
        help=said.TASK,
    )
    first.caption(plain_markdown(made.summary))
    second.selectbox(
        "Network",
        made.networks,
        key=widget_key("network"),
        format_func=str.upper,
        on_change=take_own,
        help=said.NETWORK,
    )
    third.text_input(
        "Widths of hidden layers", key=widget_key("hidden"), help=said.HIDDEN, on_change=take_own
    )
    if st.session_state[widget_key("network")] == "gpt":
        _gpt_settings()
    first, second, third, fourth = st.columns([2, 1, 1, 1])
    first.selectbox(
        "What makes it modular",
        list(MODULARITY_LOSSES),
        key=widget_key("loss"),
        format_func=lambda name: MODULARITY_LOSSES[name].title,
        on_change=take_own,
        help=said.LOSS,
    )
    first.caption(MODULARITY_LOSSES[st.session_state[widget_key("loss")]].summary)
    with second:
        _number("Modularity λ", "modularity_coefficient", 0.1)
    with third:
        _number("L1 μ", "l1_coefficient", 1e-4)
        _number("Fewer features ν", "polysemanticity_coefficient", 0.1)
    with fourth:
        _number("Modules", "module_count", 1)
    for column, (label, name, step) in zip(
        st.columns(4),
        (
            ("Steps", "steps", 1_000),
            ("Learning rate", "learning_rate", 1e-3),
            ("Batch size", "batch_size", 32),
            ("Seed", "seed", 1),
        ),
        strict=True,
    ):
        with column:
            _number(label, name, step)
    _spare()
    behind = settings_behind(st.session_state["train_settings"])
    if behind:
        st.caption(f"Set by the preset, without a field here: {behind}.")
    _start_from()
    _own_file()


def _spare() -> None:
    first, second, third = st.columns([1, 1, 2])
    with first:
        _number("Spare neurons", "spare", 1)
    with second:
        _number("Trusted examples", "trusted", 10)
    third.caption(said.SPARE_WHY)


def _gpt_settings() -> None:
    from explorer.training.config import GATES

    first, second, third = st.columns([2, 1, 1])
    first.selectbox("Gate", GATES, key=widget_key("gate"), help=said.GATE, on_change=take_own)
    with second:
        _number("Residual width", "width", 8)
    with third:
        _number("Heads", "heads", 1)


def _number(label: str, name: str, step: float) -> None:
    whole = isinstance(step, int)
    st.number_input(
        label,
        key=widget_key(name),
        step=step,
        format="%d" if whole else "%g",
        help=getattr(said, name.upper()),
        on_change=take_own,
        args=(name,),
    )


def _start_from() -> None:
    from explorer.ui.train.starts import is_offered, starts

    names = starts(bundled_names(), st.session_state["opened"])
    current = st.session_state[widget_key("start")]
    names.setdefault(current, current)
    st.selectbox(
        "Continue from",
        list(names),
        key=widget_key("start"),
        format_func=lambda name: names[name],
        on_change=take_start,
        help=said.START,
    )
    if not is_offered(st.session_state["network"], names):
        st.caption(said.LARGE)


def _own_file() -> None:
    kind = st.session_state.get("train_file_count", 0)  # a new key empties the uploader
    st.file_uploader(
        "Or a file of your own to learn: a table (.csv) or a text (.txt, .md)",
        type=["csv", "txt", "md"],
        key=f"train_file_{kind}",
        on_change=take_file,
        help=said.FILE,
    )
