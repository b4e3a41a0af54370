"""Where the policy of a gridworld leads, before and after an intervention."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.elements import chart
from explorer.ui.intervention import results

if TYPE_CHECKING:
    from explorer.auditing.edits import Intervention
    from explorer.network.tasks.planted.base import Planted

_HELP = "Cells are counted row by row from the upper left, 0 to 24."


def show_paths(name: str, chosen: Intervention, truth: Planted | None) -> None:
    """Draw the way of the network as it is and as the intervention makes it, side by side."""
    if truth is None or truth.declared != "gridworld":
        return
    from explorer.auditing.edits import editing
    from explorer.network.tasks.gridworld import CELLS
    from explorer.network.tasks.gridworld_moves import walk
    from explorer.network.tasks.planted.gridworld import corner_of
    from explorer.views.gridworld import walk_figure, walk_text

    network, corner = cache.network(name), corner_of(truth.case)
    st.markdown("##### Where it goes, before and after")
    columns = st.columns(2, gap="large")
    with columns[0]:
        start = st.slider(
            "The agent starts at", 0, CELLS - 1, 12, key="intervene_start", help=_HELP
        )
    with columns[1]:
        coin = st.slider(
            "The coin lies at", 0, CELLS - 1, CELLS - 1 - corner, key="intervene_coin", help=_HELP
        )
    for column, title, done in zip(columns, ("Before", "After"), (None, chosen), strict=True):
        edit = None if done is None else editing(network, done)
        path = walk(network.network, start, coin, corner, edit)
        shares = results.ends_of_walks(name, done, corner)
        ends = ", ".join(f"{share:.0%} end at {_where(end)}" for end, share in shares.items())
        with column:
            st.markdown(f"**{title}:** {walk_text(path)}")
            chart(walk_figure(path), f"intervene_walk_{title}", walk_text(path))
            st.caption(f"Of all walks with the coin outside that corner, {ends}.")


def _where(end: str) -> str:
    return "neither" if end == "neither" else f"the {end}"
