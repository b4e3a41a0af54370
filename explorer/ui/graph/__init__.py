"""The clickable graph: a `GraphSpec` in, the clicked node or edge out."""

from explorer.ui.graph.component import Selection, show_graph

__all__ = ["Selection", "show_graph"]
