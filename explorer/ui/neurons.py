"""The neurons of a module: a table, and one of them in detail."""

import math

import streamlit as st

from explorer.modularity.partition import Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.observation.record import Connection, ModuleEvidence, NeuronEvidence
from explorer.ui import cache
from explorer.ui import evidence as closer
from explorer.ui.elements import chart, chip_heading, percent_columns
from explorer.ui.found import neuron, offer_effect
from explorer.ui.jobs import Waiting
from explorer.ui.node_search import find_node
from explorer.ui.view_state import View
from explorer.views import charts, pictures, tables, text
from explorer.views.palette import module_color

_LISTED = 200  # rows of the table


def show_neurons(
    view: View, partition: Partition, found: ModuleEvidence, waiting: list[Waiting]
) -> None:
    """Show the neurons of a module as a table, and the one that was chosen."""
    count, searched = len(found.neurons), None
    if count > _LISTED:
        st.caption(f"The heaviest {_LISTED} of {count:,}. Choose a row, or find one by its name.")
        searched = find_node(
            "Find a head, neuron or dimension",
            partition.graph.names,
            f"find-{found.partition_id}",
            "Of any module.",
        )
    else:
        st.caption("The heaviest first. Choose a row to see a neuron.")
    picked = st.dataframe(
        tables.neurons_table(partition.graph, found, _LISTED),
        hide_index=True,
        height=260,
        on_select="rerun",
        selection_mode="single-row",
        key=f"neurons-{found.partition_id}-{found.module.name}",
        column_config=percent_columns("share of module", "stays inside", "active on"),
    )
    rows = picked["selection"]["rows"]
    row = rows[0] if rows and rows[0] < min(count, _LISTED) else 0
    node = found.neurons[row].node if searched is None else searched
    _show_neuron(view, partition, neuron(view.network, view.edges, view.k, node), waiting)


def _show_neuron(
    view: View, partition: Partition, found: NeuronEvidence, waiting: list[Waiting]
) -> None:
    graph = partition.graph
    network = cache.network(view.network)
    label = int(partition.labels[found.node])
    chip_heading(graph.names[found.node].capitalize(), module_color(label), level=5)
    if found.effect is not None:
        st.markdown(text.describe_effect(found.effect, "it"))
    elif network.task is not None and graph.layers[graph.layer_of[found.node]].role != "output":
        offer_effect(view, found.node, "without it", waiting)
    maps = pictures.neuron_maps(network, found.node)
    if maps:
        st.caption("Its weights from every pixel: orange excites it, blue inhibits it.")
        chart(
            charts.weight_maps([values for _, values in maps], [name for name, _ in maps]),
            "neuron-maps",
            "Weight maps",
        )
    if found.activations is not None:
        chart(
            charts.activity_histogram(
                found.activations, module_color(label), "activation", rows_of(network)
            ),
            "neuron-activity",
            "Histogram of its activation",
        )
        if found.most:
            st.markdown("Largest activations:")
            show_inputs(network, found.most, found.activations, module_color(label))
    for title, connections in (
        ("Strongest incoming", found.incoming),
        ("Strongest outgoing", found.outgoing),
    ):
        if connections:
            st.markdown(f"{title} weights:")
            show_connections(partition, connections)
    closer.show_more(view, found.node, module_color(label))


def rows_of(network: Checkpoint) -> str:
    """What one row of a network's activations is, in the plural."""
    return "tokens" if network.task is not None and network.task.is_text else "examples"


def show_inputs(
    network: Checkpoint,
    chosen: tuple[int, ...],
    values: Floats,
    color: str,
    least: bool = False,
) -> None:
    """Show examples with the value of each; of texts that were brought, every token marked.

    Parameters
    ----------
    network : Checkpoint
        With a task.
    chosen : tuple of int
        Rows of its explain split.
    values : array, shape (rows,)
        Of all rows.
    color : str
    least : bool
        Whether they are those of smallest value.
    """
    assert network.task is not None
    if network.task.is_text and network.task.opened:
        _show_snippets(network.task, values, color, least)
        return
    shown = pictures.examples(network.task, chosen, [float(values[at]) for at in chosen])
    if shown.pictures:
        chart(
            charts.example_pictures(shown.pictures, shown.titles),
            f"examples-{chosen}",
            "; ".join(shown.titles),
        )
    else:
        st.dataframe(shown.table, hide_index=True)


def _show_snippets(task: Task, values: Floats, color: str, least: bool) -> None:
    from explorer.observation.microscope import places_at_work
    from explorer.views.token_highlights import snippet_html

    found = places_at_work(task, values, least=least)
    largest = float(values.max(initial=0.0))  # one scale for all
    for snippet in found:
        with st.container(border=True, gap="small"):
            st.html(snippet_html(snippet, largest, color, task.joint))


def show_connections(partition: Partition, connections: tuple[Connection, ...]) -> None:
    """Show weights as a table."""
    table = tables.connections_table(partition, connections)
    table["share of weight"] *= 100
    largest = max(float(table["share of weight"].max()), 1e-9)
    digits = max(1, 2 - math.floor(math.log10(largest)))  # of a large network all are tiny
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "weight": st.column_config.NumberColumn(format="%.4g"),
            "share of weight": st.column_config.NumberColumn(format=f"%.{digits}f%%"),
        },
    )
