"""What the quiz shows of a module: pictures, weights and examples; never a text about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui.elements import chart
from explorer.views import charts, pictures, text
from explorer.views.palette import module_color
from explorer.views.pixel_map import pixel_map

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint
    from explorer.observation.record import ModuleEvidence

_COLOR = module_color(0)  # of every module: its own would tell which it is
_MAPS = 4
_CLASSES = (
    "The number beside each is how active it is there: 1 is its average over all examples. Which "
    "classes come again among the first, and not among the last?"
)
_TOKENS = (
    "An activity of 1 is its average over all tokens. Which tokens come again among the first, and "
    "not among the last?"
)


def show_evidence(network: Checkpoint, found: ModuleEvidence) -> None:
    """Show what a module reads, and on what it is most and least active."""
    images = pictures.input_maps(network, found.input_mass)
    if images:
        st.markdown("##### What it reads")
        st.caption("Weight that comes in from every pixel: the stronger the colour, the more.")
        for column, (name, values) in zip(st.columns(max(2, len(images))), images, strict=False):
            with column:
                st.html(pixel_map(values, _COLOR, name))
    elif network.task is not None and len(found.input_mass):
        st.markdown("##### What it reads")
        st.markdown(text.describe_inputs(network.task, found.input_mass))
    if network.task is not None and found.activity is not None:
        for title, chosen in (("Most active on", found.most), ("Least active on", found.least)):
            st.markdown(f"##### {title}")
            _show_examples(network, found, chosen)
        st.caption(_TOKENS if network.task.is_text else _CLASSES)
    _show_weights(network, found)


def _show_examples(network: Checkpoint, found: ModuleEvidence, chosen: tuple[int, ...]) -> None:
    assert network.task is not None
    assert found.activity is not None
    shown = pictures.examples(network.task, chosen, [found.activity[at] for at in chosen])
    if shown.pictures:
        chart(
            charts.example_pictures(shown.pictures, shown.titles),
            f"quiz-{chosen}",
            "; ".join(shown.titles),
        )
    else:
        st.dataframe(shown.table, hide_index=True)


def _show_weights(network: Checkpoint, found: ModuleEvidence) -> None:
    maps = [
        values
        for neuron in found.neurons
        for _, values in pictures.neuron_maps(network, neuron.node)[:1]
    ][:_MAPS]
    if maps:
        st.markdown("##### Weights of its heaviest neurons")
        st.caption("From every pixel of the first image: orange excites, blue inhibits.")
        chart(charts.weight_maps(maps, [""] * len(maps)), "quiz-maps", "Weight maps")
