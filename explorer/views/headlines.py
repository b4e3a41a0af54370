"""The four headline figures of a network, and the table of all figures."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from explorer.modularity.partition import Partition
from explorer.modularity.quality import FIGURE_TITLES, Figure, Quality
from explorer.views.text import describe_null

COMPUTATION = """
Neurons are nodes; a weight is an edge with a *mass*, and the masses of each layer add up to 1.
**Q_B** is, averaged over layers, the mass inside modules minus what a random network with the same
row and column sums would have there (Barber 2007); with k modules it is at most 1 - 1/k. A split by
depth and one giant module both score 0. **n-cut** adds up, over modules, the mass that leaves one
divided by all mass at its neurons, over k - 1. **Newman's Q** is the usual modularity of the whole
graph: a split by depth scores high there, so it is shown for comparison only. The **cuts** are
those of the exact Gomory-Hu tree.

Each shuffled network is the same network with the weights inside each layer in random places; its
best partition is looked for in the same way. **z** counts standard deviations between the network
and the mean of the shuffled ones; **percentile** is the share of shuffled networks with a smaller
value.

A network is called *clearly* modular if Q_B closes at least 80 % of the gap between chance (the
mean over shuffled networks) and the most that so many modules can have, *partly* from 30 %,
*slightly* from 10 %; and only if at most 5 % of the shuffled networks do as well.
"""


@dataclass(frozen=True)
class Headline:
    """A figure as it is shown: its name, value, meaning, and what chance gives.

    Attributes
    ----------
    title, value, help, null : str
    figure : Figure
    maximum : float or None
        The most that the figure can be.
    """

    title: str
    value: str
    help: str
    null: str
    figure: Figure
    maximum: float | None


def headlines(partition: Partition, found: Quality) -> tuple[Headline, ...]:
    """Pick the four headline figures of a partition."""
    most = 1 - 1 / max(partition.count, 1)
    q, inside, cut, trivial = (
        found.layered_modularity,
        found.inside_mass,
        found.n_cut,
        found.trivial_cut_share,
    )
    return (
        Headline(
            "Modularity Q_B",
            f"{q.value:.2f} of {most:.2f}" if partition.count > 1 else f"{q.value:.2f}",
            "Weight inside modules beyond chance, within each layer. Higher is more modular; "
            f"{most:.2f} is the most that {max(partition.count, 1)} modules can have.",
            describe_null(q),
            q,
            most or None,
        ),
        Headline(
            "Weight inside",
            f"{inside.value:.0%}",
            "Share of all weight that connects two neurons of the same module. Higher is more "
            "modular.",
            describe_null(inside, percent=True),
            inside,
            1.0,
        ),
        Headline(
            "n-cut",
            "none" if partition.count < 2 else f"{cut.value:.2f}",
            "How much of a module's weight leaves it: 0 if nothing does, near 1 if it is no "
            "module at all. Lower is more modular.",
            describe_null(cut),
            cut,
            1.0,
        ),
        Headline(
            "One-neuron cuts",
            "none" if math.isnan(trivial.value) else f"{trivial.value:.0%}",
            "Of the cuts in the network's cut tree, those that only cut off a single neuron. At "
            "100 % the tree is a star and tells of no modules; what a lower share means, the page "
            "Cut tree says.",
            describe_null(trivial, percent=True),
            trivial,
            1.0,
        ),
    )


def figure_table(
    partition: Partition, found: Quality, by_weighting: Mapping[str, float]
) -> pd.DataFrame:
    """Return all figures with both nulls, one row each, as text."""
    rows = []
    for name, title in FIGURE_TITLES.items():
        figure = getattr(found, name)
        row = {"figure": title, "value": _number(figure.value, ".3f")}
        for null in figure.nulls:
            kind = "all" if null.kind == "all" else "non-zero"
            spread = f"{_number(null.mean, '.3f')} ± {_number(null.std, '.3f')}"
            row[f"shuffled: {kind}"] = spread
            row[f"z: {kind}"] = _number(null.z, "+.1f")
            row[f"percentile: {kind}"] = _number(null.percentile, ".0f")
        rows.append(row)
    for weighting, value in by_weighting.items():
        if weighting != partition.graph.weighting:
            rows.append(
                {"figure": f"Q_B of this partition, {weighting} weighting", "value": f"{value:.3f}"}
            )
    return pd.DataFrame(rows).fillna("")


def _number(value: float, form: str) -> str:
    return "-" if math.isnan(value) else format(value, form)
