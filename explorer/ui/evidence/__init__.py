"""What takes seconds to find out of a part, shown on demand: made inputs, words, what is pinned."""

from __future__ import annotations

import streamlit as st

from explorer.ui import cache
from explorer.ui.evidence.pinned import show_pins
from explorer.ui.evidence.visualised import show_visualised
from explorer.ui.evidence.words import show_words
from explorer.ui.view_state import View

__all__ = ["VISUALISED", "WORDS", "more_sections", "show_more", "show_section", "with_more"]

VISUALISED, WORDS = "Visualised", "Words"


def more_sections(view: View) -> tuple[str, ...]:
    """Return the sections that can be shown of a network's parts; none without data."""
    from explorer.observation.streaming import takes_long

    task = cache.network(view.network).task
    if task is None:
        return ()
    if takes_long(cache.network(view.network)):  # inputs are made in hundreds of steps
        return (WORDS,) if task.is_text else ()
    return (VISUALISED, WORDS) if task.is_text else (VISUALISED,)


def with_more(sections: tuple[str, ...], view: View) -> tuple[str, ...]:
    """Return the sections with these among them: words second, the others last.

    Parameters
    ----------
    sections : tuple of str
    view : View
    """
    more = more_sections(view)
    words = tuple(section for section in more if section == WORDS)
    last = tuple(section for section in more if section != WORDS)
    return (sections[0], *words, *sections[1:], *last)


def show_section(section: str, view: View, part: str | int, color: str) -> None:
    """Show one of ``more_sections``.

    Parameters
    ----------
    section : str
    view : View
    part : str or int
        Name of a module or interface, or a neuron's node.
    color : str
        Of its module.
    """
    if section == WORDS:
        show_words(view, part, color)
    else:
        show_visualised(view, part, color)
    show_pins(view, part, color)


def show_more(view: View, part: str | int, color: str) -> None:
    """Offer the same sections where there is no choice of sections: of interfaces and neurons."""
    sections = more_sections(view)
    if not sections:
        return
    chosen = st.segmented_control(
        "Look closer",
        sections,
        key=f"closer-{'neuron' if isinstance(part, int) else 'interface'}",
        help="Takes a few seconds, so it is only done when you ask for it.",
    )
    if chosen is not None:
        show_section(chosen, view, part, color)
