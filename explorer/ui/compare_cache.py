"""Comparisons that pages share, computed once for a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache, nulls

if TYPE_CHECKING:
    from explorer.observation.comparing.values import Comparison


@st.cache_resource(max_entries=64, show_spinner="Comparing both networks …")
def comparison(
    first: str, second: str, edges: str | None, k: int | None, by: str | None, shuffled: bool
) -> Comparison:
    """Compare two networks.

    Parameters
    ----------
    first, second : str
        Bundled names, or ids of networks that were kept.
    edges : str or None
        See ``View.edges``; of the second network too, where it can be weighed so.
    k : int or None
        Number of modules, at most.
    by : str or None
        See ``compare``.
    shuffled : bool
        Whether to put shuffled networks beside the figures.

    Raises
    ------
    ExplorerError
        If they cannot be compared by this.
    """
    from explorer.observation.comparing.comparison import compare

    one, two = (cache.partition(name, edges, k) for name in (first, second))
    qualities = tuple(
        nulls.quality_with_progress(name, edges, k, lambda _: None) if shuffled else None
        for name in (first, second)
    )
    return compare(one, two, by=by, qualities=(qualities[0], qualities[1]))
