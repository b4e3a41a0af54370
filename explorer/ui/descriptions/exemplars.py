"""Exemplars: good texts that language models are shown, and whether they raise the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui.descriptions.asking import facts_text, filled_up
from explorer.ui.descriptions.author import ask_author, author
from explorer.ui.descriptions.choice import ask_describer
from explorer.ui.descriptions.following import follow_job
from explorer.ui.descriptions.worker import need
from explorer.ui.view_state import View
from explorer.views.description_table import exemplar_table

if TYPE_CHECKING:
    from explorer.description.clients.base import Client
    from explorer.description.exemplars import Exemplar
    from explorer.scoring.scores import Scores
    from explorer.ui.descriptions.worker import Job

_INTRO = (
    "A language model is shown three examples of figures with a good text before it writes. By "
    "default they are built in. Texts that people wrote here or accepted on other networks of the "
    "same task take their place: the newest first."
)
_PROBLEM = "exemplar_problem"


def show(view: View) -> None:
    """List the exemplars of the task in view, take new ones, compare the scores."""
    st.markdown(_INTRO)
    task = cache.network(view.network).task_name
    if task is None:
        st.info("The network's task is not known, so there is nothing to show as an example.")
        return
    try:
        used = _used(view, task)
        written = text_cache.exemplars().list(task)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    st.markdown("##### Shown to a model that describes this network")
    if used:
        st.table(
            pd.DataFrame([{"figures": one.facts_text, "text": one.text} for one in used]).set_index(
                "text"
            )
        )
    else:
        st.caption("The three that are built in: nobody wrote one or accepted a text elsewhere.")
    _show_writing(view, task)
    if written:
        names = {one.id: f"{one.text} ({one.author})" for one in written}
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        chosen = left.selectbox("Written by people", list(names), format_func=names.__getitem__)
        right.button("No longer use it", on_click=_withdraw, args=(chosen,), width="stretch")
    said = st.session_state.pop(_PROBLEM, None)
    if said:
        st.error(f"{said}.", icon=":material/error:")
    _show_comparison(view, task, used)


def _used(view: View, task: str) -> tuple[Exemplar, ...]:
    return text_cache.exemplars().choose(task, leave_out=cache.network(view.network).id)


def _show_writing(view: View, task: str) -> None:
    with st.expander("Write an exemplar", icon=":material/edit:"):
        parts = text_cache.part_names(view.network, view.edges, view.k)
        part = st.selectbox(
            "Figures of",
            parts,
            key="exemplar_part",
            help="The module or interface whose figures the example shows.",
        )
        given = facts_text(text_cache.facts(view.network, view.edges, view.k, part))
        st.code(given, language=None, wrap_lines=True)
        text = st.text_input(
            "A good text for these figures",
            key="exemplar_text",
            max_chars=200,
            help="In at most 20 words. A model imitates the form: say first what it is active on.",
        )
        ask_author("author_exemplar")
        st.button(
            "Add it",
            key="exemplar_add",
            icon=":material/add:",
            on_click=_add,
            args=(task, given, text),
        )


def _show_comparison(view: View, task: str, used: tuple[Exemplar, ...]) -> None:
    st.markdown("##### Do they raise the scores?")
    if not used:
        st.caption("There are none of people's yet to compare with the built-in ones.")
        return
    choice = ask_describer("exemplars")
    st.button(
        "Compare",
        key="exemplars_compare",
        icon=":material/compare_arrows:",
        disabled=not choice.spec,
        on_click=_compare,
        args=(view, choice.spec, used),
        help="Describes every module twice, once with each set of examples, and scores both.",
    )
    job = follow_job(_key(view), st.empty(), "Describing …")
    if job is not None and job.result is not None:
        st.dataframe(exemplar_table(job.result), hide_index=True, placeholder="–")
        st.caption(
            "Means over modules, on unseen data. With few modules a difference of some hundredths "
            "is no evidence."
        )


def _compare(view: View, spec: str, used: tuple[Exemplar, ...]) -> None:
    from explorer.description.describer import describe

    parts = [m.name for m in cache.partition(view.network, view.edges, view.k).modules]
    facts = [text_cache.facts(view.network, view.edges, view.k, part) for part in parts]

    def compare(client: Client | None, job: Job) -> dict[str, list[Scores]]:
        model = need(client)
        found: dict[str, list[Scores]] = {"built-in exemplars": [], "people's exemplars": []}
        for at, (part, given) in enumerate(zip(parts, facts, strict=True)):
            for title, shown in zip(found, ((), used), strict=True):
                job.say(f"Module {part}, {at + 1} of {len(parts)}, with {title}")
                text = describe(given, model, filled_up(shown, given)).text
                found[title].append(text_cache.scores(view.network, view.edges, view.k, part, text))
        return found

    text_cache.worker().ask(_key(view), spec, compare)


def _add(task: str, given: str, text: str) -> None:
    try:
        text_cache.exemplars().add(task, given, text, author=author())
        st.session_state["exemplar_text"] = ""
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = str(problem)


def _withdraw(exemplar: str) -> None:
    try:
        text_cache.exemplars().withdraw(exemplar)
    except ExplorerError as problem:
        st.session_state[_PROBLEM] = str(problem)


def _key(view: View) -> str:
    return f"exemplars {cache.partition(view.network, view.edges, view.k).id}"
