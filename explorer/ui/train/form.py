"""The form: a preset or one's own settings, and a button that starts the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.bundled import bundled_names
from explorer.ui.train import help_texts as said
from explorer.ui.train.presets import PRESETS
from explorer.ui.train.settings import FIELDS, to_config, to_form

if TYPE_CHECKING:
    from explorer.training.config import TrainingConfig

_PRESET = "train_preset"
_FIRST = "xor4"
_SCRATCH = ""  # start anew


def show_form(start: Callable[[TrainingConfig, bool], None]) -> None:
    """Draw the form.

    Parameters
    ----------
    start : callable
        Takes the settings, and whether the run goes on when the page is closed; called when they
        are in order.
    """
    _form(start)


def fill(settings: Mapping[str, Any]) -> None:
    """Put settings into the form; to be called before it is drawn, or in a callback."""
    state = st.session_state
    state["train_settings"] = dict(settings)
    # New widgets: what a browser still says of the old ones, if somebody presses the next button
    # before the page has answered, must not overwrite the new values.
    state["train_version"] = state.get("train_version", 0) + 1
    for name, value in to_form(settings).items():
        state[_key(name)] = value
    state["train_form"] = _values()


@st.fragment
def _form(start: Callable[[TrainingConfig, bool], None]) -> None:
    state = st.session_state
    if "train_form" not in state:
        fill(PRESETS[_FIRST].settings)
        state[_PRESET] = _FIRST
    _restore()
    st.pills(
        "What is worth seeing",
        list(PRESETS),
        key=_PRESET,
        format_func=lambda name: PRESETS[name].title,
        on_change=_take_preset,
        help="Fills in all settings below. Nothing starts before you say so.",
    )
    chosen = state.get(_PRESET)
    st.markdown(PRESETS[chosen].why if chosen else "Your own settings.")
    with st.expander("Settings", icon=":material/tune:"):
        _settings()
    left, right = st.columns([1, 3], vertical_alignment="center")
    pressed = left.button("Start training", type="primary", key="train_begin", width="stretch")
    go_on = right.checkbox("Go on when I close the page", key="train_go_on", help=said.GO_ON)
    state["train_form"] = _values()
    if pressed:
        _start(start, go_on)


def _start(start: Callable[[TrainingConfig, bool], None], go_on: bool) -> None:
    try:
        start(to_config(_values(), st.session_state["train_settings"]), go_on)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")


def _settings() -> None:
    from explorer.network.tasks import task, tasks
    from explorer.network.tasks.kept import TRAINABLE
    from explorer.network.tasks.registry import user_tasks
    from explorer.training.losses import MODULARITY_LOSSES

    own = user_tasks(TRAINABLE)
    chosen = st.session_state[_key("task")]
    names = [*tasks(), *own, *([] if chosen in (*tasks(), *own) else [chosen])]
    made = task(chosen)
    first, second, third = st.columns([2, 1, 1])
    first.selectbox(
        "Task",
        names,
        key=_key("task"),
        format_func=lambda name: own.get(name, name),
        on_change=_take_task,
        help=said.TASK,
    )
    first.caption(made.summary)
    second.selectbox(
        "Network",
        made.networks,
        key=_key("network"),
        format_func=str.upper,
        on_change=_own,
        help=said.NETWORK,
    )
    third.text_input(
        "Widths of hidden layers", key=_key("hidden"), help=said.HIDDEN, on_change=_own
    )
    if st.session_state[_key("network")] == "gpt":
        _gpt_settings()
    first, second, third, fourth = st.columns([2, 1, 1, 1])
    first.selectbox(
        "What makes it modular",
        list(MODULARITY_LOSSES),
        key=_key("loss"),
        format_func=lambda name: MODULARITY_LOSSES[name].title,
        on_change=_own,
        help=said.LOSS,
    )
    first.caption(MODULARITY_LOSSES[st.session_state[_key("loss")]].summary)
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
    first.selectbox("Gate", GATES, key=_key("gate"), help=said.GATE, on_change=_own)
    with second:
        _number("Residual width", "width", 8)
    with third:
        _number("Heads", "heads", 1)


def _number(label: str, name: str, step: float) -> None:
    whole = isinstance(step, int)
    st.number_input(
        label,
        key=_key(name),
        step=step,
        format="%d" if whole else "%g",
        help=getattr(said, name.upper()),
        on_change=_own,
    )


def _start_from() -> None:
    from explorer.ui.train.starts import is_offered, starts

    names = starts(bundled_names(), st.session_state["opened"])
    current = st.session_state[_key("start")]
    names.setdefault(current, current)
    st.selectbox(
        "Continue from",
        list(names),
        key=_key("start"),
        format_func=lambda name: names[name],
        on_change=_take_start,
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
        on_change=_take_file,
        help=said.FILE,
    )
    problem = st.session_state.pop("train_file_problem", None)
    if problem:
        st.error(problem, icon=":material/error:")


def _take_file() -> None:
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
        state["train_file_problem"] = f"{uploaded.name}: {problem}."
        return
    state["train_file_count"] = state.get("train_file_count", 0) + 1
    state[_key("task")] = made.name
    _take_task()


def _take_preset() -> None:
    chosen = st.session_state[_PRESET]
    if chosen is not None:
        fill(PRESETS[chosen].settings)


def _take_task() -> None:
    """Another task: take what suits it, keep the rest."""
    from explorer.network.tasks import task

    made = task(st.session_state[_key("task")])
    kept = {name: value for name, value in _values().items() if name not in ("hidden", "start")}
    fill(
        {
            **kept,
            "hidden": made.hidden,
            "network": made.networks[0],
            "gate": "none",
        }
    )
    _own()


def continue_from(start: str) -> None:
    """Fill the form so that a run goes on from a network (in a callback).

    Raises
    ------
    ExplorerError
        If the network cannot be continued.
    """
    from explorer.ui.train.starts import settings_of

    fill({**st.session_state["train_form"], **settings_of(start), "start": start})
    _own()


def _take_start() -> None:
    """A network to continue from brings its own task and widths."""
    chosen = st.session_state[_key("start")]
    if not chosen:
        _own()
        return
    try:
        continue_from(chosen)
    except ExplorerError as problem:
        st.session_state[_key("start")] = _SCRATCH
        st.session_state["train_file_problem"] = f"{problem}."


def _own() -> None:
    st.session_state[_PRESET] = None


def _values() -> dict[str, Any]:
    return {name: st.session_state.get(_key(name)) for name in FIELDS}


def _restore() -> None:
    """Streamlit forgets a widget's value when it is not drawn; the form does not."""
    state = st.session_state
    for name, value in state["train_form"].items():
        key = _key(name)
        state[key] = state[key] if state.get(key) is not None else value


def _key(name: str) -> str:
    return f"train_set_{name}_{st.session_state['train_version']}"
