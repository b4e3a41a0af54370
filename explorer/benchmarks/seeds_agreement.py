"""Whether a search for modules finds the same ones from other starts: real networks and chance.

A search begins at random places, so two seeds may end in two partitions of the same Q_B. Where they
do, "the modules" of a network are one answer among several. Agreement is adjusted mutual
information: 1 for the same partition, 0 for what chance would have. Shuffled networks, searched in
the same way, say how far any network of these weights gives one answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from explorer.modularity.agreement import adjusted_mutual_information
from explorer.modularity.finding import choose_count
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.null_models import shuffled_graphs
from explorer.network.graph import Ints, NetworkGraph, part_of

STARTS, NULLS = 5, 5


@dataclass(frozen=True)
class SeedsAgreement:
    """How far the modules of one network agree that are found from several starts.

    Attributes
    ----------
    network : str
    weighting : str
    nodes, modules : int
        The number of modules that were looked for, from all starts and in shuffled networks.
    agreement : tuple of float
        Adjusted mutual information, one a pair of starts.
    q_b : tuple of float
        One a start.
    null_agreement, null_q_b : tuple of float
        Means over pairs and starts, one a shuffled network.
    """

    network: str
    weighting: str
    nodes: int
    modules: int
    agreement: tuple[float, ...]
    q_b: tuple[float, ...]
    null_agreement: tuple[float, ...]
    null_q_b: tuple[float, ...]


def measure_agreement(
    graph: NetworkGraph,
    name: str,
    k: int | None = None,
    starts: int = STARTS,
    nulls: int = NULLS,
    progress: Callable[[float], None] | None = None,
) -> SeedsAgreement:
    """Search a network and shuffled ones from several starts.

    Parameters
    ----------
    graph : NetworkGraph
    name : str
        Of the network.
    k : int, optional
        Number of modules; by default as ``find_modules`` chooses it.
    starts : int
        Two or more.
    nulls : int
        Shuffled networks.
    progress : callable, optional
        Called with the share that is done.

    Examples
    --------
    >>> from explorer import load, network_graph
    >>> found = measure_agreement(network_graph(load("pair-modular")), "pair-modular", 2, 3, 1)
    >>> min(found.agreement) > 0.95 > found.null_agreement[0]
    True
    """
    modules = choose_count(graph) if k is None else k
    agreement, q_b = _searched(graph, modules, starts, part_of(progress, 0.0, 1 / (1 + nulls)))
    null_agreement, null_q_b = [], []
    for place, null in enumerate(shuffled_graphs(graph, nulls), start=1):
        part = part_of(progress, place / (1 + nulls), (place + 1) / (1 + nulls))
        found, values = _searched(null, modules, starts, part)
        null_agreement.append(float(np.mean(found)))
        null_q_b.append(float(np.mean(values)))
    return SeedsAgreement(
        network=name,
        weighting=graph.weighting,
        nodes=graph.node_count,
        modules=modules,
        agreement=agreement,
        q_b=q_b,
        null_agreement=tuple(null_agreement),
        null_q_b=tuple(null_q_b),
    )


def _searched(
    graph: NetworkGraph, modules: int, starts: int, progress: Callable[[float], None] | None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Agreement of every two starts, and Q_B of each."""
    found: list[Ints] = []
    for seed in range(starts):
        found.append(maximise_layered_modularity(graph, modules, seed=seed))
        if progress is not None:
            progress((seed + 1) / starts)
    pairs = (adjusted_mutual_information(*pair) for pair in combinations(found, 2))
    return tuple(pairs), tuple(layered_modularity(graph, labels) for labels in found)


def table(found: Sequence[SeedsAgreement]) -> Iterator[str]:
    """Lay rows out as a Markdown table: means, and least to most in brackets."""
    yield (
        "| network | modules | agreement of starts | Q_B | shuffled: agreement of starts | Q_B |"
    )
    yield "|---|---|---|---|---|---|"
    for row in found:
        cells = (
            row.network,
            str(row.modules),
            spread_text(row.agreement, 2),
            spread_text(row.q_b, 3),
            spread_text(row.null_agreement, 2),
            spread_text(row.null_q_b, 3),
        )
        yield f"| {' | '.join(cells)} |"


def spread_text(values: Sequence[float], digits: int) -> str:
    """Write a mean, and least to most where they differ.

    Examples
    --------
    >>> spread_text([0.5, 0.6], 2), spread_text([1.0, 1.0], 2), spread_text([], 2)
    ('.55 (.50 to .60)', '1.00', '-')
    """
    if not values:
        return "-"
    mean, low, high = (
        text[1:] if text.startswith("0.") else text
        for text in (f"{v:.{digits}f}" for v in (np.mean(values), min(values), max(values)))
    )
    return mean if low == high else f"{mean} ({low} to {high})"
