"""What the page *Ability* computes once for a server; see ``explorer.ui.cache``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache

if TYPE_CHECKING:
    from explorer.network.tasks.margins import PairScore


@st.cache_resource(max_entries=64, show_spinner="Reading Winograd-style pairs …")
def whole_pairs(name: str) -> PairScore | None:
    """Return how a network does on Winograd-style pairs; None where its task has none."""
    from explorer.network.tasks.measures import winograd_score

    task = cache.network(name).task
    return None if task is None else winograd_score(task, cache.network(name).network)


@st.cache_resource(max_entries=512, show_spinner=False)
def _pairs_without(name: str, weighting: str | None, k: int | None, module: str) -> PairScore:
    from explorer.network.tasks.measures import winograd_score
    from explorer.observation.ablation import holding, usual_ablation
    from explorer.observation.activations import hidden_nodes

    checkpoint = cache.network(name)
    task = checkpoint.task
    assert task is not None
    nodes = hidden_nodes(cache.partition(name, weighting, k).module(module)).tolist()
    edit = holding(checkpoint.network, task, nodes, usual_ablation(task))
    found = winograd_score(task, checkpoint.network, edit)
    assert found is not None
    return found


def pairs_without_modules(
    name: str, weighting: str | None, k: int | None, progress: Callable[[float], None]
) -> dict[str, PairScore]:
    """Return how a network does on the pairs without each of its modules, by their names."""
    modules = cache.partition(name, weighting, k).modules
    found = {}
    for number, module in enumerate(modules):
        progress(number / len(modules))
        found[module.name] = _pairs_without(name, weighting, k, module.name)
    return found
