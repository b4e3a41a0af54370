"""What people pinned of a part: named, sorted, kept with its author."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import CurationError, TaskError
from explorer.ui.descriptions.author import author
from explorer.ui.evidence import results
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.curation.pins import Pin, Pins

_ORDERS = ("my order", "name", "newest first")
_PROBLEM = "pin-problem"
_MOST = 50  # pins that are shown


def pins() -> Pins:
    """Open the pins."""
    from explorer.curation.pins import Pins

    return Pins()


def pin_button(
    title: str,
    kind: str,
    payload: Mapping[str, Any],
    name: str,
    view: View,
    part: str | int,
    key: str,
) -> None:
    """Offer to pin something; it is there at the next sight of the section.

    Parameters
    ----------
    title : str
        On the button.
    kind : str
        ``snippet`` or ``made``.
    payload : mapping
        Plain data to draw it from.
    name : str
        At first; people can change it.
    view : View
    part : str or int
    key : str
        Tells it from the other buttons of this kind.
    """
    network, place = results.place_of_pins(view.network, view.edges, view.k, part)

    def pin() -> None:
        pins().add(network, place, kind, payload, name, author())

    st.button(
        title,
        key=f"pin-{kind}-{part}-{key}",
        icon=":material/push_pin:",
        on_click=_trying,
        args=(pin,),
        help="Keep it under *Pinned* below, for everybody who uses this explorer.",
    )


def show_pins(view: View, part: str | int, color: str) -> None:
    """Show what is pinned of a part, to name, sort and remove.

    Parameters
    ----------
    view : View
    part : str or int
    color : str
    """
    network, place = results.place_of_pins(view.network, view.edges, view.k, part)
    st.markdown("##### Pinned")
    try:
        found = pins().list(network, place)
    except CurationError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    said = st.session_state.pop(_PROBLEM, None)
    if said:
        st.error(said, icon=":material/error:")
    if not found:
        st.caption("Nothing yet. Pin what you want to find again; you can name and sort it here.")
        return
    order = st.selectbox("Sorted by", _ORDERS, key="pins-order")
    ids = [pin.id for pin in found]
    for pin in _ordered(found, order)[:_MOST]:
        _show_pin(pin, ids, order == _ORDERS[0], color)


def _ordered(found: tuple[Pin, ...], order: str) -> list[Pin]:
    if order == _ORDERS[1]:
        return sorted(found, key=lambda pin: (pin.name.casefold(), pin.position))
    if order == _ORDERS[2]:
        return sorted(found, key=lambda pin: pin.time, reverse=True)
    return list(found)


def _show_pin(pin: Pin, ids: list[str], can_move: bool, color: str) -> None:
    from explorer.views.pinned import pin_html

    key = f"pin-name-{pin.id}"
    with st.container(border=True, key=f"pin-{pin.id}", gap="small"):
        st.session_state.setdefault(key, pin.name)

        def rename() -> None:
            pins().rename(pin.id, st.session_state[key])

        st.text_input("Name", key=key, max_chars=200, on_change=_trying, args=(rename,))
        try:
            st.html(pin_html(pin.kind, pin.payload, color))
        except TaskError as problem:
            st.caption(f"{problem}.")
        with st.container(horizontal=True, vertical_alignment="center"):
            by = f"by {pin.author}, " if pin.author else ""
            st.caption(f"{by}{pin.time:%Y-%m-%d %H:%M}", width="stretch")
            at = ids.index(pin.id)
            for step, icon, said, edge in (
                (-1, "arrow_upward", "Up", 0),
                (1, "arrow_downward", "Down", len(ids) - 1),
            ):
                if can_move:
                    st.button(
                        said,
                        key=f"pin-{said}-{pin.id}",
                        icon=f":material/{icon}:",
                        disabled=at == edge,
                        on_click=_trying,
                        args=(lambda step=step: _move(pin, ids, step),),
                    )
            st.button(
                "Remove",
                key=f"pin-remove-{pin.id}",
                icon=":material/delete:",
                on_click=_trying,
                args=(lambda: pins().remove(pin.id),),
            )


def _move(pin: Pin, ids: list[str], step: int) -> None:
    at = ids.index(pin.id)
    moved = list(ids)
    moved[at], moved[at + step] = moved[at + step], moved[at]
    pins().reorder(pin.network_id, pin.part, moved)


def _trying(action: Callable[[], object]) -> None:
    """Do something with the pins; what fails is said at the next sight of them."""
    try:
        action()
    except CurationError as problem:
        st.session_state[_PROBLEM] = f"{problem}."
