"""What the component accepts from a browser, and that pages with it run without one."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui.graph.component import Selection, _library_source, _read_click, _vis_network_file
from explorer.views.graph_spec import GraphEdge, GraphNode, GraphSpec
from tests.browser.conftest import GRAPH_PAGE

SPEC = GraphSpec(
    (GraphNode("a", "A", "", "#0072b2", 9), GraphNode("b", "B", "", "#0072b2", 9)),
    (GraphEdge("ab", "a", "b", 1, "#888888", ""),),
)


def test_clicks_on_nodes_and_edges_are_read() -> None:
    node = _read_click({"kind": "node", "id": "a", "count": 1}, SPEC)
    edge = _read_click({"kind": "edge", "id": "ab", "count": 2}, SPEC)
    assert (node.selection, node.count) == (Selection("node", "a"), 1)
    assert (edge.selection, edge.count) == (Selection("edge", "ab"), 2)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "a",
        {"kind": "node", "id": "gone", "count": 1},
        {"kind": "node", "id": "ab", "count": 1},
        {"kind": "graph", "id": "a", "count": 1},
        {"kind": "node", "id": ["a"], "count": 1},
        {"kind": "node", "id": "a", "count": "1"},
        {"kind": "node", "id": "a"},
    ],
)
def test_anything_else_is_no_click(raw: object) -> None:
    assert _read_click(raw, SPEC).selection is None


def test_the_library_is_that_of_the_installed_pyvis() -> None:
    assert _vis_network_file().parent.name == "vis-9.1.2"
    assert "sourceMappingURL=" not in _library_source()


def test_a_page_with_a_graph_runs_without_a_browser() -> None:
    app = AppTest.from_file(str(GRAPH_PAGE), default_timeout=60).run()
    assert not app.exception
    assert "Chosen: nothing" in [text.value for text in app.markdown]
