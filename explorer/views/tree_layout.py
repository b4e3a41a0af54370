"""Places for the nodes of a tree: rows from top to bottom, nothing on top of anything else.

Every subtree gets a strip as wide as it needs and nobody else enters it, so labels cannot
overlap; a parent stands over the middle of its children. Many leaves of one parent stand in
several short rows instead of one long one. Linear time and no recursion: a cut tree may well be
a path of a thousand nodes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

ROW_HEIGHT = 110.0
LEAF_ROW_HEIGHT = 60.0
GAP = 20.0
LEAVES_IN_ONE_ROW = 6
BUNCH_ASPECT = 1.4
"""Width over height of a bunch of leaves: about that of the frame it is drawn in."""


def tree_positions(
    names: Sequence[str],
    edges: Iterable[tuple[str, str]],
    *,
    widths: Mapping[str, float],
    levels: Mapping[str, int] | None = None,
) -> dict[str, tuple[float, float]]:
    """Return the centre of every node, in pixels.

    Parameters
    ----------
    names : sequence of str
        The nodes. Children keep this order from left to right.
    edges : iterable of (str, str)
        Undirected. An edge that closes a cycle does not move anything.
    widths : mapping
        Pixels that a node takes from left to right, with its label.
    levels : mapping, optional
        Rows of nodes, where known; by default, the distance from the root.

    Returns
    -------
    dict
        ``(x, y)`` by name. The first root stands at the top; trees stand side by side.

    Examples
    --------
    >>> tree_positions("abc", [("a", "b"), ("a", "c")], widths={"a": 10, "b": 40, "c": 40})
    {'a': (0.0, 0.0), 'b': (-30.0, 110.0), 'c': (30.0, 110.0)}
    """
    levels = levels or {}
    roots, order, children = _hang(names, edges, levels)
    depth = {root: levels.get(root, 0) for root in roots}
    for name in order:
        for child in children[name]:
            depth[child] = levels.get(child, depth[name] + 1)
    grids = {name: _leaf_grid(children[name], children, widths) for name in order}
    strip: dict[str, float] = {}
    for name in reversed(order):
        branches = [strip[child] for child in children[name] if child not in grids[name].cells]
        if grids[name].cells:
            branches.append(grids[name].width)
        strip[name] = max(widths[name] + GAP, sum(branches))
    tops = _row_tops(depth, grids)
    return _place(roots, order, children, depth, grids, strip, tops)


class _LeafGrid:
    """Leaves of one parent, and the column and row that each has in their bunch."""

    def __init__(self, leaves: Sequence[str], widths: Mapping[str, float]) -> None:
        self.cell = max((widths[leaf] for leaf in leaves), default=0.0) + GAP
        area = BUNCH_ASPECT * len(leaves) * LEAF_ROW_HEIGHT / self.cell
        columns = max(1, math.ceil(math.sqrt(area)))
        self.cells = {
            leaf: (index % columns, index // columns) for index, leaf in enumerate(leaves)
        }
        self.rows = math.ceil(len(leaves) / columns)
        # Every second row is shifted by half a cell: a line to a lower leaf passes between two.
        self.width = (columns + 0.5) * self.cell

    def offset(self, leaf: str) -> tuple[float, float]:
        column, row = self.cells[leaf]
        return (column + 0.5 + 0.5 * (row % 2)) * self.cell, row * LEAF_ROW_HEIGHT


def _hang(
    names: Sequence[str], edges: Iterable[tuple[str, str]], levels: Mapping[str, int]
) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """Hang each tree from its root: the roots, all nodes parents first, children by parent."""
    rank = {name: index for index, name in enumerate(names)}
    neighbours: dict[str, list[str]] = defaultdict(list)
    for source, target in edges:
        neighbours[source].append(target)
        neighbours[target].append(source)
    roots: list[str] = []
    order: list[str] = []
    children: dict[str, list[str]] = {name: [] for name in names}
    seen: set[str] = set()
    for root in sorted(names, key=lambda name: (levels.get(name, math.inf), rank[name])):
        if root in seen:
            continue
        roots.append(root)
        seen.add(root)
        start = len(order)
        order.append(root)
        while start < len(order):
            name = order[start]
            start += 1
            for child in sorted(neighbours[name], key=rank.__getitem__):
                if child not in seen:
                    seen.add(child)
                    children[name].append(child)
                    order.append(child)
    return roots, order, children


def _leaf_grid(
    below: Sequence[str], children: Mapping[str, Sequence[str]], widths: Mapping[str, float]
) -> _LeafGrid:
    leaves = [child for child in below if not children[child]]
    return _LeafGrid(leaves if len(leaves) > LEAVES_IN_ONE_ROW else [], widths)


def _row_tops(depth: Mapping[str, int], grids: Mapping[str, _LeafGrid]) -> dict[int, float]:
    extra: dict[int, float] = defaultdict(float)
    for grid in grids.values():
        for leaf in grid.cells:
            extra[depth[leaf]] = max(extra[depth[leaf]], (grid.rows - 1) * LEAF_ROW_HEIGHT)
    tops: dict[int, float] = {}
    top = 0.0
    for row in range(min(depth.values(), default=0), max(depth.values(), default=-1) + 1):
        tops[row] = top
        top += ROW_HEIGHT + extra[row]
    return tops


def _place(
    roots: Sequence[str],
    order: Sequence[str],
    children: Mapping[str, Sequence[str]],
    depth: Mapping[str, int],
    grids: Mapping[str, _LeafGrid],
    strip: Mapping[str, float],
    tops: Mapping[int, float],
) -> dict[str, tuple[float, float]]:
    left: dict[str, float] = {}
    edge = -strip[roots[0]] / 2 if roots else 0.0
    for root in roots:
        left[root] = edge
        edge += strip[root]
    places: dict[str, tuple[float, float]] = {}
    for name in order:
        if name not in places:  # a leaf of a bunch has its place already
            places[name] = (round(left[name] + strip[name] / 2, 1), tops[depth[name]])
        grid = grids[name]
        branches = [child for child in children[name] if child not in grid.cells]
        needed = sum(strip[child] for child in branches) + (grid.width if grid.cells else 0.0)
        cursor = left.get(name, 0.0) + (strip[name] - needed) / 2
        for child in branches:
            left[child] = cursor
            cursor += strip[child]
        for leaf in grid.cells:
            x, y = grid.offset(leaf)
            places[leaf] = (round(cursor + x, 1), tops[depth[leaf]] + y)
    return places
