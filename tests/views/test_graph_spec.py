"""The specification of a drawing: what it refuses, and what it hands to vis-network, as text."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from explorer.views.graph_spec import (
    MAX_EDGES,
    MAX_NODES,
    GraphEdge,
    GraphNode,
    GraphSpec,
    drawn_width,
)
from explorer.views.tree_bunches import bunch_id, fold_leaves, is_bunch
from explorer.views.tree_layout import tree_positions

A = GraphNode("a", "A", "first", "#0072b2", 10)
B = GraphNode("b", "B", "", "#e69f00", 12.5, border="#000000")
AB = GraphEdge("ab", "a", "b", 2, "#888888", "7 weights")


def nodes(count: int) -> tuple[GraphNode, ...]:
    return tuple(GraphNode(f"n{i}", f"neuron {i}", "", "#0072b2", 5) for i in range(count))


def star(leaves: int) -> tuple[tuple[GraphNode, ...], tuple[GraphEdge, ...]]:
    """Return a node n0 with leaves n1, n2, ..."""
    edges = (GraphEdge(f"e{i}", "n0", f"n{i}", i, "#888888", "") for i in range(1, leaves + 1))
    return nodes(leaves + 1), tuple(edges)


def test_vis_as_text() -> None:
    vis = GraphSpec(
        (A, B), (AB, replace(AB, id="ba", source="b", target="a", dashed=True))
    ).to_vis()
    assert json.dumps(vis["nodes"]) == (
        '[{"color": {"background": "#0072b2"}, "size": 10, "title": "first", "id": "a", '
        '"label": "A", "shape": "dot"}, '
        '{"color": {"background": "#e69f00", "border": "#000000"}, "size": 12.5, "id": "b", '
        '"label": "B", "shape": "dot"}]'
    )
    bend = '"smooth": {"enabled": true, "type": "curvedCW", "roundness": 0.2}'
    assert json.dumps(vis["edges"]) == (
        '[{"id": "ab", "width": 2, "color": {"color": "#888888"}, "title": "7 weights", '
        f'{bend}, "from": "a", "to": "b"}}, '
        '{"id": "ba", "width": 2, "color": {"color": "#888888"}, "title": "7 weights", '
        f'"dashes": true, {bend}, "from": "b", "to": "a"}}]'
    )


def test_equal_specifications_give_equal_text() -> None:
    one, other = (json.dumps(GraphSpec((A, B), (AB,)).to_vis()) for _ in range(2))
    assert one == other
    assert '"randomSeed": 7' in one


def test_parallel_edges_are_kept_and_bend_apart() -> None:
    edges = (AB, replace(AB, id="again"), replace(AB, id="back", source="b", target="a"))
    drawn = GraphSpec((A, B), edges).to_vis()["edges"]
    assert [(edge["id"], edge["smooth"]["roundness"]) for edge in drawn] == [
        ("ab", 0.2),
        ("again", 0.4),
        ("back", 0.2),
    ]


def test_markup_stays_as_it_was_written() -> None:
    markup = "<b>&amp;</b>"
    node = GraphSpec((replace(A, label=markup, title=markup),), ()).to_vis()["nodes"][0]
    assert (node["label"], node["title"]) == (markup, markup)


def test_long_label_is_cut_and_its_text_kept_in_the_hover() -> None:
    node = GraphSpec((replace(A, label="word " * 10, title="more"),), ()).to_vis()["nodes"][0]
    assert node["label"] == "word word word word word wo…"
    assert node["title"] == f"{'word ' * 10}\nmore"


def test_empty_label_does_not_become_the_id() -> None:
    assert GraphSpec((replace(A, label=""),), ()).to_vis()["nodes"][0]["label"] == " "


def test_given_places_are_kept_and_nothing_is_arranged() -> None:
    spec = GraphSpec((replace(A, x=1, y=2), replace(B, x=-3.5, y=0)), (AB,))
    vis = spec.to_vis()
    assert [(node["x"], node["y"]) for node in vis["nodes"]] == [(1, 2), (-3.5, 0)]
    assert vis["options"]["physics"]["enabled"] is False


def test_empty_graph() -> None:
    assert GraphSpec((), ()).to_vis()["nodes"] == []
    assert GraphSpec((), (), hierarchical=True).to_vis()["nodes"] == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: GraphSpec(nodes(MAX_NODES + 1), ()),
            r"has 1,001 nodes and 0 edges; at most 1,000",
        ),
        (
            lambda: GraphSpec((A, B), tuple(replace(AB, id=str(i)) for i in range(MAX_EDGES + 1))),
            r"10,001 edges; at most 1,000 nodes and 10,000 edges",
        ),
        (lambda: GraphSpec((A, A), ()), r"'a' is used 2 times"),
        (lambda: GraphSpec((A, B), (replace(AB, id="a"),)), r"'a' is used 2 times"),
        (lambda: GraphSpec((A,), (AB,)), r"'ab' ends at 'b', which is no node"),
        (lambda: GraphSpec((replace(A, size=float("nan")),), ()), r"size nan; expected"),
        (lambda: GraphSpec((replace(A, shape="image"),), ()), r"shape 'image'; expected one of"),
        (lambda: GraphSpec((replace(A, x=0, y=0), B), ()), r"1 of 2 nodes have a position"),
    ],
)
def test_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        make()


def test_the_largest_graph_is_accepted() -> None:
    edges = tuple(
        replace(AB, id=str(i), source="n0", target=f"n{i % 999 + 1}") for i in range(10_000)
    )
    assert len(GraphSpec(nodes(MAX_NODES), edges).to_vis()["edges"]) == MAX_EDGES


@pytest.mark.parametrize("leaves", [2, 6, 7, 60])
def test_labels_of_a_tree_do_not_overlap(leaves: int) -> None:
    hub_nodes, hub_edges = star(leaves)
    extra = (GraphNode("far", "a branch with a long name", "", "#e69f00", 20),)
    below = (GraphNode("leaf", "its leaf", "", "#e69f00", 20),)
    edges = (
        *hub_edges,
        replace(AB, source="n0", target="far"),
    )
    edges += (replace(AB, id="x", source="far", target="leaf"),)
    spec = GraphSpec((*hub_nodes, *extra, *below), edges, hierarchical=True)
    placed = {node["id"]: (node["x"], node["y"]) for node in spec.to_vis()["nodes"]}
    for one, other in itertools.combinations(spec.nodes, 2):
        (x1, y1), (x2, y2) = placed[one.id], placed[other.id]
        apart = abs(x1 - x2) >= (drawn_width(one) + drawn_width(other)) / 2
        assert apart or abs(y1 - y2) >= one.size + other.size + 20, (one.id, other.id)


def test_tree_of_a_thousand_rows_needs_no_recursion() -> None:
    names = [str(i) for i in range(5_000)]
    places = tree_positions(names, itertools.pairwise(names), widths=dict.fromkeys(names, 10.0))
    assert {x for x, _ in places.values()} == {0.0}
    assert places["4999"][1] == 4_999 * 110


def test_given_levels_are_the_rows_and_the_lowest_is_the_root() -> None:
    places = tree_positions(
        "abc", [("a", "b"), ("b", "c")], widths=dict.fromkeys("abc", 10), levels={"b": 0, "c": 3}
    )
    assert [places[name][1] for name in "bac"] == [0, 110, 330]


def test_leaves_are_folded_to_one_node_that_counts_them() -> None:
    shown, lines = fold_leaves(*star(147))
    assert [(node.id, node.label) for node in shown] == [
        ("n0", "neuron 0"),
        ("bunch:n0", "+ 147 neurons"),
    ]
    assert [(edge.source, edge.target, edge.width) for edge in lines] == [("n0", "bunch:n0", 147)]
    assert is_bunch(shown[1].id)
    assert shown[1].title.endswith("and 142 more\nClick to unfold.")


def test_an_unfolded_bunch_keeps_its_node_and_every_edge_its_id() -> None:
    shown, lines = fold_leaves(*star(5), unfolded=frozenset({bunch_id("n0")}))
    assert len(shown) == 7
    assert {edge.id for edge in lines} == {"bunch:n0:edge", "e1", "e2", "e3", "e4", "e5"}
    assert {edge.source for edge in lines if edge.id.startswith("e")} == {"bunch:n0"}
    GraphSpec(shown, lines, hierarchical=True)


def test_few_leaves_are_left_alone() -> None:
    assert fold_leaves(*star(4)) == star(4)


def test_a_folded_tree_of_five_thousand_nodes_can_be_drawn() -> None:
    shown, lines = fold_leaves(*star(5_000))
    assert len(GraphSpec(shown, lines, hierarchical=True).nodes) == 2
    shown, lines = fold_leaves(*star(5_000), unfolded=frozenset({"bunch:n0"}))
    with pytest.raises(ValueError, match=r"5,002 nodes"):
        GraphSpec(shown, lines, hierarchical=True)
