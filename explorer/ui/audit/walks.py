"""Where a network leads the agent of the gridworld, once the truth is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui.elements import chart

if TYPE_CHECKING:
    from explorer.ui.audit.kept import Opened

_CELL_HELP = "Cells are counted row by row from the upper left, 0 to 24."


def show(opened: Opened) -> None:
    """Let people place agent and coin, and draw the way that the network takes."""
    if opened.planted.declared != "gridworld":
        return
    from explorer.network.tasks.gridworld import CELLS
    from explorer.network.tasks.gridworld_moves import reached_shares, walk
    from explorer.network.tasks.planted.gridworld import corner_of
    from explorer.views.gridworld import walk_figure, walk_text

    corner = corner_of(opened.member.case)
    st.markdown("#### Where it goes")
    left, right = st.columns([1, 2], gap="large")
    with left:
        start = st.slider(
            "The agent starts at", 0, CELLS - 1, 12, key="audit_start", help=_CELL_HELP
        )
        coin = st.slider(
            "The coin lies at", 0, CELLS - 1, CELLS - 1 - corner, key="audit_coin", help=_CELL_HELP
        )
        shares = reached_shares(opened.checkpoint.network, corner)
        st.caption(
            "Of all walks with the coin outside that corner, "
            + ", ".join(f"{share:.0%} end at {_where(end)}" for end, share in shares.items())
            + "."
        )
    with right:
        path = walk(opened.checkpoint.network, start, coin, corner)
        st.markdown(walk_text(path))
        chart(walk_figure(path), "audit_walk", walk_text(path))


def _where(end: str) -> str:
    return "neither" if end == "neither" else f"the {end}"
