"""The modules page: the graph on the left, what was clicked on the right."""

import streamlit as st

from explorer.errors import PartitionError
from explorer.modularity.partition import Partition
from explorer.ui import cache, details, large, samples, session
from explorer.ui.graph import show_graph
from explorer.ui.view_state import View


def show(view: View) -> None:
    """Show the module graph and the chosen module or interface."""
    partition = cache.partition(view.network, view.edges, view.k)
    if not partition.count:
        st.info("This network has no weights that carry anything, so it has no modules.")
        return
    if view.part is not None:
        try:
            _check(partition, view.part)
        except PartitionError as problem:
            session.fall_back(f"The link cannot be opened: {problem}.")
    large.show_what_is_left_out(view)
    samples.show(view)
    _show_parts()


@st.fragment
def _show_parts() -> None:
    """Only this part of the page runs again after a click, so that it answers at once."""
    from explorer.views.module_graph import module_graph
    from explorer.views.tables import parts_table

    view = session.view()
    partition = cache.partition(view.network, view.edges, view.k)
    left, right = st.columns([2, 3], gap="large")
    with left:
        clicked = show_graph(module_graph(partition), key="module-graph", selected=view.part or "A")
        if clicked is not None:
            session.choose_part(clicked.id)
        _show_choice(partition)
        with st.expander("All modules and interfaces as a table"):
            st.table(parts_table(partition).set_index("part"))
    with right:
        details.show(session.view(), session.view().part or "A")


def _show_choice(partition: Partition) -> None:
    """Offer the same choice as the graph, for the keyboard and for screen readers."""
    names = [module.name for module in partition.modules]
    names += [interface.name for interface in partition.interfaces]
    st.session_state["part_shown"] = st.session_state["part"] or names[0]
    st.selectbox(
        "Module or interface in view",
        names,
        key="part_shown",
        format_func=lambda name: f"Interface {name}" if "-" in name else f"Module {name}",
        on_change=lambda: session.choose_part(st.session_state["part_shown"]),
        help="A module is a set of neurons; an interface is the weights between two modules.",
    )


def _check(partition: Partition, part: str) -> None:
    if "-" in part:
        partition.interface(part)
    else:
        partition.module(part)
