"""Find a node of a network by its name: a list of a small one, a search in a large one."""

from collections.abc import Sequence

import streamlit as st

_LISTED = 5_000  # names that a browser can be sent
_FOUND = 50


def find_node(label: str, names: Sequence[str], key: str, help: str) -> int | None:
    """Ask for a node; return its number, or None while none is chosen.

    Parameters
    ----------
    label : str
    names : sequence of str
        Of all nodes.
    key : str
        Of the widgets.
    help : str
    """
    if len(names) <= _LISTED:
        return st.selectbox(
            label,
            range(len(names)),
            index=None,
            key=key,
            format_func=lambda node: names[node],
            placeholder="Type a name, such as neuron 1.7",
            help=help,
        )
    words = st.text_input(
        label, key=key, placeholder="such as head 3.2 or neuron 7.1203", help=help
    )
    found = matches(names, words)
    if not words.strip():
        return None
    if not found:
        st.caption(f"No node is called {words[:60]!r}; names are like {names[0]}, {names[-1]}.")
        return None
    if len(found) == 1 or names[found[0]].lower() == words.strip().lower():
        return found[0]
    return st.selectbox(
        f"Which of {'the first ' if len(found) == _FOUND else ''}{len(found)}?",
        found,
        key=f"{key}-which",
        format_func=lambda node: names[node],
    )


def matches(names: Sequence[str], words: str) -> list[int]:
    """Return the nodes whose names hold what was typed, an exact name first, at most 50.

    Examples
    --------
    >>> matches(["head 1.1", "head 1.12", "neuron 1.1"], "Head 1.1")
    [0, 1]
    >>> matches(["head 1.1"], "feed-forward 1.1"), matches(["neuron 1.1"], "feed-forward 1.1")
    ([], [0])
    """
    wanted = " ".join(words.lower().split()).replace("feed-forward", "neuron")
    if not wanted:
        return []
    found = [node for node, name in enumerate(names) if wanted in name.lower()]
    found.sort(key=lambda node: (names[node].lower() != wanted, len(names[node]), node))
    return found[:_FOUND]
