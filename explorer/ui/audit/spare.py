"""The spare, shown: trained on untrusted data, ablated, and the attack is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui.audit import drawing, kept

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_WHAT = (
    "A small spare module is trained beside the rest on data that nobody vouches for, with 200 "
    "trusted examples. It gets a head start on the untrusted data, and must be silent on the "
    "trusted examples: what only the untrusted data teaches, such as a trigger, ends up in it. "
    "Afterwards it is ablated."
)


def show() -> None:
    """Train a network with a spare on planted data, ablate the spare, and show what is left."""
    st.markdown(_WHAT)
    if "spare" not in drawing.regimes("backdoor"):
        st.info("The regime with a spare is not part of this installation.")
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        kind = st.selectbox(
            "Kind of backdoor",
            drawing.kinds("backdoor"),
            key="audit_spare_kind",
            help="What is planted in one tenth of the training images.",
        )
    with right:
        st.button(
            "Train one",
            key="audit_spare_train",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_draw,
            args=(kind,),
            help="About two seconds: 1,500 steps on one core, of a case that was drawn now.",
            width="stretch",
        )
    drawn = st.session_state.get("audit_spare")
    if drawn is None:
        st.caption("Nothing is trained yet.")
        return
    _show_one(*drawn)


def _draw(kind: str) -> None:
    st.session_state["audit_spare"] = (kind, drawing.draw_number())


def _advance(bar: DeltaGenerator, share: float) -> None:
    bar.progress(min(1.0, share), "Training with a spare …")


def _show_one(kind: str, number: int) -> None:
    from explorer.views.audit_bars import Bar, before_after
    from explorer.views.palette import LOSS, module_color

    bar = st.empty()
    try:
        shown = kept.spare_effect(kind, number, lambda share: _advance(bar, share))
    except ExplorerError as problem:
        st.error(f"{problem}.", icon=":material/error:")
        return
    finally:
        bar.empty()
    st.markdown(f"**Case {number}.** {shown.summary}")
    st.html(
        before_after(
            [
                Bar("Attack success", shown.before.success or 0, shown.after.success or 0, LOSS),
                Bar(
                    "Accuracy on clean images",
                    shown.before.accuracy,
                    shown.after.accuracy,
                    module_color(0),
                ),
            ],
            "the spare is ablated",
        )
    )
    st.caption(
        f"Before: with its spare of {shown.neurons} neurons. After: these are held at 0. On the "
        "test split. The rivals with the same trusted examples stand below, where they were "
        "measured; one network shows nothing by itself, and rare failures are total."
    )
