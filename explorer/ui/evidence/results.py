"""What the sections of evidence show, computed once for a server; see ``explorer.ui.cache``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.jobs import Job, Waiting, jobs, show_job

if TYPE_CHECKING:
    from explorer.observation.feature_visualization import FeatureVisualization
    from explorer.observation.microscope import Microscope
    from explorer.observation.parts import Part
    from explorer.observation.polysemanticity import Polysemanticity
    from explorer.ui.view_state import View


@st.cache_resource(max_entries=256, show_spinner="Making inputs that it answers most …")
def visualization(
    name: str, weighting: str | None, k: int | None, part: str | int
) -> FeatureVisualization | None:
    """Return inputs made for a part; None if it is never active."""
    from explorer.observation.feature_visualization import visualize_features

    return visualize_features(cache.network(name), part_of(name, weighting, k, part))


@st.cache_resource(max_entries=256, show_spinner="Counting its unrelated features …")
def features(
    name: str, weighting: str | None, k: int | None, part: str | int
) -> Polysemanticity | None:
    """Return how many unrelated features a module or neuron has; None of an interface."""
    from explorer.modularity.partition import Interface
    from explorer.observation.polysemanticity import polysemanticity

    found = part_of(name, weighting, k, part)
    return None if isinstance(found, Interface) else polysemanticity(cache.network(name), found)


@st.cache_resource(max_entries=256, show_spinner="Reading texts with it and without it …")
def words(name: str, weighting: str | None, k: int | None, part: str | int) -> Microscope | None:
    """Return what a part does in texts; None if it is never active."""
    from explorer.observation.microscope import microscope

    return microscope(cache.network(name), part_of(name, weighting, k, part))


def words_or_job(
    view: View, part: str | int, waiting: list[Waiting]
) -> tuple[bool, Microscope | None]:
    """Return whether it is known what a part does in texts, and what that is.

    Of a large network that takes a minute: it is begun here, and shown with a bar.
    """
    from explorer.observation.microscope import microscope
    from explorer.observation.streaming import takes_long

    where = (view.network, view.edges, view.k, part)
    checkpoint = cache.network(view.network)
    if not takes_long(checkpoint):
        return True, words(*where)
    key = f"words {where}"
    chosen = part_of(*where)

    def make(job: Job) -> tuple[bool, Microscope | None]:
        said = "Reading 32 texts with it and without it …"
        return True, microscope(
            checkpoint, chosen, progress=lambda share: job.advance_or_stop(share, said)
        )

    job = jobs().find(key)
    if job is None:
        job = jobs().ask(key, make)
    if job.under_way:
        show_job(job, f"stop-words-{part}", waiting, "Nothing is kept of it.")
        return False, None
    if job.result is not None:
        found: tuple[bool, Microscope | None] = job.result
        return found
    if job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    st.button("Read them", key=f"words-{part}", on_click=jobs().forget, args=(key,))
    return False, None


def part_of(name: str, weighting: str | None, k: int | None, part: str | int) -> Part:
    """Return the module, interface or node of this name."""
    if isinstance(part, int):
        return part
    found = cache.partition(name, weighting, k)
    return found.interface(part) if "-" in part else found.module(part)


def place_of_pins(
    name: str, weighting: str | None, k: int | None, part: str | int
) -> tuple[str, str]:
    """Return network and part under which pins are kept.

    A neuron is the same in every partition; a module is one of its partition only.
    """
    network = cache.network(name).id
    if isinstance(part, int):
        return network, f"neuron {part}"
    return network, f"{part} of {cache.partition(name, weighting, k).id}"
