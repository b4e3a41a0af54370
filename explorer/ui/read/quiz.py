"""Ask whose description it is, count the answers, and let a language model answer too."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui import found as evidence_of
from explorer.ui.descriptions.author import ask_author, author
from explorer.ui.read import model_reader, questions
from explorer.ui.read.evidence import show_evidence
from explorer.ui.view_state import View
from explorer.views.palette import module_color
from explorer.views.quiz import describe_hits, rate_bar, verdict

if TYPE_CHECKING:
    from explorer.curation.answers import Answer
    from explorer.observation.record import ModuleEvidence
    from explorer.views.quiz import Question

_INTRO = (
    "Small networks are said to be readable. Here that is measured: look at what one module reads "
    "and does, then say which of four descriptions is its own. The other three are right, too, but "
    "of other modules."
)
_FEW = (
    "This network has too few modules with descriptions that differ, and so have the networks like "
    "it. Pick another network, or a larger number of modules, on the left."
)
_UNSEEN = (
    "The network's task is not known, so there is no data to see its modules at work on: choose "
    "another network."
)


def show(view: View) -> None:
    """Show a question, take an answer, and show how often people and models are right."""
    st.markdown(_INTRO)
    texts = questions.texts_of(view)
    asked = _question(view, texts)
    unseen = cache.network(view.network).task is None
    if asked is None or unseen:
        st.info(_UNSEEN if asked and unseen else _FEW, icon=":material/quiz:")
        _show_rates(view)
        return
    left, right = st.columns([3, 2], gap="large")
    found: Any = evidence_of.part_evidence(view.network, view.edges, view.k, asked.part)
    with right:
        _show_question(view, asked, texts)
        _show_rates(view)
    with left:
        _show_left(view, found)


def _show_left(view: View, found: ModuleEvidence) -> None:
    st.markdown("#### The evidence of one module")
    show_evidence(cache.network(view.network), found)


def _question(view: View, texts: dict[str, str]) -> Question | None:
    """Return the question that stands until the next is asked for."""
    from explorer.views.quiz import make_question

    state = st.session_state
    network = cache.partition(view.network, view.edges, view.k).id
    held = state.get("quiz_question")
    if held is not None and held.network == network:
        question: Question = held
        return question
    turn = state.setdefault("quiz_turn", 0)
    order = _order(network, list(texts))
    known = {answer.place.part for answer in _answers(view) if answer.who == _reader()}
    open_ = [part for part in order if part not in known] or order
    for part in open_ + order:
        foils = questions.foils_of(view) if len(set(texts.values())) < questions.ENOUGH else {}
        made = make_question(network, part, texts, foils, turn)
        if made is not None:
            state["quiz_question"], state["quiz_answer"] = made, None
            return made
    return None


def _order(network: str, parts: list[str]) -> list[str]:
    """Mix the parts, otherwise for every visitor."""
    seed = int.from_bytes(f"{network}{_reader()}".encode(), "big")
    mixed: list[str] = np.random.default_rng(seed).permutation(parts).tolist()
    turn = st.session_state.get("quiz_turn", 0) % max(1, len(parts))
    return mixed[turn:] + mixed[:turn]


def _show_question(view: View, asked: Question, texts: dict[str, str]) -> None:
    st.markdown("#### Which description is its own?")
    answer: int | None = st.session_state.get("quiz_answer")
    chosen = st.radio(
        "Descriptions",
        range(len(asked.options)),
        index=None,
        key=f"quiz_{asked.id}_{st.session_state['quiz_turn']}",
        format_func=lambda at: questions.plain(asked.options[at]),
        disabled=answer is not None,
        help="Each says on what its module is active, what it reads or what it is needed for. "
        "Points are percentage points of accuracy, lost without it.",
    )
    if answer is None:
        st.button(
            "Answer",
            key="quiz_submit",
            type="primary",
            icon=":material/check:",
            disabled=chosen is None,
            on_click=_take,
            args=(view, asked, chosen),
        )
    else:
        _show_feedback(asked, answer, texts)
    problem = st.session_state.pop("quiz_problem", None)
    if problem:
        st.error(f"Your answer is not kept: {problem}.", icon=":material/error:")


def _show_feedback(asked: Question, answer: int, texts: dict[str, str]) -> None:
    owners = {text: part for part, text in texts.items()}
    if answer == asked.right:
        st.success(f"Right: it is module {asked.part}.", icon=":material/check_circle:")
    else:
        other = owners.get(asked.options[answer])
        whose = f"module {other}" if other else "a module of another network"
        st.warning(
            f"That describes {whose}. This is module {asked.part}: "
            f"{questions.plain(asked.options[asked.right])}",
            icon=":material/cancel:",
        )
    st.button(
        "Next question",
        key="quiz_next",
        type="primary",
        icon=":material/arrow_forward:",
        on_click=_next,
    )


def _show_rates(view: View) -> None:
    from explorer.curation.answers import hit_rates

    st.markdown("#### How often are readers right?")
    try:
        answers = text_cache.answers().list(cache.network(view.network).id)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    own = [answer for answer in answers if answer.who == _reader()]
    if not answers:
        st.caption("No answer about this network yet. Guessing gives 25%.")
    for title, of, color in (("You", own, 0), ("", answers, 1)):
        for rate in hit_rates(of):
            who = title or ("All people" if rate.kind == "person" else rate.kind)
            st.markdown(f"**{questions.plain(who)}:** {describe_hits(rate)}. {verdict(rate)}")
            st.html(rate_bar(rate, module_color(color if rate.kind == "person" else 2)))
    if answers:
        st.caption(
            "Only the first answer of every reader to every module counts, because the right one "
            "is shown then. Dashed: guessing. Answers are kept and survive a reload."
        )
    ask_author("author_reading")
    model_reader.show(view, answers)


def _take(view: View, asked: Question, chosen: int) -> None:
    st.session_state["quiz_answer"] = chosen
    place = text_cache.place(view.network, view.edges, view.k, asked.part)
    try:
        text_cache.answers().add(place, asked.options, asked.right, chosen, who=_reader())
    except ExplorerError as problem:
        st.session_state["quiz_problem"] = str(problem)


def _next() -> None:
    st.session_state["quiz_turn"] += 1
    st.session_state["quiz_question"] = st.session_state["quiz_answer"] = None


def _answers(view: View) -> tuple[Answer, ...]:
    try:
        return text_cache.answers().list(cache.network(view.network).id, "person")
    except ExplorerError:
        return ()


def _reader() -> str:
    """Return the visitor's name, or what stands for it in this visit."""
    anonymous: str = st.session_state.setdefault("reader", f"visitor-{secrets.token_hex(6)}")
    return author() or anonymous
