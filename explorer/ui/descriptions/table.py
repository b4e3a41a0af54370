"""All texts of the network in view: search, sort by score, filter by doubt, open one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import CurationError, ExplorerError
from explorer.ui import cache, session, text_cache
from explorer.ui.descriptions import judging
from explorer.ui.view_state import View
from explorer.views.description_table import (
    ABOUT,
    DOUBTS,
    SCORES,
    ListedText,
    chosen_texts,
    text_table,
)

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.curation.versions import Version
    from explorer.scoring.scores import Scores

_ANY = "any"
_DOUBT_HELP = (
    "**A claim was struck**: a figure does not bear it out. **No better than another text**: "
    "a score that chance or another module's text reaches too. **Far below the best "
    "possible**: less than half of the way from there to what the best text would score."
)


def show(view: View) -> None:
    """Show the table."""
    part = st.session_state.pop("descriptions_leave_for", None)
    if part is not None:
        session.leave_for_modules(part)
    place = st.empty()
    with st.spinner("Gathering texts …"):
        listed = listed_texts(view)
    if judging.asked_for_scores(view, "all"):
        listed = _scored(view, listed, place)
    left, middle, right = st.columns([2, 1, 1])
    words = left.text_input(
        "Find in this network",
        key="descriptions_words",
        placeholder="a word, a name, an author",
        help="Shows the texts that hold all of these words.",
    )
    doubt = middle.selectbox(
        "Doubt",
        [_ANY, *DOUBTS],
        key="descriptions_doubt",
        format_func=lambda key: DOUBTS.get(key, _ANY),
        help=_DOUBT_HELP,
    )
    source = right.selectbox(
        "Written by",
        [_ANY, *dict.fromkeys(item.source for item in listed)],
        key="descriptions_source",
        help="Measured, a language model, or a person.",
    )
    found = chosen_texts(
        listed, words, None if doubt == _ANY else doubt, "" if source == _ANY else source
    )
    if not found:
        st.info("No text is like that. Take back a filter above.", icon=":material/filter_alt_off:")
    else:
        _show_table(found)
    _show_scoring(view, listed)


def listed_texts(view: View) -> list[ListedText]:
    """Return the measured text of every part, and what else is said of it, with kept scores."""
    from explorer.curation.versions import MEASURED, current

    try:
        known = {
            part.place.part: [head for head in part.heads if head.source != MEASURED]
            for part in text_cache.texts().parts(
                cache.network(view.network).id,
                cache.partition(view.network, view.edges, view.k).id,
            )
        }
    except CurationError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        known = {}
    listed = []
    parts = text_cache.part_names(view.network, view.edges, view.k)
    text_cache.prepare(view.network, view.edges, view.k, parts)
    for part in parts:
        measured = text_cache.measured(view.network, view.edges, view.k, part)
        struck = sum(not claim.holds for claim in measured.claims)
        listed.append(
            ListedText(
                part,
                measured.text,
                "measured",
                "",
                "",
                "",
                None,
                struck,
                len(measured.claims),
                None,
            )
        )
        other = current(known.get(part, []))
        if other is not None:
            listed.append(_listed(view, part, other))
    return listed


def _listed(view: View, part: str, version: Version) -> ListedText:
    from explorer.description.claims import check_claims

    facts = text_cache.facts(view.network, view.edges, view.k, part)
    claims = check_claims(version.text, facts)
    return ListedText(
        part=part,
        text=version.text,
        source="a person" if version.source == "person" else version.source,
        author=version.author,
        status=version.status,
        name=version.name,
        time=version.time,
        struck=sum(not claim.holds for claim in claims),
        claimed=len(claims),
        scores=_kept_scores(version),
    )


def _kept_scores(version: Version) -> Scores | None:
    from explorer.curation.score_data import scores_from_data

    if not version.scores:
        return None
    try:
        return scores_from_data(version.scores)
    except CurationError:  # imported from elsewhere
        return None


def _scored(view: View, listed: list[ListedText], place: DeltaGenerator) -> list[ListedText]:
    """Score the texts that have no scores yet."""
    wanted = [(item.part, item.text) for item in listed if item.scores is None]
    try:
        found = iter(judging.score_texts(view, wanted, place, "all"))
    except ExplorerError as problem:
        place.error(f"{problem}.", icon=":material/error:")
        return listed
    return [item if item.scores else replace(item, scores=next(found)) for item in listed]


def _show_table(found: list[ListedText]) -> None:
    st.caption(
        f"{len(found)} text{'s' * (len(found) != 1)}. Click a heading to sort, a row to see the "
        f"whole text and open it."
    )
    numbers: dict[str, Any] = {
        title: st.column_config.NumberColumn(format="%.2f", help=ABOUT[name])
        for name, title in SCORES.items()
    }
    picked = st.dataframe(
        text_table(found),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="descriptions_table",
        placeholder="–",
        column_config={
            **numbers,
            "text": st.column_config.TextColumn(width="large"),
            "doubt": st.column_config.TextColumn(help=_DOUBT_HELP),
            "written": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
        },
    )
    rows = picked["selection"]["rows"]
    at = rows[0] if rows and rows[0] < len(found) else 0
    names = [f"{item.part}: {item.text}" for item in found]
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        "Text",
        range(len(found)),
        index=at,
        format_func=lambda place: names[place],
        help="The same as a click on a row.",
    )
    right.button(
        "Open on Modules",
        key="descriptions_open",
        icon=":material/open_in_new:",
        width="stretch",
        on_click=_leave,
        args=(found[chosen].part,),
        help="With its evidence, claims, scores and history.",
    )


def _show_scoring(view: View, listed: list[ListedText]) -> None:
    if cache.network(view.network).task is None:
        st.caption("The network's task is not known, so there is no data to score texts on.")
        return
    if any(item.scores is None for item in listed):
        st.button(
            "Score all texts",
            key="descriptions_score",
            icon=":material/balance:",
            on_click=judging.ask_for_scores,
            args=(view, "all"),
            help="On data that no describer has seen.",
        )
        parts = [item.part for item in listed if item.scores is None]
        st.caption(judging.scoring_estimate(view, parts))


def _leave(part: str) -> None:
    st.session_state["descriptions_leave_for"] = part
