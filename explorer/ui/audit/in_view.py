"""Audit the network in view: the sidebar's, also one that was uploaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.audit import closer, report
from explorer.ui.jobs import Waiting

if TYPE_CHECKING:
    from explorer.ui.view_state import View

_NO_TASK = (
    "The task of this network is not known, so there is no data to audit it on. Say on *Overview* "
    "what it was trained to do, if one of the tasks there fits its inputs and outputs."
)
_BROUGHT = (
    "An audit asks whether a network pursues the task that it is declared for. This one is only "
    "looked at on data that was brought to it: no task is declared, and the auditors are not "
    "calibrated for networks like it."
)


def show(view: View, waiting: list[Waiting]) -> None:
    """Show the report on the network in view, and what it rests on."""
    network = cache.network(view.network)
    st.subheader(f"Audit of {network.name}")
    if network.task is None:
        st.info(_NO_TASK, icon=":material/info:")
        return
    if network.task.opened:
        st.info(_BROUGHT, icon=":material/info:")
        return
    st.caption(
        "The auditors get its weights and the task that it is declared for, and no training data. "
        "How unusual their findings are is told against clean networks of the same kind, where "
        "such were measured."
    )
    found = report.show(view.network, waiting)
    closer.show(view.network, () if found is None else found.suspects)
