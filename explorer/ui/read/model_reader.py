"""A language model answers the same questions as people did, by which text it finds likelier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from explorer.ui import cache, text_cache
from explorer.ui.descriptions.choice import ask_describer
from explorer.ui.descriptions.following import follow_job
from explorer.ui.descriptions.worker import need
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from explorer.curation.answers import Answer
    from explorer.description.clients.base import Client
    from explorer.observation.facts import Facts
    from explorer.ui.descriptions.worker import Job

_HELP = (
    "It is shown what was measured of the module, in words, and takes the text whose probability "
    "that raises most."
)


def show(view: View, answers: Sequence[Answer]) -> None:
    """Let a language model answer what people were asked, too."""
    asked = questions_of(answers)
    with st.expander("Let a language model answer the same questions", icon=":material/robot_2:"):
        if not asked:
            st.caption("Answer a question first: it is asked the same ones.")
            return
        choice = ask_describer("reader")
        st.button(
            f"Ask it ({len(asked)} question{'s' * (len(asked) > 1)})",
            key="quiz_model",
            icon=":material/play_arrow:",
            disabled=not choice.spec,
            on_click=_start,
            args=(view, choice.spec, asked),
            help=_HELP,
        )
        if choice.remote:
            st.caption(
                "An endpoint does not tell how likely it finds a text: it is asked for the letter "
                "of the right one instead."
            )
        follow_job(_key(view), st.empty(), "Reading the questions …")


def questions_of(answers: Sequence[Answer]) -> list[Answer]:
    """Return the question that was asked first about every part, as people were asked it."""
    first: dict[object, Answer] = {}
    for answer in answers:
        if answer.kind == "person":
            first.setdefault(answer.place, answer)
    return list(first.values())


def likelier(facts: Facts, options: Sequence[str], client: Client) -> int:
    """Return the option whose probability the facts raise most.

    Parameters
    ----------
    facts : Facts
    options : sequence of str
    client : Client
        One that tells the probability of a given text.
    """
    from explorer.description.clients.endpoint import EndpointClient
    from explorer.description.prompts import contrast_prompt

    if isinstance(client, EndpointClient):  # which tells no probability of a given text
        return int(np.argmax(client.choose_letter(contrast_prompt(facts), options)))
    given = client.log_probabilities(contrast_prompt(facts), options)
    before = client.log_probabilities(contrast_prompt(None), options)
    return int(np.argmax(np.asarray(given) - np.asarray(before)))


def _start(view: View, spec: str, asked: list[Answer]) -> None:
    parts = [answer.place.part for answer in asked]
    facts = [text_cache.facts(view.network, view.edges, view.k, part) for part in parts]
    text_cache.worker().ask(_key(view), spec, partial(_answer, asked, facts))


def _answer(asked: list[Answer], facts: list[Facts], client: Client | None, job: Job) -> int:
    model = need(client)
    answers = text_cache.answers()
    for done, (question, given) in enumerate(zip(asked, facts, strict=True), start=1):
        chosen = likelier(given, question.options, model)
        answers.add(
            question.place,
            question.options,
            question.right,
            chosen,
            who=model.id[:200],
            kind=model.name,
        )
        job.say(f"{done} of {len(asked)} questions answered")
    return len(asked)


def _key(view: View) -> str:
    return f"read {cache.partition(view.network, view.edges, view.k).id}"
