"""The part of *Overview* where people open networks of their own."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session
from explorer.ui.opening.uploads import MAX_MEGABYTES, open_uploads

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

PATHS = "EXPLORER_ALLOW_PATHS"
_UPLOAD, _PLACE, _TASK, _PROBLEM = "upload", "place", "task_of_upload", "upload_problem"
_FORMATS = (
    "A file of weights (safetensors, PyTorch .pt/.pth/.bin, nanoGPT, GGUF, ONNX), or several that "
    "belong together (config.json, all parts of the weights, tokenizer.json)"
)
_LARGER = (
    "Larger, or in a folder? Type `explorer open PLACE` in a terminal on this computer, with a "
    "path or a Hugging Face id, and follow the link that it prints."
)
_SWITCH = (
    f"To type a place here instead, start the app with the environment variable {PATHS}=1. It is "
    "off by default, because everybody who reaches this page could then open any network on this "
    "computer."
)
_DATA = (".csv", ".tsv", ".txt", ".zip", ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
_WHERE_DATA = (
    " Data goes under *Activity on your data* on the page *Modules*, once a network of yours is "
    "open that reads it."
)


def show(network: Checkpoint) -> None:
    """Let people open networks of their own, and say where the one in view came from."""
    st.subheader("Open your own network")
    st.file_uploader(
        _FORMATS,
        key=_UPLOAD,
        on_change=_open_uploads,
        accept_multiple_files=True,
        max_upload_size=MAX_MEGABYTES,
        help=f"Up to {MAX_MEGABYTES} MB together. Nothing in a file is run. Files stay on the "
        "computer that serves this page.",
    )
    if os.environ.get(PATHS) == "1":
        st.text_input(
            "Path or Hugging Face id",
            key=_PLACE,
            on_change=_open_place,
            placeholder="/data/my-gpt or owner/name",
            help="A file, a folder, or an id of the hub; what is on this computer is taken first.",
        )
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem, icon=":material/error:")
    st.caption(_LARGER if os.environ.get(PATHS) == "1" else f"{_LARGER} {_SWITCH}")
    with st.expander("What can be opened"):
        _show_adapters()
    with st.expander("Where does the network in view come from?"):
        _show_origin(network)


def ask_for_task(network: Checkpoint) -> None:
    """Let people say what a network was trained to do, where a task known here fits it."""
    from explorer.network.tasks import task, tasks_that_fit

    fitting = tasks_that_fit(network.network)
    if not fitting:
        if network.network.reads == "numbers":
            st.info(
                "No task known here has this many inputs and outputs. What it does can be seen on "
                "data of your own: see *Activity on your data* on the page Modules.",
                icon=":material/info:",
            )
        return
    st.selectbox(
        "What was it trained to do?",
        fitting,
        index=None,
        key=_TASK,
        on_change=_take_task,
        args=(network,),
        format_func=lambda name: f"{name}: {task(name).summary}",
        placeholder="Choose a task to see accuracy, activations and ablations",
    )


def open_checkpoint(checkpoint: Checkpoint, name: str) -> None:
    """Keep a network and put it in view; say why where it cannot be kept.

    Parameters
    ----------
    checkpoint : Checkpoint
    name : str
        To be called by in the picker.
    """
    try:
        session.remember_opened(cache.keep_network(checkpoint), name)
        session.open_network(checkpoint.id)
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = f"{problem}."


def _show_adapters() -> None:
    from explorer.network.adapters import adapters

    rows = "\n".join(
        f"| {_cell(adapter.name)} | {_cell(adapter.needs)} |" for adapter in adapters()
    )
    st.markdown(f"| architecture | what its file must hold |\n|---|---|\n{rows}")
    st.caption(
        "Files are told apart by content, and the first architecture that recognises one opens it. "
        "Another one takes about 30 lines: see explorer/network/adapters/guide."
    )


def _show_origin(network: Checkpoint) -> None:
    from explorer.views.network_text import describe_origin

    st.markdown(describe_origin(network))
    if network.config:
        st.markdown("Trained with these settings:")
        st.code(json.dumps(dict(network.config), indent=1), language=None)
    else:
        st.markdown("The file does not say how it was trained.")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _open_uploads() -> None:
    files = st.session_state[_UPLOAD]
    if not files:
        return
    try:
        checkpoint, name = open_uploads([(file.name, file.getvalue()) for file in files])
    except ExplorerError as problem:
        is_data = all(file.name.lower().endswith(_DATA) for file in files)
        st.session_state[_PROBLEM] = f"{problem}.{_WHERE_DATA if is_data else ''}"
    else:
        open_checkpoint(checkpoint, name)


def _open_place() -> None:
    from explorer.network.load import load

    place = st.session_state[_PLACE].strip()
    if not place or os.environ.get(PATHS) != "1":
        return
    try:
        checkpoint = load(place)
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = f"{problem}."
    else:
        open_checkpoint(checkpoint, checkpoint.name)


def _take_task(network: Checkpoint) -> None:
    chosen = st.session_state[_TASK]
    if chosen is not None:
        open_checkpoint(network.with_task(chosen), f"{network.name} ({chosen})")
