"""The section of words: where in texts a part is at work, and what it does there."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui.evidence import results
from explorer.ui.evidence.pinned import pin_button
from explorer.ui.jobs import Waiting, follow
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from explorer.observation.microscope import Microscope, Snippet

_MOST, _NEEDED = "Most active", "Needed most"
_WHY = {
    _MOST: (
        "The tokens at which it is most active, in brackets. The stronger a token's colour and the "
        "thicker its underline, the more active it is there."
    ),
    _NEEDED: (
        "The tokens after which the right next one loses most probability when the part is "
        "switched off."
    ),
}
_ORDERS = ("strongest first", "by token", "as in the texts")
_CHIPS = (
    "Tokens that it makes more likely when it is active (solid frame), or less (dashed), as a "
    "share of the largest change."
)


def show_words(view: View, part: str | int, color: str) -> None:
    """Show snippets with every token marked, tokens promoted, and what ablation changes.

    Parameters
    ----------
    view : View
    part : str or int
    color : str
    """
    from explorer.views.token_highlights import token_chips

    waiting: list[Waiting] = []
    known, found = results.words_or_job(view, part, waiting)
    if not known:
        follow(waiting)
        return
    if found is None:
        st.caption("It is never active on the texts, so there is nothing to see.")
        return
    st.markdown("##### Words that it promotes")
    st.caption(_CHIPS)
    if found.promoted:
        st.html(token_chips([(share.name, share.share) for share in found.promoted], color))
    else:
        st.caption("It changes nothing.")
    st.markdown("##### Where it is at work")
    st.markdown(describe_change(found))
    left, right = st.columns(2)
    chosen = left.segmented_control(
        "Which snippets", (_MOST, _NEEDED), default=_MOST, key="words-which", required=True
    )
    order = right.selectbox("In which order", _ORDERS, key="words-order")
    st.caption(_WHY[chosen or _MOST])
    snippets = found.needed if chosen == _NEEDED else found.most
    if not snippets:
        st.caption("There is no such place.")
    largest = max((max(snippet.activity) for snippet in found.most), default=0.0)
    for snippet in _ordered(snippets, order):
        _show_snippet(view, part, snippet, largest, color, found.joint)


def describe_change(found: Microscope) -> str:
    """How often the next token depends on a part, and how often by chance.

    Parameters
    ----------
    found : Microscope

    Returns
    -------
    str
        One sentence.
    """
    chance = ""
    if found.changed_by_chance is not None:
        chance = f" (without as many neurons at random: {found.changed_by_chance:.0%})"
    return (
        f"Without it, the probability of the right next token moves by more than 10 points after "
        f"**{found.changed:.0%} of all tokens**{chance}."
    )


def _ordered(snippets: tuple[Snippet, ...], order: str) -> list[Snippet]:
    if order == _ORDERS[1]:
        return sorted(snippets, key=lambda snippet: (snippet.tokens[snippet.at], snippet.row))
    if order == _ORDERS[2]:
        return sorted(snippets, key=lambda snippet: snippet.row)
    return list(snippets)


def _show_snippet(
    view: View, part: str | int, snippet: Snippet, largest: float, color: str, joint: str
) -> None:
    from explorer.views.token_highlights import in_words, probabilities_html, snippet_html

    with st.container(border=True, gap="small"):
        st.html(snippet_html(snippet, largest, color, joint) + probabilities_html(snippet, color))
        with st.container(horizontal=True, vertical_alignment="center"):
            skill = f" · {snippet.skill}" if snippet.skill else ""
            st.caption(f"activity {snippet.activity[snippet.at]:.2f}{skill}", width="stretch")
            pin_button(
                "Pin",
                "snippet",
                {**_rounded(snippet), "joint": joint},
                in_words(snippet, joint)[-60:],
                view,
                part,
                str(snippet.row),
            )


def _rounded(snippet: Snippet) -> dict[str, object]:
    plain = asdict(snippet)
    plain["activity"] = [round(value, 3) for value in snippet.activity]
    return plain
