"""Who is writing: a name that is kept beside every word."""

import streamlit as st

from explorer.ui import session

_HELP = (
    "Kept with every text, verdict and answer of yours, so that others know whom to ask. Any name "
    "will do; nobody checks it."
)


def ask_author(key: str) -> str:
    """Ask for the visitor's name, once for all pages of a visit.

    Parameters
    ----------
    key : str
        Names the field on its page.

    Returns
    -------
    str
        Empty if none was given.
    """
    session.put(key, author())
    st.text_input("Your name", key=key, max_chars=60, help=_HELP, on_change=_take, args=(key,))
    return author()


def author() -> str:
    """Return the visitor's name; empty if none was given."""
    name: str = st.session_state.setdefault("author", "")
    return name


def _take(key: str) -> None:
    st.session_state["author"] = st.session_state[key].strip()
