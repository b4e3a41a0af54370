"""Two networks side by side: modules matched, figures beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from explorer.modularity.partition import Partition, module_name
from explorer.network.graph import Ints


@dataclass(frozen=True)
class Match:
    """Which module of one network is which of the other.

    Attributes
    ----------
    pairs : tuple of (int, int, float)
        Module of the first, module of the second, and their overlap: the share of the nodes in
        either that is in both (Jaccard).
    only_first, only_second : tuple of int
        Modules without a partner.
    shared : int
        Nodes that were compared.
    """

    pairs: tuple[tuple[int, int, float], ...]
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    shared: int


def match_modules(first: Partition, second: Partition, same_neurons: bool = False) -> Match:
    """Match modules so that as many nodes as possible are in matched ones.

    Inputs and outputs mean the same in two networks of one task. Hidden neurons of separately
    trained networks have no counterparts and are left out.

    Parameters
    ----------
    first, second : Partition
    same_neurons : bool
        Whether hidden neurons are the same too, as when one run continued the other.

    Returns
    -------
    Match

    References
    ----------
    Kuhn (1955), The Hungarian method for the assignment problem, Naval Research Logistics 2.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> one = find_modules(network_graph(load("pair-modular")))
    >>> match_modules(one, one).pairs
    ((0, 0, 1.0), (1, 1, 1.0))
    """
    a, b = _comparable(first, second, same_neurons)
    both = (a >= 0) & (b >= 0)
    table = np.zeros((first.count, second.count))
    np.add.at(table, (a[both], b[both]), 1)
    rows, columns = linear_sum_assignment(table, maximize=True)
    pairs = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        in_both = table[row, column]
        if in_both:
            either = (a == row).sum() + (b == column).sum() - in_both
            pairs.append((row, column, float(in_both / either)))
    return Match(
        tuple(pairs),
        tuple(sorted(set(range(first.count)) - {row for row, _, _ in pairs})),
        tuple(sorted(set(range(second.count)) - {column for _, column, _ in pairs})),
        int(both.sum()),
    )


def renamed(second: Partition, match: Match) -> Partition:
    """Number the second network's modules like their partners in the first.

    Modules without a partner take the numbers that are left over.
    """
    new = {column: row for row, column, _ in match.pairs if row < second.count}
    free = [index for index in range(second.count) if index not in new.values()]
    for column in range(second.count):
        if column not in new:
            new[column] = free.pop(0)
    numbers = np.array([new[column] for column in range(second.count)] + [-1], dtype=np.int64)
    return Partition(second.graph, numbers[second.labels])


def weights_in_interfaces(partition: Partition) -> int:
    """Count the weights between modules whose mass is above the mean mass of their layer.

    The same figure as on the curve of a live run.
    """
    layers = np.split(partition.labels, partition.graph.offsets[1:-1])
    found = 0
    for block in partition.graph.blocks:
        rows, columns, mass = block.coordinates()
        target, source = layers[block.target][rows], layers[block.source][columns]
        crossing = (target != source) & (target >= 0) & (source >= 0)
        mean = block.total / max(block.shape[0] * block.shape[1], 1)
        found += int((crossing & (mass > mean)).sum())
    return found


def describe_match(match: Match, names: tuple[str, str]) -> str:
    """Say in words which modules correspond."""
    if not match.shared:
        return "No neuron of one has a counterpart in the other, so modules cannot be matched."
    parts = [
        f"{module_name(row)} with {module_name(column)} (overlap {share:.0%})"
        for row, column, share in match.pairs
    ]
    said = (
        f"Modules of {names[0]} are matched with those of {names[1]} by the {match.shared} neurons "
        f"that mean the same in both: {', '.join(parts)}."
    )
    alone = [
        f"{name} has {len(only)} without a partner"
        for name, only in zip(names, (match.only_first, match.only_second), strict=True)
        if only
    ]
    return said + (f" {'; '.join(alone)}." if alone else "")


def comparison_table(
    figures: Sequence[Mapping[str, float | None]], names: Sequence[str]
) -> pd.DataFrame:
    """Put figures of two networks beside each other, with their difference.

    Parameters
    ----------
    figures : sequence of two mappings
        Figure by its name for people; None where it is not known. A name that ends in ``%`` is a
        share and written as a percentage, one that ends in ``#`` is a whole number.
    names : sequence of two str

    Examples
    --------
    >>> comparison_table([{"accuracy %": 0.5}, {"accuracy %": 0.75}], ["a", "b"]).values.tolist()
    [['accuracy', '50.0%', '75.0%', '+25.0%']]
    """
    rows = []
    for name, one in figures[0].items():
        two = figures[1].get(name)
        written = {"%": "{:.1%}", "#": "{:,.0f}"}.get(name[-1], "{:.3f}")
        cells = [_written(written, value) for value in (one, two)]
        difference = ""
        if one is not None and two is not None and "–" not in cells:
            equal = cells[0] == cells[1]
            difference = "equal" if equal else written.replace(":", ":+").format(two - one)
        rows.append((name.rstrip("%# "), *cells, difference))
    first, second = names
    if first == second:
        first, second = f"{first} (1)", f"{second} (2)"
    return pd.DataFrame(rows, columns=["figure", first, second, "difference"])


def _written(form: str, value: float | None) -> str:
    return "–" if value is None or not np.isfinite(value) else form.format(value)


def _comparable(first: Partition, second: Partition, same_neurons: bool) -> tuple[Ints, Ints]:
    """Labels of the nodes that mean the same in both."""
    one, two = first.graph, second.graph
    sizes = [[layer.size for layer in graph.layers] for graph in (one, two)]
    if same_neurons and sizes[0] == sizes[1]:
        return first.labels, second.labels
    found: list[tuple[Ints, Ints]] = []
    for role in ("input", "output"):
        a, b = _nodes(first, role), _nodes(second, role)
        if len(a) == len(b):
            found.append((a, b))
    if not found:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _nodes(partition: Partition, role: str) -> Ints:
    at, chosen = 0, []
    for layer in partition.graph.layers:
        if layer.role == role:
            chosen.append(partition.labels[at : at + layer.size])
        at += layer.size
    return np.concatenate(chosen) if chosen else np.empty(0, dtype=np.int64)
