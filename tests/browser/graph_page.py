"""A page that shows the graph component: ``streamlit run tests/browser/graph_page.py``.

Query parameters: ``graph`` (small, tree, large, text), ``choice`` (id of what is chosen).
"""

from __future__ import annotations

import random

import streamlit as st

from explorer.ui.graph import show_graph
from explorer.views.graph_spec import GraphEdge, GraphNode, GraphSpec
from explorer.views.tree_bunches import fold_leaves, is_bunch

COLORS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")
GREY = "#8c8c8c"


def small() -> GraphSpec:
    """Ten modules and the interfaces between them."""
    nodes = tuple(
        GraphNode(
            f"m{i}",
            f"Module {i + 1}",
            f"Module {i + 1}\n{12 * (i + 1)} neurons",
            COLORS[i % 7],
            12 + 2 * i,
        )
        for i in range(10)
    )
    pairs = [(i, (i * 3 + 1) % 10) for i in range(10)] + [(0, 5), (5, 0), (2, 8)]
    edges = tuple(
        GraphEdge(f"e{a}-{b}", f"m{a}", f"m{b}", 1 + (a + b) % 5, GREY, f"{a + b} weights", a > 7)
        for a, b in pairs
        if a != b
    )
    return GraphSpec(nodes, edges, description="Ten modules and what passes between them")


def large(count: int = 1_000) -> GraphSpec:
    """As many nodes and edges as are drawn at once."""
    rng = random.Random(0)
    nodes = tuple(
        GraphNode(f"n{i}", f"{i}", f"neuron {i}", COLORS[i * 7 // count], 6) for i in range(count)
    )
    edges: list[GraphEdge] = []
    while len(edges) < 10 * count:
        a = rng.randrange(count)
        group = a * 7 // count
        b = (
            rng.randrange(count)
            if rng.random() < 0.03
            else rng.randrange(count // 7) + group * count // 7
        )
        if a != b:
            edges.append(GraphEdge(f"e{len(edges)}", f"n{a}", f"n{b}", 0.5, GREY, ""))
    return GraphSpec(nodes, tuple(edges), description="A large network")


def tree(unfolded: frozenset[str]) -> GraphSpec:
    """Return a cut tree: four hubs, two with many leaves."""
    nodes = [GraphNode("root", "whole network", "root", GREY, 16)]
    edges = []
    for hub, leaves in enumerate((147, 12, 3, 40)):
        color = COLORS[hub]
        nodes.append(GraphNode(f"h{hub}", f"module {hub + 1}", f"hub {hub}", color, 14))
        edges.append(GraphEdge(f"cut{hub}", "root", f"h{hub}", 2 + hub, GREY, f"cut {hub + 1}.5"))
        for leaf in range(leaves):
            name = f"h{hub}n{leaf}"
            nodes.append(GraphNode(name, f"neuron {leaf}", f"neuron {leaf}", color, 7))
            edges.append(GraphEdge(f"{name}-cut", f"h{hub}", name, 1, GREY, "cut 0.2"))
    shown, lines = fold_leaves(nodes, edges, unfolded=unfolded)
    return GraphSpec(shown, lines, hierarchical=True, description="Cut tree")


def text() -> GraphSpec:
    """Labels and hover texts that would be HTML, were they read as such."""
    evil = "<img src=x onerror=\"document.title='hacked'\"><b>bold</b>"
    return GraphSpec(
        (
            GraphNode("a", evil, evil, COLORS[0], 20, x=-80, y=0),
            GraphNode("b", "*_multi_* <i>x</i>", "", COLORS[1], 20, x=80, y=0),
        ),
        (GraphEdge("ab", "a", "b", 4, GREY, evil),),
    )


st.set_page_config(layout="wide", page_title="Graph")
state = st.session_state
state.setdefault("unfolded", frozenset())
state.setdefault("runs", 0)
state.runs += 1
which = st.query_params.get("graph", "small")
makers = {"small": small, "large": large, "tree": lambda: tree(state.unfolded), "text": text}
left, right = st.columns([3, 2])
with left:
    picked = show_graph(makers[which](), key="demo", selected=st.query_params.get("choice"))
if picked is not None:
    st.query_params["choice"] = picked.id
    state.clicks = state.get("clicks", 0) + 1
    if picked.kind == "node" and is_bunch(picked.id):
        state.unfolded ^= {picked.id}
        st.rerun()
with right:
    choice = st.query_params.get("choice", "nothing")
    st.write(f"Chosen: {choice}")
    st.write(f"Clicks: {state.get('clicks', 0)}")
    st.write(f"Runs: {state.runs}")
    st.button("Run again")
    if st.button("Choose m3"):
        st.query_params["choice"] = "m3"
        st.rerun()
    if st.button("Choose nothing"):
        st.query_params.pop("choice", None)
        st.rerun()
