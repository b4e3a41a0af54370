"""Score texts on a page: say beforehand what it takes, show how far it is, and let people stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache, text_cache
from explorer.ui.view_state import View
from explorer.views.description_text import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from explorer.scoring.scores import Scores

# Seconds of processor for a network that reads text: what chance gives for modules, the same for
# interfaces, and a text. Of other networks all of it takes a few.
_CHANCE, _TEXT = 12, 4


def scoring_estimate(view: View, parts: Sequence[str]) -> str:
    """Say how long it takes at first to score a text of each of these parts."""
    task = cache.network(view.network).task
    if task is None or not task.is_text:
        return "Takes some seconds, the first time also to find out what chance gives."
    kinds = len({"-" in part for part in parts})
    return (
        f"For a network that reads text this takes about "
        f"{duration(_CHANCE * kinds + _TEXT * len(parts))} the first time, most of it to find out "
        f"what chance gives. It can be stopped."
    )


def ask_for_scores(view: View, which: str) -> None:
    """Take note that this visitor wants texts of this network scored: ``all``, or ``shown``."""
    st.session_state[_key(view, which)] = True


def asked_for_scores(view: View, which: str) -> bool:
    """Tell whether this visitor wants ``all`` texts of this network scored, or those ``shown``."""
    return _key(view, which) in st.session_state


def score_texts(
    view: View, wanted: Sequence[tuple[str, str]], place: DeltaGenerator, which: str = ""
) -> list[Scores]:
    """Score texts one after another, and show how far it is.

    Parameters
    ----------
    view : View
    wanted : sequence of (str, str)
        Part and text.
    place : DeltaGenerator
        Where to show how far it is; empty in the end.
    which : str
        What was asked for, to be taken back when somebody stops; without it nobody can.
    """
    from explorer.scoring.nulls import null_steps

    partition = cache.partition(view.network, view.edges, view.k)
    known = st.session_state.setdefault("scored", set())
    new = {(partition.id, *one) for one in wanted} - known
    bar = _Bar(place, _key(view, which) if which else "") if new else None
    kinds = {"-" in part: part for part, _ in wanted}
    for number, part in enumerate(kinds.values()):
        found = partition.interface(part) if "-" in part else partition.module(part)
        if bar:
            bar.show(number / len(kinds), "Finding out what chance gives …")
        for done in null_steps(cache.network(view.network), found):
            if bar:
                bar.show((number + done) / len(kinds), "Finding out what chance gives …")
    scored = []
    for done, (part, text) in enumerate(wanted):
        if bar:
            bar.show(done / len(wanted), f"Scoring: {done} of {len(wanted)} texts …")
        scored.append(text_cache.scores(view.network, view.edges, view.k, part, text))
    known |= new
    if bar:
        place.empty()
    return scored


class _Bar:
    """How far it is, beside a button to stop, which takes back what was asked for."""

    def __init__(self, place: DeltaGenerator, asked: str) -> None:
        self._bar = place
        if asked:
            left, right = place.container().columns([4, 1], vertical_alignment="center")
            right.button(
                "Stop",
                key="scoring_stop",
                icon=":material/stop:",
                width="stretch",
                on_click=lambda: st.session_state.pop(asked, None),
            )
            self._bar = left.empty()

    def show(self, fraction: float, said: str) -> None:
        """Show it; where somebody pressed stop, Streamlit ends the run here."""
        self._bar.progress(min(1.0, fraction), said)


def _key(view: View, which: str) -> str:
    return f"score {which} {cache.partition(view.network, view.edges, view.k).id}"
