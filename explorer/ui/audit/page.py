"""The parts of the audit page."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import session
from explorer.ui.audit import blind, in_view, spare, standing, structure
from explorer.ui.jobs import Waiting, follow
from explorer.ui.view_state import View

_INTRO = (
    "A network can do well on every test and still pursue something else: answer a trigger, follow "
    "a proxy, compute what nobody asked for. Here some do, and the truth is known. Look at one "
    "blind, say what you think, and see how you and the auditors did."
)
_SECTIONS = {
    "blind": "A blind case",
    "in_view": "The network in view",
    "standing": "How well auditors do",
    "spare": "A spare module",
}


def show(view: View) -> None:
    """Pick what to look at, and show it; the answer about structure stands below."""
    if st.session_state.pop("audit_leaving", False):
        query = session.view().to_query()
        st.switch_page(st.session_state["modules_page"], query_params=query)
    st.markdown(_INTRO)
    section = st.segmented_control(
        "What to look at",
        list(_SECTIONS),
        default="blind",
        required=True,
        format_func=lambda name: _SECTIONS[name],
        key="audit_section",
        label_visibility="collapsed",
        help="A network with known truth, your own network, all measured auditors, or the one "
        "structure that was found to help with removal.",
    )
    problem = st.session_state.pop("audit_problem", None)
    if problem:
        st.error(f"{problem}.", icon=":material/error:")
    waiting: list[Waiting] = []
    try:
        if section == "blind":
            blind.show(view, waiting)
        elif section == "in_view":
            in_view.show(view, waiting)
        elif section == "standing":
            standing.show()
        else:
            spare.show()
    except ExplorerError as found:
        st.error(f"{found}.", icon=":material/error:")
    structure.show()
    follow(waiting)  # last, so that the rest of the page does not wait for it
