"""The section *Activity on your data*: a text, pictures or a table for an opened network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.network.checkpoint import Checkpoint
    from explorer.network.tasks import Task
    from explorer.ui.view_state import View

_BUILT_IN, _TYPED, _FILE = "Built-in text", "Your own words", "A text file"
_PROBLEM = "samples_problem"
_TOKENS = (
    "Run the network on a text, to see where in it every module, head and neuron is at work. It is "
    "cut into snippets of 64 tokens, 500 at most; 200 of them are looked at."
)
_NUMBERS = (
    "Run the network on pictures or on the rows of a table, to see on which of them every module "
    "and neuron is active. Without right answers in them, what is lost without a part is the share "
    "of the network's own answers that change."
)
_PICTURES_HELP = (
    "A zip file of pictures; each is brought to the size that the network reads. Folders in it are "
    "taken as classes if there are as many as the network has outputs."
)
_ROWS_HELP = (
    "A CSV file with a column for every input, in their order and as they went in when the network "
    "was trained; one more column is taken as the right answer."
)


def show(view: View) -> None:
    """Offer to run an opened network on data, or say what it was run on."""
    network = cache.network(view.network)
    if network.task is not None and not network.task.opened:
        return  # it has the data of its own task
    title = "Activity on your data"
    if network.task is not None:
        title += f": {network.task.title}"
    with st.expander(title, expanded=network.task is None, icon=":material/play_circle:"):
        if network.task is not None:
            st.markdown(f"{network.task.summary} Choose other data below.")
        st.caption(_TOKENS if network.network.reads == "tokens" else _NUMBERS)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem:
            st.error(problem, icon=":material/error:")
        if network.network.reads == "tokens":
            _ask_for_text(view, network)
        else:
            _ask_for_numbers(view, network)


def _ask_for_text(view: View, network: Checkpoint) -> None:
    from explorer.network.tasks.samples import BUILT_IN

    if network.origin is None or network.origin.tokenizer is None:
        st.info(
            "No tokenizer came with this network, so texts cannot be cut into what it reads. Open "
            "it with its tokenizer.json beside the weights.",
            icon=":material/info:",
        )
        return
    kind = st.segmented_control(
        "Which text?",
        (_BUILT_IN, _TYPED, _FILE),
        default=_BUILT_IN,
        key="samples_kind",
        required=True,
    )
    words, uploaded = "", None
    if kind == _BUILT_IN:
        st.caption(f"The {BUILT_IN}, which comes with this program.")
    elif kind == _TYPED:
        words = st.text_area(
            "Your words",
            key="samples_words",
            placeholder="Type or paste at least a few paragraphs: 100 tokens or more.",
        )
    else:
        uploaded = st.file_uploader(
            "A text file in UTF-8", key="samples_text", max_upload_size=_TEXT_MEGABYTES
        )
    st.button(
        "Run it on this text",
        key="samples_run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=(kind == _TYPED and not words.strip()) or (kind == _FILE and uploaded is None),
        on_click=_take_text,
        args=(view, network, kind),
    )


def _ask_for_numbers(view: View, network: Checkpoint) -> None:
    left, right = st.columns(2)
    with left:
        pictures = st.file_uploader(
            "Pictures (zip)", key="samples_pictures", type=["zip"], help=_PICTURES_HELP
        )
    with right:
        rows = st.file_uploader(
            "A table (CSV)", key="samples_rows", type=["csv", "tsv", "txt"], help=_ROWS_HELP
        )
    st.button(
        "Run it on them",
        key="samples_run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=(pictures is None) == (rows is None),
        on_click=_take_numbers,
        args=(view, network),
        help="Give it pictures or a table, not both.",
    )


_TEXT_MEGABYTES = 20


def _take_text(view: View, network: Checkpoint, kind: str) -> None:
    from explorer.network.tasks.samples import task_from_texts

    state = st.session_state
    uploaded: Any = state.get("samples_text")

    def make() -> Task:
        if kind == _BUILT_IN:
            return task_from_texts(None, network)
        if kind == _TYPED:
            words: str = state["samples_words"]
            return task_from_texts(words.encode(), network, "your words")
        return task_from_texts(uploaded.getvalue(), network, uploaded.name)

    _take(view, network, make)


def _take_numbers(view: View, network: Checkpoint) -> None:
    from explorer.network.tasks.samples import task_from_pictures, task_from_rows

    state = st.session_state
    pictures, rows = state.get("samples_pictures"), state.get("samples_rows")

    def make() -> Task:
        if pictures is not None:
            return task_from_pictures(pictures.getvalue(), network, pictures.name)
        given: Any = rows
        return task_from_rows(given.getvalue(), network, given.name)

    _take(view, network, make)


def _take(view: View, network: Checkpoint, make: Callable[[], Task]) -> None:
    """Make a task of the data, and put the network with it in view."""
    try:
        made = make()
        named = network.with_task(made.name)
        session.remember_opened(cache.keep_network(named), session.title_of(named))
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = f"{problem}."
        return
    session.put_in_view(replace(view, network=named.id))
    cache.same_modules(view.network, named.id, view.edges, view.k)
