"""The parts of the sweep page."""

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import session
from explorer.ui.sweep import grid_form, progress, result

_NEW = "A new sweep …"
_INTRO = (
    "A sweep trains many networks: every loss with every strength λ, each from several seeds. "
    "The front then shows how much accuracy a loss takes for how much modularity."
)


def show() -> None:
    """Pick a sweep or make one, follow it while it runs, and look at what came out."""
    from explorer.sweeps.start import kept_sweep, kept_sweeps

    if st.session_state.pop("leave_for_overview", False):
        st.switch_page(st.session_state["overview_page"], query_params=session.view().to_query())
    st.markdown(_INTRO)
    problem = st.session_state.pop("sweep_problem", None)
    if problem:
        st.error(f"{problem}.", icon=":material/error:")
    names = kept_sweeps()
    if not names:
        st.info(
            "No sweep is kept on this computer yet. The settings below make a small one: start "
            "it, and the front grows as its runs are done.",
            icon=":material/ssid_chart:",
        )
        grid_form.show()
        return
    remembered = st.session_state.get("sweep_name")
    options = [*names, _NEW]
    chosen = st.selectbox(
        "Sweep",
        options,
        index=options.index(remembered) if remembered in options else 0,
        help="The sweeps that are kept on this computer, the latest first, or a new one.",
    )
    st.session_state["sweep_name"] = chosen
    if chosen == _NEW:
        grid_form.show()
        return
    try:
        folder = kept_sweep(chosen)
        grid = folder.grid()
        progress.show(chosen, folder, grid)
        result.show(chosen, folder, grid)
    except ExplorerError as found:
        st.error(f"{found}.", icon=":material/error:")
    progress.show_deletion(chosen)
