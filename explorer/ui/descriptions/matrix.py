"""Can a language model tell the descriptions of a network apart? The contrastive matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui.descriptions.choice import ask_describer
from explorer.ui.descriptions.following import follow_job
from explorer.ui.descriptions.worker import need
from explorer.ui.elements import chart
from explorer.ui.view_state import View
from explorer.views.description_table_matrix import contrastive_chart, describe_matrix

if TYPE_CHECKING:
    from explorer.description.clients.base import Client
    from explorer.scoring.contrastive import Contrast
    from explorer.ui.descriptions.worker import Job

_INTRO = (
    "The doubt that this page starts from: does a language model find the right description more "
    "likely than those of other modules, given the evidence? It is asked for the probability of "
    "every text given the evidence of every module; what a text has anyway is taken off (pointwise "
    "mutual information, in nats: 1 nat is 2.7 times as likely)."
)
_MEASURED, _CURRENT = "Measured texts", "Texts by models and people, where there are any"


def show(view: View) -> None:
    """Ask for the matrix and show it."""
    st.markdown(_INTRO)
    parts = [m.name for m in cache.partition(view.network, view.edges, view.k).modules]
    if len(parts) < 2:
        st.info("It takes two modules or more to compare texts.", icon=":material/grid_off:")
        return
    left, right = st.columns(2)
    with left:
        choice = ask_describer("matrix")
    with right:
        which = st.radio("Texts", [_MEASURED, _CURRENT], key="matrix_texts")
        if choice.remote:
            st.caption("An endpoint does not tell how likely it finds a text; take a local model.")
    st.button(
        "Compare",
        key="matrix_compare",
        icon=":material/grid_on:",
        disabled=not choice.spec or choice.remote,
        on_click=_ask,
        args=(view, choice.spec, which == _CURRENT),
        help="About a second for every module once the model is ready.",
    )
    job = follow_job(_key(view), st.empty(), "Reading …")
    if job is not None and job.result is not None:
        _show(job.result)


def _show(found: Contrast) -> None:
    st.markdown(describe_matrix(found.matrix))
    chart(
        contrastive_chart(found.matrix, found.parts),
        "contrastive",
        "Which description is likeliest for which evidence; the sentence above sums it up",
    )
    st.caption(
        "A row is the evidence of a module, a column a description. Light is likelier, counted "
        "from the likeliest of the row, which has a dot. In a frame: the right description. All "
        "dots framed: every module is told from every other."
    )


def _ask(view: View, spec: str, current: bool) -> None:
    parts = [m.name for m in cache.partition(view.network, view.edges, view.k).modules]
    parts = parts[:17]
    try:
        facts = [text_cache.facts(view.network, view.edges, view.k, part) for part in parts]
        texts = [_text(view, part, current) for part in parts]
    except ExplorerError as problem:
        st.session_state["problem"] = str(problem)
        return

    def compare(client: Client | None, job: Job) -> Contrast:
        from explorer.scoring.contrastive import contrast

        model = need(client)
        return contrast(facts, texts, model, lambda done: job.say(f"{done:.0%} of the rows read"))

    text_cache.worker().ask(_key(view), spec, compare)


def _text(view: View, part: str, current: bool) -> str:
    other = text_cache.current(view.network, view.edges, view.k, part) if current else None
    if other is not None:
        return other.text
    return text_cache.measured(view.network, view.edges, view.k, part).text


def _key(view: View) -> str:
    return f"matrix {cache.partition(view.network, view.edges, view.k).id}"
