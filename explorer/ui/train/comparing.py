"""Two trained networks side by side."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.network.bundled import bundled_names
from explorer.ui.compare import show_pair
from explorer.ui.train.kept import KeptRun, kept_runs, network_id
from explorer.ui.view_state import View


def show_comparison() -> None:
    """Let people choose two networks, and draw both."""
    runs = {run.name: run for run in kept_runs() if run.file is not None and not run.on_its_way}
    if not runs:
        return
    st.subheader("Compare")
    if not st.toggle("Compare a run with another network", key="train_compare"):
        return
    left, right = st.columns(2, gap="medium")
    first = left.selectbox("One run", list(runs), key="train_first")
    bundled = [f"bundled: {name}" for name in bundled_names()]
    others = [*(name for name in runs if name != first), *bundled]
    task = runs[first].task
    others.sort(key=lambda name: not _does(name, task, runs))  # those that can be matched first
    second = right.selectbox("with", others, key="train_second")
    try:
        show_pair(View(_id(first, runs)), _id(second, runs), key="train-compare")
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")


def _does(name: str, task: str, runs: dict[str, KeptRun]) -> bool:
    bundled = name.removeprefix("bundled: ")
    return runs[name].task == task if name in runs else bundled.rpartition("-")[0] == task


def _id(name: str, runs: dict[str, KeptRun]) -> str:
    return network_id(runs[name]) if name in runs else name.removeprefix("bundled: ")
