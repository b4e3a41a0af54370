"""The parts of the cut tree page."""

from functools import partial

import streamlit as st

from explorer.ui import cache, session
from explorer.ui.graph import show_graph
from explorer.ui.view_state import View


def show_module_tree(view: View) -> None:
    """Show in which order the modules part."""
    from explorer.views.cut_tree_graph import module_tree_graph
    from explorer.views.text import describe_module_tree

    partition = cache.partition(view.network, view.weighting, view.k)
    st.markdown(
        "Between any two neurons there is a cheapest set of weights to cut so that nothing passes "
        "between them any more. The **cut tree** (Gomory-Hu tree) holds all of these minimum cuts: "
        "the lightest line on the way from one node to another is their minimum cut."
    )
    st.subheader("Between modules")
    if partition.count < 2:
        st.info("Fewer than two modules were found, so there is nothing to part.")
        return
    tree = cache.tree_of_modules(view.network, view.weighting, view.k)
    st.markdown(describe_module_tree(tree))
    clicked = show_graph(module_tree_graph(tree, partition), key="module-tree", selected=view.part)
    if clicked is not None and clicked.kind == "node":
        session.leave_for_modules(clicked.id)
    st.caption("Each module is one node here. Click it to see what it does.")


def show_neuron_tree(view: View) -> None:
    """Show the tree over neurons, bunches of single neurons folded."""
    st.subheader("Between neurons")
    _neuron_tree()


@st.fragment
def _neuron_tree() -> None:
    from explorer.views.cut_tree_graph import cut_tree_graph
    from explorer.views.text import describe_tree
    from explorer.views.tree_bunches import is_bunch

    view = session.view()
    tree = cache.cut_tree(view.network, view.weighting)
    partition = cache.partition(view.network, view.weighting, view.k)
    state_key = f"unfolded-{tree.source_id}"
    unfolded: frozenset[str] = st.session_state.get(state_key, frozenset())
    st.markdown(describe_tree(tree))
    clicked = show_graph(cut_tree_graph(tree, partition, unfolded), key="neuron-tree")
    st.caption(
        "Colours are the modules'. A square stands for many neurons that are each cheapest to cut "
        "off alone: click it to see them, click again to fold them. Hover to read a cut."
    )
    if clicked is not None and clicked.kind == "node" and is_bunch(clicked.id):
        st.session_state[state_key] = unfolded ^ {clicked.id}
        st.rerun(scope="fragment")


def show_downloads(view: View) -> None:
    """Offer the neuron tree as a file."""
    from explorer.modularity.tree_export import TREE_FORMATS, tree_text

    st.subheader("Take it with you")
    tree = cache.cut_tree(view.network, view.weighting)
    name = cache.network(view.network).name.split(".")[0]
    titles = {".graphml": "GraphML", ".newick": "Newick", ".json": "Node-link JSON"}
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
    st.caption("The tree over neurons: GraphML for Gephi or yEd, Newick for tree viewers.")
