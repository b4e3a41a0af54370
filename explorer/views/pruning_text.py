"""What a graph leaves out, in plain words, and how much depends on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.network.graph import NetworkGraph, Pruning

if TYPE_CHECKING:
    import pandas as pd

    from explorer.modularity.sensitivity import SensitivityRow

_MILLION = 1_000_000


def keep_title(keep: int | float) -> str:
    """Name what is kept, for a picker.

    Examples
    --------
    >>> keep_title(32), keep_title(0.98)
    ('32 strongest a neuron', '98 % of the weight')
    """
    if isinstance(keep, int):
        return f"{keep} strongest a neuron"
    return f"{100 * keep:g} % of the weight"


def describe_pruning(pruning: Pruning | None) -> str:
    """Say which edges a graph leaves out, in one sentence; nothing where it has all of them.

    Examples
    --------
    >>> describe_pruning(Pruning(32, 1_200_000, 47_000_000, 0.31))[:74]
    "The graph keeps each neuron's 32 strongest edges: 1.2 of 47 million edges,"
    """
    if pruning is None:
        return ""
    if isinstance(pruning.keep, int):
        kept = f"each neuron's {pruning.keep} strongest edges"
    else:
        kept = f"the strongest edges that hold {100 * pruning.keep:g} % of each layer's weight"
    share = "less than 1 %" if 0 < pruning.mass < 0.005 else f"{pruning.mass:.0%}"
    return (
        f"The graph keeps {kept}: {_of(pruning.edges, pruning.all_edges)} edges, with {share} of "
        f"the weight. Figures are of what it keeps."
    )


def count_words(count: int) -> str:
    """Write a count so that it can be read at a glance.

    Examples
    --------
    >>> count_words(37_576), count_words(1_234_567), count_words(268_098_176)
    ('37,576', '1.2 million', '268 million')
    """
    return f"{count:,}" if count < _MILLION else f"{_millions(count)} million"


def _of(kept: int, count: int) -> str:
    if count < _MILLION:
        return f"{kept:,} of {count:,}"
    if kept < _MILLION / 10:
        return f"{kept:,} of {_millions(count)} million"
    return f"{_millions(kept)} of {_millions(count)} million"


def _millions(count: int) -> str:
    millions = count / _MILLION
    return f"{millions:.0f}" if millions >= 10 else f"{millions:.1f}"


def describe_shortcuts(graph: NetworkGraph) -> str:
    """Say that a large network is searched with shortcuts; nothing of others."""
    if not graph.is_large:
        return ""
    return (
        f"With {graph.node_count:,} nodes the search for modules takes shortcuts: fewer numbers of "
        f"modules are tried, from fewer starts, beside fewer shuffled networks."
    )


def sensitivity_table(rows: Sequence[SensitivityRow]) -> pd.DataFrame:
    """Return one row for every number of edges, as text."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "edges kept": keep_title(row.keep),
                "edges": count_words(row.edges),
                "share of weight": f"{row.mass:.0%}",
                "Q_B of these modules": f"{row.q_b:.3f}",
                "Q_B of its own best": f"{row.own_q_b:.3f}",
                "agreement of the two": f"{row.agreement:.2f}",
                "one-neuron cuts": f"{row.trivial_share:.1%}",
            }
            for row in rows
        ]
    )


def describe_sensitivity(rows: Sequence[SensitivityRow]) -> str:
    """Say in a sentence how far figures and modules move with the edges that are kept."""
    values = [row.q_b for row in rows]
    least = min(row.agreement for row in rows)
    return (
        f"Over these graphs Q_B of the same modules lies between {min(values):.3f} and "
        f"{max(values):.3f}, and the graphs' own best modules agree with them to {least:.2f} or "
        f"more (1: the same modules; 0: no more than chance)."
    )
