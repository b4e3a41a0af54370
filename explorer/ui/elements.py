"""Small pieces of page that several pages use."""

from html import escape
from typing import Any

import streamlit as st


def chart(figure: Any, key: str, alt: str) -> None:
    """Draw a plotly figure without its tool bar, with a text for screen readers."""
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)


def chip_heading(title: str, *colors: str, level: int = 3) -> None:
    """Write a heading with a disc of each colour in front."""
    discs = "".join(
        f'<span aria-hidden="true" style="display:inline-block;width:.7em;height:.7em;'
        f'border-radius:50%;background:{color};margin-right:.3em"></span>'
        for color in colors
    )
    st.html(f'<h{level} style="margin:0;padding:0">{discs}{escape(title)}</h{level}>')


def nothing_below(count: int = 12) -> None:
    """Let nothing of the page before stand below, where this one takes long to come to its end."""
    for _ in range(count):
        st.empty()


def percent_columns(*columns: str) -> dict[str, Any]:
    """Column settings that write shares as percentages."""
    return {column: st.column_config.NumberColumn(format="percent") for column in columns}
