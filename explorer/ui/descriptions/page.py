"""The page *Descriptions*: every text of a network, the batch, and what is known of all texts."""

import streamlit as st

from explorer.ui import cache
from explorer.ui.descriptions import batch, exchange, exemplars, matrix, search, table
from explorer.ui.view_state import View

_INTRO = (
    "What every module and interface does, in a sentence each, and how far to believe it. "
    "**Measured** texts are figures put into words; the others were written by language models or "
    "people, and checked against the figures."
)
_SECTIONS = {
    "All texts": table.show,
    "Describe all": batch.show,
    "Told apart?": matrix.show,
    "Exemplars": exemplars.show,
    "Search": search.show,
    "Export": exchange.show,
}


def show(view: View) -> None:
    """Show the section that is picked; only that one is computed."""
    st.markdown(_INTRO)
    if not cache.partition(view.network, view.edges, view.k).count:
        st.info("This network has no weights that carry anything, so it has no modules.")
        return
    batch.show_running(view)
    section = st.segmented_control(
        "Section",
        list(_SECTIONS),
        default="All texts",
        required=True,
        key="descriptions_section",
        label_visibility="collapsed",
    )
    _SECTIONS[section](view)
