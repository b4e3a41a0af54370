"""A graph as plain values: what to draw, not how a browser draws it.

A page turns its modules or neurons into a :class:`GraphSpec`; the graph component of the
interface draws it. The specification goes through :class:`pyvis.network.Network`, so the same
values could be written to a stand-alone page by pyvis, and it can be tested as text.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from pyvis.network import Network

from explorer.views.tree_layout import tree_positions

MAX_NODES = 1_000
MAX_EDGES = 10_000
MAX_LABEL_LENGTH = 28
FONT_SIZE = 14
LABEL_CHARACTER_WIDTH = 7.5
"""Pixels that one character of a label takes at most, on average, at `FONT_SIZE`."""
SHAPES = frozenset({"dot", "square", "diamond", "triangle", "triangleDown", "star", "hexagon"})
"""Shapes whose size is their own and whose label stands below them."""
RANDOM_SEED = 7


@dataclass(frozen=True)
class GraphNode:
    """One circle of the drawing.

    Parameters
    ----------
    id : str
        Returned by a click; unique among the nodes *and* the edges of a graph.
    label : str
        Text under the circle; a long line is cut and its full text joins the hover text.
    title : str
        Hover text: plain text, new lines allowed, never read as HTML.
    color : str
        Fill, as ``#rrggbb``.
    size : float
        Radius in pixels at zoom 1.
    level : int or None
        Row in a hierarchical drawing; without it, the distance from the root.
    shape : str
        One of `SHAPES`.
    border : str or None
        Border colour; without it, the theme's text colour.
    x, y : float or None
        Centre in pixels at zoom 1; given for all nodes or for none.
    """

    id: str
    label: str
    title: str
    color: str
    size: float
    level: int | None = None
    shape: str = "dot"
    border: str | None = None
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class GraphEdge:
    """One line of the drawing, from `source` to `target` (ids of nodes).

    `width` is in pixels at zoom 1; `id` and `title` are as in :class:`GraphNode`.
    """

    id: str
    source: str
    target: str
    width: float
    color: str
    title: str
    dashed: bool = False


@dataclass(frozen=True)
class GraphSpec:
    """A whole drawing.

    Parameters
    ----------
    nodes, edges : tuple
        At most `MAX_NODES` and `MAX_EDGES`.
    hierarchical : bool
        Draw as a tree, the root on top. The root is the node of the lowest level, or the first.
    height : int
        Height of the frame in pixels.
    directed : bool
        Draw an arrow head at the target.
    description : str
        What the drawing shows, for a screen reader.

    Raises
    ------
    ValueError
        If the graph is too large to draw, or contradicts itself.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    hierarchical: bool = False
    height: int = 460
    directed: bool = False
    description: str = "Graph"

    def __post_init__(self) -> None:
        """Refuse what could not be drawn, or would be drawn wrongly."""
        if len(self.nodes) > MAX_NODES or len(self.edges) > MAX_EDGES:
            raise ValueError(
                f"This graph has {len(self.nodes):,} nodes and {len(self.edges):,} edges; at most "
                f"{MAX_NODES:,} nodes and {MAX_EDGES:,} edges are drawn at once. "
                "Fold or leave out a part of it."
            )
        sizes = [(node.id, node.size) for node in self.nodes]
        sizes += [(edge.id, edge.width) for edge in self.edges]
        counts = Counter(name for name, _ in sizes)
        repeated = sorted(name for name, count in counts.items() if count > 1)
        if repeated:
            raise ValueError(
                f"The id {repeated[0]!r} is used {counts[repeated[0]]} times; a click returns "
                "an id, so every node and every edge needs its own."
            )
        names = {node.id for node in self.nodes}
        for edge in self.edges:
            missing = {edge.source, edge.target} - names
            if missing:
                raise ValueError(f"Edge {edge.id!r} ends at {missing.pop()!r}, which is no node.")
        for name, size in sizes:
            if not (math.isfinite(size) and size >= 0):
                raise ValueError(f"{name!r} has size {size}; expected a number, 0 or more.")
        for node in self.nodes:
            if node.shape not in SHAPES:
                raise ValueError(
                    f"Node {node.id!r} has shape {node.shape!r}; expected one of "
                    f"{', '.join(sorted(SHAPES))}."
                )
        placed = sum(node.x is not None and node.y is not None for node in self.nodes)
        if placed not in (0, len(self.nodes)):
            raise ValueError(
                f"{placed} of {len(self.nodes)} nodes have a position; give x and y "
                "for all of them or for none."
            )

    @property
    def placed(self) -> bool:
        """Whether every node's place is known before the browser draws."""
        return self.hierarchical or all(node.x is not None for node in self.nodes)

    def to_vis(self) -> dict[str, Any]:
        """Return the graph as vis-network takes it, in JSON values only.

        ``nodes`` and ``edges`` in their order, and ``options``; equal in, equal out.

        Examples
        --------
        >>> spec = GraphSpec(nodes=(GraphNode("a", "A", "", "#0072b2", 9),), edges=())
        >>> spec.to_vis()["nodes"]
        [{'color': {'background': '#0072b2'}, 'size': 9, 'id': 'a', 'label': 'A', 'shape': 'dot'}]
        """
        # A directed pyvis network keeps parallel edges; an undirected one drops them, and
        # compares each new edge with all earlier ones (quadratic time).
        network = Network(directed=True)
        places = self._places()
        for node in self.nodes:
            network.add_node(node.id, **_node_options(node, places))
        # pyvis looks both ends of an edge up in a list; a dict answers the same question at once.
        network.node_ids = dict.fromkeys(network.node_ids)
        bends = _bends(self.edges)
        for edge in self.edges:
            network.add_edge(edge.source, edge.target, arrows="", **_edge_options(edge, bends))
        network.set_options(json.dumps(self._options()))
        for drawn in network.edges:
            del drawn["arrows"]  # the options say it once for all
        return {"nodes": network.nodes, "edges": network.edges, "options": network.options}

    def _places(self) -> dict[str, tuple[float, float]]:
        if all(node.x is not None and node.y is not None for node in self.nodes):
            return {n.id: (n.x, n.y) for n in self.nodes if n.x is not None and n.y is not None}
        if not self.hierarchical:
            return {}
        return tree_positions(
            [node.id for node in self.nodes],
            [(edge.source, edge.target) for edge in self.edges],
            widths={node.id: drawn_width(node) for node in self.nodes},
            levels={node.id: node.level for node in self.nodes if node.level is not None},
        )

    def _options(self) -> dict[str, Any]:
        count = len(self.nodes)
        smooth: dict[str, Any] | bool = False
        if self.hierarchical:
            smooth = {"type": "cubicBezier", "forceDirection": "vertical", "roundness": 0.5}
        return {
            "autoResize": True,
            "layout": {"randomSeed": RANDOM_SEED, "improvedLayout": count <= 150},
            "nodes": {"font": {"size": FONT_SIZE}, "borderWidth": 1.5 if count <= 150 else 0.5},
            "edges": {"smooth": smooth, "arrows": {"to": {"enabled": self.directed}}},
            "interaction": {
                "hover": len(self.edges) <= 2_000,  # hovering redraws all edges
                "hideEdgesOnDrag": len(self.edges) > 2_000,
                "hideEdgesOnZoom": len(self.edges) > 2_000,
                "selectConnectedEdges": False,
                "hoverConnectedEdges": False,
                "tooltipDelay": 120,
            },
            "physics": {"enabled": not self.placed} | _physics(count),
        }


def drawn_width(node: GraphNode) -> float:
    """Pixels that a node takes from left to right, with its label, at zoom 1."""
    longest = max(len(line) for line in _cut(node.label).split("\n"))
    return max(2 * node.size, LABEL_CHARACTER_WIDTH * longest)


def _node_options(node: GraphNode, places: dict[str, tuple[float, float]]) -> dict[str, Any]:
    label = _cut(node.label)
    color = {"background": node.color}
    if node.border is not None:
        color["border"] = node.border
    title = node.title
    if label != node.label and not title.startswith(node.label):
        title = f"{node.label}\n{title}".rstrip()
    options: dict[str, Any] = {
        "size": node.size,
        "color": color,
        "label": label or " ",  # pyvis writes the id in the place of an empty label
        "shape": node.shape,
    }
    if title:
        options["title"] = title
    if node.level is not None:
        options["level"] = node.level
    if node.id in places:
        options["x"], options["y"] = places[node.id]
    return options


def _edge_options(edge: GraphEdge, bends: dict[str, dict[str, Any]]) -> dict[str, Any]:
    options: dict[str, Any] = {"id": edge.id, "width": edge.width, "color": {"color": edge.color}}
    if edge.title:
        options["title"] = edge.title
    if edge.dashed:
        options["dashes"] = True
    if edge.id in bends:
        options["smooth"] = bends[edge.id]
    return options


def _cut(label: str) -> str:
    lines = (line.strip() for line in label.split("\n"))
    return "\n".join(
        line if len(line) <= MAX_LABEL_LENGTH else f"{line[: MAX_LABEL_LENGTH - 1].rstrip()}…"
        for line in lines
    )


def _bends(edges: tuple[GraphEdge, ...]) -> dict[str, dict[str, Any]]:
    """Bend edges that join the same two nodes, so that each can be seen and clicked."""
    together: dict[frozenset[str], list[GraphEdge]] = {}
    for edge in edges:
        together.setdefault(frozenset((edge.source, edge.target)), []).append(edge)
    bends: dict[str, dict[str, Any]] = {}
    for group in together.values():
        if len(group) == 1 or group[0].source == group[0].target:
            continue
        for index, edge in enumerate(group):
            # An edge bends to one side of its own way: there and back differ by themselves.
            repeats = sum(other.source == edge.source for other in group[:index])
            bends[edge.id] = {
                "enabled": True,
                "type": "curvedCW",
                "roundness": round(0.2 * (1 + repeats), 2),
            }
    return bends


def _physics(count: int) -> dict[str, Any]:
    """Options of a layout that is finished before the first picture."""
    return {
        "solver": "barnesHut",
        "barnesHut": {
            "gravitationalConstant": -6000,
            "centralGravity": 0.4,
            "springLength": 130,
            "springConstant": 0.03,
            "damping": 0.3,
            "avoidOverlap": 0.1,
        },
        "stabilization": {"iterations": 300 if count <= 150 else 60, "fit": True},
    }
