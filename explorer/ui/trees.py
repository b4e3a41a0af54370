"""The parts of the cut tree page."""

from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from explorer.ui import cache, large, session
from explorer.ui.elements import chart
from explorer.ui.graph import show_graph
from explorer.ui.node_search import find_node
from explorer.ui.view_state import View

_FIND = "Find a neuron in the tree"
_FIND_HELP = "Shows where the neuron is in the tree, and the cut that parts it."
_ROOT = (
    "**{name}** is the root, the heaviest neuron of all: there is no cut above it. Choose another."
)


@dataclass(frozen=True)
class _Look:
    """How a visitor looks at one tree: bunches unfolded, neuron searched, cut in view."""

    unfolded: frozenset[str] = frozenset()
    searched: int | None = None
    cut: int | None = None


def show_module_tree(view: View) -> None:
    """Show in which order the modules part."""
    from explorer.views.cut_tree_graph import module_tree_graph
    from explorer.views.text import describe_module_tree

    partition = cache.partition(view.network, view.edges, view.k)
    st.markdown(
        "Between any two neurons there is a cheapest set of weights to cut so that nothing passes "
        "between them any more. The **cut tree** (Gomory-Hu tree) holds all of these minimum cuts: "
        "the lightest line on the way from one node to another is their minimum cut."
    )
    st.subheader("Between modules")
    if partition.count < 2:
        st.info("Fewer than two modules were found, so there is nothing to part.")
        return
    tree = cache.tree_of_modules(view.network, view.edges, view.k)
    st.markdown(describe_module_tree(tree))
    clicked = show_graph(module_tree_graph(tree, partition), key="module-tree", selected=view.part)
    if clicked is not None and clicked.kind == "node":
        session.leave_for_modules(clicked.id)
    st.caption("Each module is one node here. Click it to see what it does.")


def show_neuron_tree(view: View) -> None:
    """Show the tree over neurons, and the cut that was chosen on the network."""
    from explorer.views.certificate_text import describe_certificate
    from explorer.views.text import describe_tree

    st.subheader("Between neurons")
    tree = cache.cut_tree(view.network, view.edges)
    partition = cache.partition(view.network, view.edges, view.k)
    st.markdown(describe_tree(tree))
    st.markdown(
        describe_certificate(tree, partition),
        help="Balance: the weight at the lighter side as a share of half of the network's, 1 where "
        "both sides weigh the same.",
    )
    large.show_what_is_left_out(view)
    if partition.graph.is_large:
        _explore_large_tree()
    else:
        _explore_neuron_tree()


@st.fragment
def _explore_neuron_tree() -> None:
    """Only this part of the page runs again after a click, so that it answers at once."""
    from explorer.views.cut_tree_graph import cut_tree_graph, neuron_of
    from explorer.views.tree_bunches import is_bunch

    view = session.view()
    tree = cache.cut_tree(view.network, view.edges)
    partition = cache.partition(view.network, view.edges, view.k)
    looks = st.session_state.setdefault("tree_looks", {})
    look = looks.get(tree.source_id, _Look())
    searched = find_node(_FIND, tree.names, f"search-{tree.source_id}", _FIND_HELP)
    if searched is not None and searched != look.searched:
        look = replace(look, searched=searched, cut=searched)
    try:
        spec = cut_tree_graph(tree, partition, look.unfolded, look.searched)
    except ValueError as problem:  # unfolded, it is more than is drawn at once
        st.warning(f"{problem} The tree was folded again.")
        look = replace(look, unfolded=frozenset())
        spec = cut_tree_graph(tree, partition, searched=look.searched)
    looks[tree.source_id] = look
    node = look.cut
    clicked = show_graph(spec, key="neuron-tree", selected=None if node is None else f"n{node}")
    st.caption(
        "Colours are the modules'. A square stands for many neurons that are each cheapest to cut "
        "off alone: click it to see them, click again to fold them. Click a neuron or a line to "
        "see its cut on the network."
    )
    if clicked is not None and is_bunch(clicked.id):
        looks[tree.source_id] = replace(look, unfolded=look.unfolded ^ {clicked.id})
        st.rerun(scope="fragment")
    if clicked is not None and (hit := neuron_of(clicked.id)) is not None:
        looks[tree.source_id] = replace(look, cut=hit)
        node = hit
    if node is not None:
        _show_cut(view, node)


@st.fragment
def _explore_large_tree() -> None:
    """Show the way to one node, and go on from there: the whole tree is never sent."""
    from explorer.views.cut_tree_graph import neuron_of
    from explorer.views.tree_path import describe_side, largest_branch, tree_path_graph

    view = session.view()
    tree = cache.cut_tree(view.network, view.edges)
    partition = cache.partition(view.network, view.edges, view.k)
    looks = st.session_state.setdefault("tree_looks", {})
    look = looks.get(tree.source_id, _Look())
    searched = find_node(_FIND, tree.names, f"search-{tree.source_id}", _FIND_HELP)
    if searched is not None and searched != look.searched:
        look = replace(look, searched=searched, cut=searched)
    node = largest_branch(tree) if look.cut is None else look.cut
    clicked = show_graph(
        tree_path_graph(tree, partition, node), key="neuron-tree", selected=f"n{node}"
    )
    st.caption(
        f"The tree has {len(tree.nodes):,} nodes. Drawn are those from the root down to one of "
        "them, at first to where the largest group is parted off, with the largest branches on "
        "the way. Click a node to go on from there. Colours are the modules'."
    )
    looks[tree.source_id] = look
    if clicked is not None and (hit := neuron_of(clicked.id)) is not None:
        looks[tree.source_id] = replace(look, cut=hit)
        st.rerun(scope="fragment")
    if tree.parent[node] < 0:
        st.markdown(_ROOT.format(name=tree.names[node]))
        return
    st.markdown(f"##### The cut at {tree.names[node]}")
    st.markdown(describe_side(partition.graph, tree, node))
    _link_to_module(view, node)


def _show_cut(view: View, node: int) -> None:
    from explorer.views.cut_sides import cut_sides_chart, describe_cut

    graph = cache.graph(view.network, view.edges)
    tree = cache.cut_tree(view.network, view.edges)
    if tree.parent[node] < 0:
        st.markdown(_ROOT.format(name=tree.names[node]))
        return
    st.markdown(f"##### The cut at {tree.names[node]}, on the network")
    st.markdown(describe_cut(graph, tree, node))
    chart(cut_sides_chart(graph, tree, node), "cut-sides", describe_cut(graph, tree, node))
    _link_to_module(view, node)


def _link_to_module(view: View, node: int) -> None:
    partition = cache.partition(view.network, view.edges, view.k)
    label = int(partition.labels[node])
    if label >= 0:
        module = partition.modules[label]
        if st.button(f"Go to its module, {module.name}", icon=":material/hub:"):
            session.leave_for_modules(module.name)


def show_speed() -> None:
    """Show how fast the tree is computed, beside other libraries."""
    from explorer.views.measured import measured

    with st.expander("How fast is it, beside other libraries?"):
        st.markdown(
            "What `explorer bench cut-tree` printed when it was last run; run it on your machine "
            "for your own figures."
        )
        st.markdown(measured("cut_tree"))


def show_downloads(view: View) -> None:
    """Offer the neuron tree, and the network with its modules, as files."""
    from explorer.modularity.cut_tree.export import TREE_FORMATS, tree_text
    from explorer.modularity.graph_export import ATTRIBUTION, attribution_graph

    st.subheader("Take it with you")
    tree = cache.cut_tree(view.network, view.edges)
    name = cache.network(view.network).name.split(".")[0]
    is_large = cache.graph(view.network, view.edges).is_large
    titles = {
        ".graphml": "GraphML",
        ".gexf": "GEXF",
        ".dot": "DOT",
        ".newick": "Newick",
        ".json": "Node-link JSON",
    }
    with st.container(horizontal=True):
        for suffix in TREE_FORMATS:
            st.download_button(
                titles[suffix],
                data=partial(tree_text, tree, suffix),
                file_name=f"{name}-cut-tree{suffix}",
                key=f"download{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )
        st.download_button(
            "Attribution graph",
            disabled=is_large,
            help="Too large for these viewers." if is_large else None,
            data=partial(attribution_graph, cache.partition(view.network, view.edges, view.k)),
            file_name=f"{name}{ATTRIBUTION}",
            key="download-attribution",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(
        "The tree over neurons: GraphML or GEXF for Gephi, DOT for Graphviz, Newick for tree "
        "viewers, JSON for networkx. The attribution graph is the network itself, its modules as "
        "supernodes, for viewers of circuit-tracer's files."
    )
