"""How far to believe the texts about a part: their scores, filled in when all else is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui.descriptions import judging
from explorer.ui.descriptions.choice import Choice, ask_describer
from explorer.ui.descriptions.following import follow_job
from explorer.ui.descriptions.worker import need
from explorer.ui.view_state import View
from explorer.views.description_text_scores import score_rows, score_summary

if TYPE_CHECKING:
    from explorer.description.clients.base import Client
    from explorer.scoring.scores import Score, Scores
    from explorer.ui.descriptions.worker import Job

_INTRO = (
    "Judged on data that no describer has seen. Dot: the score, with its 95 % interval. Grey: "
    "what chance or the text of another module gives. Upright line: the best possible. Dotted: "
    "texts about neurons put together at random, and about the network before training, each "
    "scored on its own neurons. These are true as well, so a text need not beat them; a score that "
    "does says that this part has more in it than neurons that were never trained, or never "
    "belonged together."
)


@st.fragment
def show_scores(view: View, part: str) -> None:
    """Show the scores of the measured text and of the one beside it."""
    task = cache.network(view.network).task
    if task is None:
        st.caption("The network's task is not known, so there is no data to score texts on.")
        return
    texts = text_cache.texts_in_view(view.network, view.edges, view.k, part)
    asked = [judging.asked_for_scores(view, which) for which in ("shown", "all")]
    if task.is_text and not any(asked):
        st.button(
            "Score the texts",
            icon=":material/balance:",
            on_click=judging.ask_for_scores,
            args=(view, "shown"),
            help="How far to believe them, on data that no describer has seen.",
        )
        st.caption(judging.scoring_estimate(view, [part] * len(texts)))
        return
    summary = st.empty()
    with st.expander("How far to believe it: the scores", icon=":material/balance:"):
        st.caption(_INTRO)
        place = st.empty()
        try:
            wanted = [(part, text) for text in texts.values()]
            scored = judging.score_texts(view, wanted, summary, "shown" if asked[0] else "")
        except ExplorerError as problem:
            summary.error(f"{problem}.", icon=":material/error:")
            return
        judged = text_cache.worker().find(_key(view, part))
        told = (judged.result or {}) if judged is not None else {}
        found = {
            title: _with_contrastive(one, told.get(text))
            for (title, text), one in zip(texts.items(), scored, strict=True)
        }
        summary.caption(score_summary(found))
        place.html(score_rows(found))
        _show_asking(view, part, texts)


def _with_contrastive(found: Scores, contrastive: Score | None) -> Scores:
    """Put in the contrastive score once a language model was asked."""
    if contrastive is None:
        return found
    rest = [score for score in found.scores if score.name != "contrastive"]
    return replace(found, scores=(contrastive, *rest))


def _show_asking(view: View, part: str, texts: dict[str, str]) -> None:
    """Let people ask a language model for the contrastive score."""
    with st.popover("Ask a language model for the contrastive score"):
        choice = ask_describer("contrast")
        st.button(
            "Ask it",
            key="contrast_ask",
            icon=":material/play_arrow:",
            disabled=not choice.spec,
            on_click=_ask,
            args=(view, part, choice, texts),
            help="Does it give this text more probability than the texts of other modules?",
        )
    follow_job(_key(view, part), st.empty(), "Comparing with the texts of other modules …")


def _ask(view: View, part: str, choice: Choice, texts: dict[str, str]) -> None:
    facts = text_cache.facts(view.network, view.edges, view.k, part)
    foils = text_cache.other_texts(view.network, view.edges, view.k, part)

    def judge(client: Client | None, job: Job) -> dict[str, Score]:
        from explorer.scoring.contrastive import contrastive_score

        model = need(client)
        found = {}
        for text in texts.values():
            job.say("Comparing with the texts of other modules")
            found[text] = contrastive_score(text, facts, foils, model)
        return found

    text_cache.worker().ask(_key(view, part), choice.spec, judge)


def _key(view: View, part: str) -> str:
    found = text_cache.place(view.network, view.edges, view.k, part)
    return f"contrast {found.network_id} {found.partition} {found.part}"
