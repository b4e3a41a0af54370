"""The texts under the heading of a module or interface: measured, generated, by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import CurationError
from explorer.ui import text_cache
from explorer.ui.descriptions import asking, curating
from explorer.ui.view_state import View
from explorer.views.description_text import (
    claim_list,
    claims_summary,
    fallback_note,
    text_line,
    written_by,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from explorer.curation.versions import Version
    from explorer.description.description import Claim

_WHOLE_PAGE = "whole_page_runs"
_MEASURED_HELP = (
    "A sentence made by rule from what was measured: no language model, nothing made up. It stands "
    "here whatever else is written. Points are percentage points of accuracy."
)
_OTHER_HELP = (
    "What a language model or a person made of the same figures. Whatever the figures do not bear "
    "out is struck."
)


def show_texts(view: View, part: str) -> DeltaGenerator | None:
    """Show what is said of a part; only this runs again when something is written.

    Parameters
    ----------
    view : View
    part : str
        Name of a module or interface.

    Returns
    -------
    DeltaGenerator or None
        Where to show a text that is being written, to be followed once the rest of the page
        stands; None if none is.
    """
    st.session_state[_WHOLE_PAGE] = True
    try:
        place: DeltaGenerator | None = _show_texts(view, part)
    finally:
        st.session_state.pop(_WHOLE_PAGE, None)
    return place


@st.fragment
def _show_texts(view: View, part: str) -> DeltaGenerator | None:
    from explorer.description.claims import check_claims

    if st.session_state.pop(curating.CHANGED, False):
        st.rerun()
    measured = text_cache.measured(view.network, view.edges, view.k, part)
    try:
        current, branches = _kept(view, part)
    except CurationError as problem:
        current, branches = None, ()
        st.error(f"{problem}.", icon=":material/error:")
    if current is not None and current.name:
        by = f" by {_plain(current.author)}" if current.author else ""
        st.markdown(f"Named **{_plain(current.name)}**{by}.")
    with st.container(border=True, key="measured-text", gap=None):
        st.markdown("**Measured**", help=_MEASURED_HELP)
        st.html(text_line(measured.text))
        _show_claims(measured.claims)
    with st.container(border=True, key="other-text", gap=None):
        st.markdown(f"**{_title(current)}**", help=_OTHER_HELP)
        place = st.empty()
        later = _WHOLE_PAGE in st.session_state and asking.is_under_way(view, part)
        described = None if later else asking.follow(view, part, place)
        if later:
            place.caption("Being written …")
        elif current is None:
            place.caption("Nothing yet. Let a language model try, or write it yourself, below.")
        else:
            place.html(text_line(current.text))
            st.caption(_about(current))
            if current.text == measured.text and current.source != "person":
                st.caption(
                    "The figures bore out nothing else that it wrote: this is the measured text."
                )
            facts = text_cache.facts(view.network, view.edges, view.k, part)
            own = described is not None and described.text == current.text
            written = described.written if described is not None and own else current.text
            _show_claims(check_claims(written, facts))
        if described is not None and described.fell_back:
            st.warning(fallback_note(described.fell_back), icon=":material/info:")
        if current is not None:
            curating.show_verdict(current)
    if len(branches) > 1:
        curating.show_conflict(view, part, branches)
    asking.show_asking(view, part)
    curating.show_editing(view, part, current, measured.text)
    curating.show_history(view, part)
    return place if later else None


def _kept(view: View, part: str) -> tuple[Version | None, Sequence[Version]]:
    """Return the text to show and those of people that stand beside each other."""
    from explorer.curation.versions import MEASURED, PartTexts, current

    place = text_cache.place(view.network, view.edges, view.k, part)
    heads = [head for head in text_cache.texts().heads(place) if head.source != MEASURED]
    return current(heads), PartTexts(place, None, tuple(heads)).branches


def _title(version: Version | None) -> str:
    return "Generated" if version is None or version.source != "person" else "By a person"


def _about(version: Version) -> str:
    said = written_by(version.writer or version.author, version.source, version.time)
    judged = f" {version.status.capitalize()} by {version.author}."
    return _plain(f"{said}.{'' if version.status == 'draft' else judged}")


def _show_claims(claims: Sequence[Claim]) -> None:
    with st.expander(f"What it claims: {claims_summary(claims)}"):
        st.html(claim_list(claims))


def _plain(text: str) -> str:
    """Take from a text all that Markdown would read as more than letters."""
    return "".join(
        f"\\{letter}" if letter in r"\`*_{}[]()#+-!$:<>|~" else letter for letter in text
    )
