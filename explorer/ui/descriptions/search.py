"""Full-text search over the texts of all networks."""

import streamlit as st

from explorer.errors import CurationError
from explorer.ui import cache, text_cache
from explorer.ui.view_state import View
from explorer.views.description_text import text_line, written_by

_SHOWN = 50


def show(view: View) -> None:
    """Search and show what is found, the newest first."""
    words = st.text_input(
        "Search the texts and names of all networks",
        key="search_words",
        placeholder="loops, left digit, plural …",
        help="Finds texts in which every word begins a word; capitals and accents do not matter.",
    )
    history = st.toggle("Also in earlier versions", key="search_history")
    if not words.strip():
        st.caption("Type a word. Only kept texts are searched: by language models and people.")
        return
    try:
        found = text_cache.texts().search(words, history=history, limit=_SHOWN)
    except CurationError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    if not found:
        st.info("No text has all of these words.", icon=":material/search_off:")
        return
    shown = "the newest " if len(found) == _SHOWN else ""
    st.markdown(f"**{shown}{len(found)} text{'s' * (len(found) > 1)} found.**")
    for version in found:
        with st.container(border=True, gap=None):
            st.html(text_line(version.text))
            place = version.place
            kind = "Interface" if "-" in place.part else "Module"
            named = f", named “{version.name}”" if version.name else ""
            where = (
                "the network in view"
                if place.network_id == cache.network(view.network).id
                else f"network {place.network_id}"
            )
            about = written_by(version.author, version.source, version.time)
            st.html(_small(f"{kind} {place.part}{named} of {where}. {about}. {version.status}."))


def _small(text: str) -> str:
    from html import escape

    return f'<p style="margin:0;font-size:.85rem;opacity:.75">{escape(text)}</p>'
