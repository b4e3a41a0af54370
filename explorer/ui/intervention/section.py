"""The section *Intervene*: choose neurons, see what changes, save the repaired network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, session
from explorer.ui.intervention import repairs, results
from explorer.ui.intervention.choosing import choose
from explorer.ui.intervention.paths import show_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.auditing.edits import Intervention
    from explorer.network.tasks.planted.base import Planted

_FEW_GHOSTS = 8
MODULES = 12  # of a network that is not the one in view
_INTRO = (
    "Change what a few neurons do, and see at once what the network loses, on data that nothing "
    "was chosen on. Grey bars: the same done to random sets of as many neurons in the same layers. "
    "An intervention has hit something where it changes what these do not."
)
_TRUTH = (
    "What was planted in this network is known, so what becomes of it is shown too: **{title}** is "
    "the share of those test examples on which it would show that are answered as was planted."
)
_NO_DATA = (
    "The network's task is not known, so there is no data to see an intervention on. Choose its "
    "task on *Overview*."
)


def show_intervention(
    network_name: str, suggested: Sequence[int] = (), truth: Planted | None = None
) -> None:
    """Show the section for a network.

    Parameters
    ----------
    network_name : str
        A bundled name, or the id of a network that was kept.
    suggested : sequence of int
        Nodes that an auditor points at, the most suspicious first.
    truth : Planted or None
        What was planted, where the viewer may know it.
    """
    if cache.network(network_name).task is None:
        st.info(_NO_DATA, icon=":material/info:")
        return
    view = session.view()
    in_view = view.network == network_name
    weighting = view.edges if in_view else None
    k = view.k if in_view else MODULES
    _section(network_name, weighting, k, tuple(suggested), truth)


@st.fragment
def _section(
    name: str,
    weighting: str | None,
    k: int | None,
    suggested: tuple[int, ...],
    truth: Planted | None,
) -> None:
    repairs.rerun_if_opened()
    st.markdown(_INTRO)
    if truth is not None and truth.is_planted:
        st.markdown(_TRUTH.format(title=results.success_title(truth)))
    left, right = st.columns([9, 10], gap="large")
    try:
        with left:
            chosen = choose(name, weighting, k, suggested)
        with right:
            if chosen is None:
                st.caption("Choose at least one neuron.")
            else:
                _show_effect(name, chosen, truth)
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    if chosen is not None:
        show_paths(name, chosen, truth)
    repairs.show_saving(name, chosen)
    repairs.show_tuning(name, chosen, truth)


def _show_effect(name: str, chosen: Intervention, truth: Planted | None) -> None:
    """Show the effect at once, and the random sets as soon as they are there."""
    from explorer.auditing.edits import TEXTS
    from explorer.auditing.intervention import GHOSTS
    from explorer.views.ability_bars import bar_rows, describe_effect, intervention_bars

    title = results.success_title(truth)
    case = "" if truth is None else str(truth.case)
    words, picture = st.empty(), st.empty()
    task = cache.network(name).task
    few = task is not None and task.is_text  # a text takes a second for every set
    for ghosts in (0, _FEW_GHOSTS if few else GHOSTS):
        found = results.effect(name, chosen, case, ghosts, truth)
        rows = bar_rows(found, title)
        words.markdown(describe_effect(found, rows))
        picture.html(intervention_bars(rows))
    where = f"the first {TEXTS} examples of the test split" if few else "the test split"
    st.caption(
        "Wide bars: before (grey) and after (blue). Thin grey bars: one for each random set, "
        f"sorted. Measured on {where}."
    )
