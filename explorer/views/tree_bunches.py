"""Fold the star-like bunches of leaves of a tree into one node each.

A cut tree often has one node with hundreds of leaves. They say the same thing ("cheapest to cut
off alone"), so they are drawn as one node that says how many they are; a click on it comes back
as a click on any node, and the page draws the tree again with that bunch unfolded. Folding
happens here and not in the browser: what is folded is not sent either, so a tree of 5,000 nodes
stays within the limits of a drawing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from explorer.views.graph_spec import GraphEdge, GraphNode

_PREFIX = "bunch:"
MIXED_COLOR = "#8c8c8c"
FOLD, UNFOLD = "\N{MINUS SIGN}", "+"


def bunch_id(parent: str) -> str:
    """Return the id of the node that stands for the leaves of `parent`."""
    return f"{_PREFIX}{parent}"


def is_bunch(name: str) -> bool:
    """Return whether an id, of a click for example, is that of a bunch."""
    return name.startswith(_PREFIX)


def fold_leaves(
    nodes: Sequence[GraphNode],
    edges: Sequence[GraphEdge],
    *,
    unfolded: frozenset[str] = frozenset(),
    apart: frozenset[str] = frozenset(),
    at_least: int = 5,
    noun: str = "neurons",
) -> tuple[tuple[GraphNode, ...], tuple[GraphEdge, ...]]:
    """Return nodes and edges with every large bunch of leaves replaced by one node.

    Parameters
    ----------
    nodes, edges : sequence
        A tree, of any size; the first node is its root and is never folded away.
    unfolded : frozenset of str
        Ids of bunches whose leaves are shown. The bunch's node stays, between the parent and
        its leaves, so that a click folds them again: ``unfolded ^ {selection.id}`` toggles.
    apart : frozenset of str
        Leaves that are shown on their own, beside the bunch that the others make up.
    at_least : int
        Fewer leaves than this are shown as they are.
    noun : str
        What the leaves are, in the plural.
    """
    by_name = {node.id: node for node in nodes}
    bunches = _bunches(nodes, edges, apart, at_least)
    parent_of = {leaf: parent for parent, leaves in bunches.items() for leaf in leaves}
    widest: dict[str, float] = defaultdict(float)
    for edge in edges:
        for end in (edge.source, edge.target):
            if end in parent_of:
                widest[parent_of[end]] = max(widest[parent_of[end]], edge.width)
    shown: list[GraphNode] = []
    lines: list[GraphEdge] = []
    for node in nodes:
        parent = parent_of.get(node.id)
        if parent is None:
            shown.append(node)
        elif bunch_id(parent) in unfolded:
            # One row lower: the bunch's node stands where the leaf stood.
            level = None if node.level is None else node.level + 1
            shown.append(replace(node, level=level, x=None, y=None))
    for parent, leaves in bunches.items():
        members = [by_name[leaf] for leaf in leaves]
        is_open = bunch_id(parent) in unfolded
        shown.append(_bunch_node(by_name[parent], members, noun, is_open=is_open))
        lines.append(
            GraphEdge(
                id=f"{bunch_id(parent)}:edge",
                source=parent,
                target=bunch_id(parent),
                width=widest[parent],
                color=MIXED_COLOR,
                title=f"{len(leaves):,} edges, one to each of these {noun}",
            )
        )
    for edge in edges:
        leaf = next((end for end in (edge.source, edge.target) if end in parent_of), None)
        if leaf is None:
            lines.append(edge)
        elif bunch_id(parent_of[leaf]) in unfolded:
            lines.append(replace(edge, source=bunch_id(parent_of[leaf]), target=leaf))
    return tuple(shown), tuple(lines)


def _bunches(
    nodes: Sequence[GraphNode], edges: Sequence[GraphEdge], apart: frozenset[str], at_least: int
) -> dict[str, list[str]]:
    """Leaves by parent, in the order of the nodes, for parents with enough of them."""
    neighbours: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        neighbours[edge.source].append(edge.target)
        neighbours[edge.target].append(edge.source)
    leaves: dict[str, list[str]] = defaultdict(list)
    for node in nodes[1:]:
        if len(neighbours[node.id]) == 1 and node.id not in apart:
            leaves[neighbours[node.id][0]].append(node.id)
    return {parent: below for parent, below in leaves.items() if len(below) >= at_least}


def _bunch_node(
    parent: GraphNode, members: Sequence[GraphNode], noun: str, *, is_open: bool
) -> GraphNode:
    colors = {member.color for member in members}
    some = ", ".join(member.label for member in members[:5])
    more = f" and {len(members) - 5} more" if len(members) > 5 else ""
    return GraphNode(
        id=bunch_id(parent.id),
        label=f"{FOLD if is_open else UNFOLD} {len(members):,} {noun}",
        title=f"{some}{more}\nClick to {'fold' if is_open else 'unfold'}.",
        color=colors.pop() if len(colors) == 1 else MIXED_COLOR,
        size=min(30.0, 8.0 + len(members) ** 0.5),
        level=None if parent.level is None else parent.level + 1,
        shape="square",
    )
