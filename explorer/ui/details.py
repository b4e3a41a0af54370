"""What stands beside the module graph: the chosen module, interface or neuron in detail."""

from typing import TYPE_CHECKING

import streamlit as st

from explorer.modularity.partition import Partition
from explorer.network.checkpoint import Checkpoint
from explorer.observation.record import InterfaceEvidence, ModuleEvidence
from explorer.ui import cache
from explorer.ui import evidence as closer
from explorer.ui.descriptions.asking import follow
from explorer.ui.descriptions.block import show_texts
from explorer.ui.descriptions.scoring import show_scores
from explorer.ui.elements import chart, chip_heading
from explorer.ui.found import offer_effect, part_evidence
from explorer.ui.jobs import Waiting
from explorer.ui.jobs import follow as follow_jobs
from explorer.ui.neurons import rows_of, show_connections, show_inputs, show_neurons
from explorer.ui.view_state import View
from explorer.views import charts, pictures, text
from explorer.views.accuracy_bars import accuracy_bars
from explorer.views.palette import module_color
from explorer.views.pixel_map import pixel_map

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_SECTIONS = ("What it does", "Examples", "Neurons", "Weights")
_MAPS = 8
_NO_DATA = (
    "The network's task is not known, so there is no data to run it on. Bring some: see *Activity "
    "on your data* above."
)


def show(view: View, part: str) -> None:
    """Show everything about a module or interface."""
    network = cache.network(view.network)
    partition = cache.partition(view.network, view.edges, view.k)
    found = part_evidence(view.network, view.edges, view.k, part)
    waiting: list[Waiting] = []
    if isinstance(found, InterfaceEvidence):
        _show_interface(view, partition, found, waiting)
    else:
        _show_module(view, network, partition, found, waiting)
    follow_jobs(waiting)


def _show_module(
    view: View,
    network: Checkpoint,
    partition: Partition,
    found: ModuleEvidence,
    waiting: list[Waiting],
) -> None:
    module = found.module
    color = module_color(module.index)
    chip_heading(f"Module {module.name}", color)
    st.markdown(text.describe_module(partition, found))
    believing, writing = _show_texts(view, module.name)
    sections = closer.with_more(_SECTIONS, view)
    if st.session_state.get("section") not in sections:  # another network has other sections
        st.session_state.pop("section", None)
    section = st.segmented_control(
        "Section",
        sections,
        default=_SECTIONS[0],
        key="section",
        label_visibility="collapsed",
        required=True,
        wrap=True,
    )
    if section == "Examples":
        _show_examples(network, found, color)
    elif section == "Neurons":
        show_neurons(view, partition, found, waiting)
    elif section == "Weights":
        _show_weights(network, partition, found)
    elif section not in _SECTIONS:
        closer.show_section(section, view, module.name, color)
    else:
        _show_function(view, network, found, color, waiting)
    with believing:
        show_scores(view, module.name)
    if writing is not None:
        follow(view, module.name, writing)


def _show_texts(view: View, part: str) -> "tuple[DeltaGenerator, DeltaGenerator | None]":
    """Show the texts of a part; return where what takes longer is filled in last.

    That is their scores, and a text that is being written.
    """
    waiting = show_texts(view, part)
    return st.container(), waiting


def _show_function(
    view: View, network: Checkpoint, found: ModuleEvidence, color: str, waiting: list[Waiting]
) -> None:
    st.markdown("##### What is lost without its hidden neurons")
    if network.task is None:
        st.caption(_NO_DATA)
    elif found.effect is None:
        offer_effect(view, found.module.name, "without this module", waiting)
    else:
        st.markdown(text.describe_effect(found.effect, f"module {found.module.name}"))
        st.caption(f"{text.describe_holding(found.effect)} {text.describe_split(found.effect)}")
        st.html(accuracy_bars(found.effect, color))
    images = pictures.input_maps(network, found.input_mass)
    if images:
        st.markdown("##### What it reads")
        st.caption(
            "Weight that comes in from every pixel, as a share of the largest: the stronger the "
            "colour, the more it counts."
        )
        for column, (name, values) in zip(st.columns(len(images)), images, strict=True):
            with column:
                st.html(pixel_map(values, color, name))
    elif network.task is not None and len(found.input_mass):
        st.markdown("##### What it reads")
        st.markdown(text.describe_inputs(network.task, found.input_mass))


def _show_examples(network: Checkpoint, found: ModuleEvidence, color: str) -> None:
    if network.task is None:
        st.caption(_NO_DATA)
        return
    if found.activity is None:
        st.caption("This module has no hidden neuron that is ever active, so it has no activity.")
        return
    st.markdown("##### How active it is")
    st.caption(
        "Activity is the sum of its hidden neurons' activations, each counted by how far it "
        f"reaches to the outputs; 1 is the average over the {rows_of(network)}."
    )
    histogram = charts.activity_histogram(found.activity, color, "activity", rows_of(network))
    chart(histogram, "activity", "Histogram")
    for title, chosen in (("Most active on", found.most), ("Least active on", found.least)):
        st.markdown(f"##### {title}")
        show_inputs(network, chosen, found.activity, color, least=chosen is found.least)


def _show_weights(network: Checkpoint, partition: Partition, found: ModuleEvidence) -> None:
    maps = [
        (f"{partition.graph.names[neuron.node]}{f', {name}' if len(images) > 1 else ''}", values)
        for neuron in found.neurons
        if (images := pictures.neuron_maps(network, neuron.node))
        for name, values in images
    ][:_MAPS]
    if maps:
        st.markdown("##### Weights from the pixels")
        st.caption(
            "Of its heaviest neurons in the first hidden layer: orange excites, blue inhibits; one "
            "scale for all."
        )
        chart(
            charts.weight_maps([values for _, values in maps], [name for name, _ in maps]),
            "module-maps",
            "Weight maps",
        )
    st.markdown("##### Strongest weights inside")
    show_connections(partition, found.inside)
    st.markdown("##### Strongest weights to other modules")
    if found.across:
        show_connections(partition, found.across)
    else:
        st.caption("None: nothing passes between this module and the others.")


def _show_interface(
    view: View, partition: Partition, found: InterfaceEvidence, waiting: list[Waiting]
) -> None:
    interface = found.interface
    first, second = partition.modules[interface.first], partition.modules[interface.second]
    chip_heading(
        f"Interface {interface.name}", module_color(first.index), module_color(second.index)
    )
    st.markdown(text.describe_interface(partition, found))
    believing, writing = _show_texts(view, interface.name)
    network = cache.network(view.network)
    if network.task is None:
        st.caption(_NO_DATA)
    elif found.effect is None:
        st.markdown("##### What is lost when it is cut")
        offer_effect(view, interface.name, "with this interface cut", waiting)
    else:
        st.markdown("##### What is lost when it is cut")
        st.markdown(text.describe_effect(found.effect, f"interface {interface.name}"))
        st.caption(
            "All of its weights are set to zero. Grey: the whole network; colour: without them. "
            f"{text.describe_split(found.effect)}"
        )
        st.html(accuracy_bars(found.effect, module_color(first.index)))
    for source, target, connections in (
        (first, second, found.forward),
        (second, first, found.backward),
    ):
        st.markdown(f"##### From module {source.name} to module {target.name}")
        if connections:
            show_connections(partition, connections)
        else:
            st.caption("Nothing passes in this direction.")
    closer.show_more(view, interface.name, module_color(first.index))
    with believing:
        show_scores(view, interface.name)
    if writing is not None:
        follow(view, interface.name, writing)
