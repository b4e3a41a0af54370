"""What pages say of large networks: what the graph leaves out, and where modules lie in depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.ui import cache
from explorer.ui.jobs import Job, Waiting, jobs, show_job
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.modularity.partition import Partition

_SENSITIVITY = (
    "The same modules, measured in graphs that keep more or fewer edges; and the best modules that "
    "each of these graphs has of its own. If the figures agree, the modules do not hang on what "
    "was left out."
)
_DEPTH = (
    "The share of each layer's nodes that lies in each module, the first layer on top. Columns "
    "that are alike from top to bottom are modules that run through the whole network; columns "
    "that change are modules at a certain depth."
)


def takes_long(view: View) -> bool:
    """Whether the network is so large that what needs further runs is left to be asked for."""
    from explorer.observation.streaming import takes_long as takes

    return takes(cache.network(view.network))


def show_what_is_left_out(view: View) -> None:
    """Say which edges the graph leaves out, if any, and that searches take shortcuts."""
    from explorer.views.pruning_text import describe_pruning, describe_shortcuts

    graph = cache.graph(view.network, view.edges)
    said = [describe_pruning(graph.pruning), describe_shortcuts(graph)]
    if any(said):
        st.caption(" ".join(sentence for sentence in said if sentence))


def show_layers(view: View) -> None:
    """Show where the modules lie in depth, of a network that is deep enough."""
    from explorer.views.layer_map import DEEP, describe_depth, layer_map_table, layer_maps

    partition = cache.partition(view.network, view.edges, view.k)
    if len(partition.graph.layers) <= DEEP or partition.count < 2:
        return
    maps = layer_maps(partition)
    st.subheader("Where do the modules lie?")
    st.caption(_DEPTH)
    several = [found for found in maps if len(found.layers) > 1]
    for found, column in zip(several, st.columns(max(len(several), 1)), strict=True):
        with column:
            st.markdown(f"**{found.kind.capitalize()}.** {describe_depth(found)}")
            st.html(layer_map_table(found))
    for found in maps:
        if found not in several:
            st.html(layer_map_table(found))


def show_sensitivity(view: View, waiting: list[Waiting]) -> None:
    """Offer to compute how much the modules depend on what the graph leaves out."""
    partition = cache.partition(view.network, view.edges, view.k)
    if partition.graph.pruning is None or not partition.count:
        return
    key = f"sensitivity {partition.id}"
    job = jobs().find(key)
    with st.expander("How much does this depend on what was left out?", expanded=job is not None):
        st.markdown(_SENSITIVITY)
        if job is not None and job.under_way:
            show_job(job, "stop_sensitivity", waiting, "Nothing is kept of it.")
            return
        if job is not None and job.problem:
            st.error(f"{job.problem}.", icon=":material/error:")
        if job is not None and job.result is not None:
            _show_rows(job.result)
            return
        st.button(
            "Measure it",
            key="measure_sensitivity",
            icon=":material/tune:",
            on_click=_ask,
            args=(key, partition),
            help="Makes the graph again for every number of edges, and looks for modules there.",
        )


def _ask(key: str, partition: Partition) -> None:
    jobs().ask(key, _measuring(partition))


def _show_rows(rows: Any) -> None:
    from explorer.views.pruning_text import describe_sensitivity, sensitivity_table

    st.markdown(describe_sensitivity(rows))
    st.table(sensitivity_table(rows).set_index("edges kept"))


def _measuring(partition: Partition) -> Callable[[Job], Any]:
    def make(job: Job) -> Any:
        from explorer.modularity.sensitivity import sensitivity

        checkpoint = partition.graph.checkpoint
        assert checkpoint is not None
        job.words = "Making graphs with more and fewer edges …"
        return sensitivity(checkpoint, partition, progress=job.advance_or_stop)

    return make
