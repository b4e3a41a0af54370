"""Save the repaired network, fine-tune it, and compare what was tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session
from explorer.ui.intervention import results, tuning

if TYPE_CHECKING:
    from explorer.auditing.edits import Intervention
    from explorer.auditing.intervention import Figures
    from explorer.network.checkpoint import Checkpoint
    from explorer.network.tasks.planted.base import Planted

_TUNE = (
    "A few steps of plain training on examples that are known to be right mend what the "
    "intervention broke; neurons that were set to 0 or held stay so. **Fine-pruning** is the "
    "published rival (Liu, Dolan-Gavitt and Garg 2018): it sets the least active neurons of the "
    "last hidden layer to 0 as long as accuracy falls by no more than 4 points, then fine-tunes "
    "the same way."
)
_RATES = (3e-4, 1e-3, 3e-3, 1e-2)
_MOST_TRIED = 8


@dataclass(frozen=True)
class Tried:
    """A repair that was made in this visit.

    Attributes
    ----------
    title : str
    checkpoint : Checkpoint
    figures : Figures
    """

    title: str
    checkpoint: Checkpoint
    figures: Figures


def rerun_if_opened() -> None:
    """Draw the whole page anew once a network was put in view."""
    if st.session_state.pop("intervene_opened", False):
        st.rerun()


def show_saving(name: str, chosen: Intervention | None) -> None:
    """Offer the repaired network: to open and keep, or as a file."""
    from explorer.auditing.repairing import cannot_bake, repaired

    problem = st.session_state.pop("intervene_problem", None)
    if problem:
        st.error(problem, icon=":material/error:")
    if chosen is None:
        return
    network = cache.network(name)
    why = cannot_bake(network.network, chosen)
    if why:
        st.caption(f"This cannot be saved as a network: {why}.")
        return

    def content() -> bytes:
        return results.as_file(repaired(network, chosen))

    with st.container(horizontal=True, key="intervene-saving"):
        st.button(
            "Save as a new network",
            key="intervene_save",
            type="primary",
            icon=":material/save:",
            on_click=_save,
            args=(name, chosen),
            help="The change becomes part of its weights. The new network is kept on the computer "
            "that serves this page, with a record of what was done to which network, and opened.",
        )
        st.download_button(
            "Download it",
            content,
            file_name="repaired.safetensors",
            mime="application/octet-stream",
            icon=":material/download:",
            key="intervene_download",
            on_click="ignore",
        )


def show_tuning(name: str, chosen: Intervention | None, truth: Planted | None) -> None:
    """Offer fine-tuning and the published rival, and compare what was tried."""
    job = tuning.follow(name) if tuning.under_way(name) else None
    job = job or tuning.follow(name)
    if job is not None and job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    elif job is not None and job.result is not None:
        title = f"{job.title}, stopped" if job.stopping.is_set() else job.title
        found = Tried(title, job.result, results.measured(job.result, truth))
        st.session_state[_key(name)] = [*_tried(name), found][-_MOST_TRIED:]
    with st.expander(
        "Fine-tune on trusted examples, or fine-prune",
        icon=":material/healing:",
        expanded=bool(_tried(name)),
        key="intervene-tuning",
    ):
        st.caption(_TUNE)
        _ask(name, chosen)
        if _tried(name):
            _compare(name, truth)


def _ask(name: str, chosen: Intervention | None) -> None:
    task = cache.network(name).task
    assert task is not None
    most = len(task.split("validation") if task.trusted is None else task.trusted())
    columns = st.columns(3)
    examples = columns[0].slider(
        "Trusted examples",
        min(10, most - 1),
        most,
        min(200, most),
        key=f"intervene_examples_{most}",
        help="Examples whose labels are known to be right; the network was not trained on them.",
    )
    steps = columns[1].slider(
        "Steps", 20, 1_000, 200, 20, key="intervene_steps", help="Of Adam, each on 64 examples."
    )
    rate = columns[2].select_slider(
        "Learning rate",
        _RATES,
        1e-3,
        key="intervene_rate",
        format_func=lambda rate: f"{rate:g}",
        help="Larger ones forget more of what was planted, and more of the task.",
    )
    with st.container(horizontal=True):
        for title, kind, possible in (
            ("Intervene, then fine-tune", "tune", chosen is not None),
            ("Fine-prune", "prune", True),
        ):
            st.button(
                title,
                key=f"intervene_{kind}",
                icon=":material/play_arrow:",
                disabled=not possible,
                on_click=_start,
                args=(name, chosen if kind == "tune" else None, examples, steps, rate),
            )


def _start(name: str, chosen: Intervention | None, count: int, steps: int, rate: float) -> None:
    """Start fine-tuning behind an intervention, or fine-pruning where there is none."""
    network = cache.network(name)

    def make(progress: Any, stop: Any) -> Checkpoint:
        from explorer.auditing.fine_pruning import fine_prune
        from explorer.auditing.fine_tuning import fine_tune
        from explorer.auditing.repairing import repaired

        assert network.task is not None
        trusted = network.task.trusted_examples(count)
        rest: dict[str, Any] = {
            "steps": steps,
            "learning_rate": rate,
            "progress": progress,
            "stop": stop,
        }
        if chosen is None:
            return fine_prune(network, trusted, **rest)
        return fine_tune(repaired(network, chosen), trusted, **rest)

    if chosen is None:
        title = f"fine-pruned, {steps} steps on {count} examples"
    else:
        count_of = len(chosen.nodes)
        what = f"{count_of} neuron{'s' if count_of > 1 else ''}, {chosen.kind}"
        title = f"{what}, then {steps} steps on {count} examples"
    tuning.start(name, title, make)


def _compare(name: str, truth: Planted | None) -> None:
    import pandas as pd

    st.markdown("##### What was tried")
    tried = _tried(name)
    before = results.measured(cache.network(name), truth)
    rows = [("as it is", before), *((one.title, one.figures) for one in tried)]
    table: dict[str, list[str]] = {"repair": [title for title, _ in rows]}
    if truth is not None:
        table[results.success_title(truth)] = [f"{f.success or 0:.1%}" for _, f in rows]
    table["clean accuracy"] = [f"{f.accuracy:.1%}" for _, f in rows]
    table["cross-entropy"] = [f"{f.loss:.3f}" for _, f in rows]
    st.table(pd.DataFrame(table).set_index("repair"))
    chosen = tried[-1]
    if len(tried) > 1:
        at = st.selectbox(
            "Which one to keep",
            range(len(tried)),
            index=len(tried) - 1,
            key=f"intervene_keep_{len(tried)}",
            format_func=lambda at: tried[at].title,
        )
        chosen = tried[at]
    with st.container(horizontal=True):
        st.button(
            "Save and open it",
            key="intervene_open",
            icon=":material/save:",
            on_click=open_made,
            args=(name, chosen.checkpoint),
        )
        st.download_button(
            "Download",
            lambda: results.as_file(chosen.checkpoint),
            file_name="repaired.safetensors",
            mime="application/octet-stream",
            icon=":material/download:",
            key="intervene_download_tuned",
            on_click="ignore",
        )


def _save(name: str, chosen: Intervention) -> None:
    from explorer.auditing.repairing import repaired

    try:
        made = repaired(cache.network(name), chosen)
    except ExplorerError as problem:
        st.session_state["intervene_problem"] = f"{problem}."
        return
    open_made(name, made)


def open_made(name: str, made: Checkpoint) -> None:
    """Keep a repaired network and put it in view (a callback)."""
    try:
        cache.keep_network(cache.network(name))  # so that the way back stays open
        kept = cache.keep_network(made)
    except ExplorerError as problem:
        st.session_state["intervene_problem"] = f"{problem}."
        return
    session.remember_opened(kept, made.name)
    session.open_network(kept)
    st.session_state["intervene_opened"] = True


def _key(name: str) -> str:
    return f"intervene_tried_{name}"


def _tried(name: str) -> list[Tried]:
    found: list[Tried] = st.session_state.get(_key(name), [])
    return found
