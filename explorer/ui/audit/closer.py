"""What an audit rests on, to look at: every neuron's potential and use, what modules read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.ui import cache
from explorer.ui.audit import measured, modules

if TYPE_CHECKING:
    from explorer.auditing.finding import Suspect
    from explorer.views.audit_charts import NeuronMark

_USE = (
    "Up: how far a neuron could move an answer, if it were set to the most that any image gets "
    "from it. Across: how far it does with the most that clean images get. Upper left is dormant: "
    "it could do much and does little. That is what waits for a trigger looks like, and what is "
    "merely unused, too. Click a mark to see its module."
)


def show(network: str, suspects: Sequence[Suspect] = (), choose: bool = True) -> None:
    """Show what a network's audit rests on.

    Parameters
    ----------
    network : str
    suspects : sequence of Suspect
        Neurons among them are ringed.
    choose : bool
        Whether the module of a clicked neuron can be opened from here; else it is shown among the
        modules of the page.
    """
    ringed = tuple(
        int(one.name) for one in suspects if one.kind == "neuron" and one.name.isdecimal()
    )
    _show_use(network, ringed, choose)
    _show_readings(network)
    _show_two_features(network, ringed, choose)


def _show_use(network: str, ringed: tuple[int, ...], choose: bool) -> None:
    st.subheader("What neurons could do, and what they do")
    why = measured.why_no_use(network)
    if why:
        st.caption(f"Not measured: {why}.")
        return
    st.caption(_USE)
    marks = measured.potential_and_use(network)
    key = f"audit_use_{network}"
    _scatter(
        marks,
        "used on clean data (logits)",
        "potential (logits)",
        ringed,
        key,
        "Potential of every neuron against its use on clean data",
    )
    _show_clicked(network, key, choose)


def _show_readings(network: str) -> None:
    from explorer.views.audit_reading import describe_reading, reading_bars

    found = measured.readings(network)
    if not found:
        return
    st.subheader("Which input its modules read")
    st.caption(
        "Gradient times change of input, when one input is exchanged between clean examples: how "
        "much of an answer goes with it, through every module and in the network as a whole. The "
        "whole network shows a read proxy as well as modules do; modules show where."
    )
    for one in found:
        st.markdown(describe_reading(one))
        st.html(reading_bars(one))


def _show_two_features(network: str, ringed: tuple[int, ...], choose: bool) -> None:
    names = measured.two_features(network)
    if names is None:
        return
    st.subheader("Neurons that read both")
    st.caption(
        f"How far a neuron moves when {names[0]} (across) or {names[1]} (up) is exchanged between "
        "clean examples; 1 is the most in its layer. Along the axes a neuron heeds one of them. "
        "Where the answers are declared to need one each, neurons in the middle mix what should be "
        "apart. Click a mark to see its module."
    )
    key = f"audit_both_{network}"
    _scatter(
        measured.by_two_features(network),
        f"moved by {names[0]}",
        f"moved by {names[1]}",
        ringed,
        key,
        "How far each of two inputs moves every neuron",
    )
    _show_clicked(network, key, choose)


def _scatter(
    marks: Sequence[NeuronMark],
    across: str,
    up: str,
    ringed: tuple[int, ...],
    key: str,
    alt: str,
) -> None:
    from explorer.views.audit_charts import neuron_scatter

    st.plotly_chart(
        neuron_scatter(marks, across, up, ringed),
        key=key,
        config={"displayModeBar": False},
        on_select=lambda: _take(key),
        selection_mode="points",
        alt=alt,
    )


def _take(key: str) -> None:
    """Show the module of a clicked neuron."""
    clicked = _clicked(key)
    if clicked is not None:
        st.session_state["audit_part"] = clicked[1]


def _clicked(key: str) -> tuple[int, str] | None:
    chosen: Any = st.session_state.get(key)
    points = chosen["selection"]["points"] if chosen else ()
    data = points[0].get("customdata") if points else None
    return (int(data[0]), str(data[1])) if data and data[1] else None


def _show_clicked(network: str, key: str, choose: bool) -> None:
    clicked = _clicked(key)
    if clicked is None:
        return
    node, module = clicked
    name = cache.graph(network, None).names[node]
    st.markdown(f"**{name}** (number {node}) is in module {module}.")
    if choose:
        modules.open_button(network, module, key)
