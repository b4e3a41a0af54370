"""Results that pages share, computed once for a server: every cached call is in this file.

Keys are names, ids and numbers; a name or id always means the same network. ``weighting`` is a
weighting, or one together with what is kept of the edges, as ``View.edges`` gives it. What is
returned is frozen and shared by all users, so nothing here may be changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explorer.network.bundled import bundled_names, networks
from explorer.ui.view_state import View, read_edges

if TYPE_CHECKING:  # torch takes seconds to import: the functions import what they need
    from subprocess import Popen

    from explorer.modularity.cut_tree import CutTree
    from explorer.modularity.partition import Partition
    from explorer.network.checkpoint import Checkpoint
    from explorer.network.graph import NetworkGraph
    from explorer.observation.ablation import Effect


_FEW_SHUFFLES = 3  # of the modules of a network that reads text
_HANDED_OVER, _PREPARED = 16, 12


@st.cache_resource(max_entries=64, show_spinner="Opening the network …")
def network(name: str) -> Checkpoint:
    """Open a bundled network or one that was kept."""
    from explorer import store
    from explorer.network.load import load

    if name in _handed_over():
        return _handed_over()[name]
    if name in networks():
        return load(name)
    return store.fetch(name)


@st.cache_resource(show_spinner=False)
def _handed_over() -> dict[str, Checkpoint]:
    """Networks that something else opened: by name or id."""
    return {}


def hand_over(name: str, checkpoint: Checkpoint) -> None:
    """Take a network that something else opened, so that it is not opened once more."""
    held = _handed_over()
    held[name] = checkpoint
    while len(held) > _HANDED_OVER:
        del held[next(iter(held))]


def is_open(name: str) -> bool:
    """Whether a network is there at once: all are, but those that must be unpacked first."""
    return name not in networks() or name in bundled_names() or name in _handed_over()


def usable_weightings(name: str) -> tuple[str, ...]:
    """Return the weightings that can be computed for a network; the first is its default."""
    from explorer.network.weightings import weightings_of

    checkpoint = network(name)
    possible = weightings_of(checkpoint.network)
    without = tuple(weighting for weighting in possible if weighting != "activity")
    if checkpoint.task is None:
        return without
    # Data that was brought to a network does not change what its modules are, unless asked to.
    return (*without, "activity") if checkpoint.task.opened else possible


def resolved_weighting(name: str, weighting: str | None) -> str:
    """Return the weighting to use: the one that was chosen, if it can be, else the default."""
    usable = usable_weightings(name)
    chosen, _ = read_edges(weighting)
    return chosen if chosen in usable else usable[0]


@st.cache_resource(show_spinner=False)
def _prepared() -> dict[tuple[str, str | None, int | None], tuple[NetworkGraph, Partition]]:
    """Graphs and modules of large networks, by name, weighting and number of modules."""
    return {}


@st.cache_resource(show_spinner=False)
def _weighed() -> dict[tuple[str, str | None], NetworkGraph]:
    """Graphs of large networks, by name and weighting."""
    return {}


def hand_over_modules(
    name: str, weighting: str | None, k: int | None, graph: NetworkGraph, partition: Partition
) -> None:
    """Take the graph and modules of a large network, found beside its pages."""
    held = _prepared()
    held[name, weighting, k] = graph, partition
    while len(held) > _PREPARED:
        del held[next(iter(held))]


def same_modules(name: str, other: str, weighting: str | None, k: int | None) -> None:
    """Take the modules of a large network for the same network with other data.

    Weightings that count no data give the same graph, but for the checkpoint that it names.
    """
    from dataclasses import replace

    from explorer.modularity.partition import Partition as Made

    if not is_prepared(name, weighting, k) or resolved_weighting(name, weighting) == "activity":
        return
    held, found = _prepared()[name, weighting, k]
    moved = replace(held, checkpoint=network(other))
    hand_over_modules(other, weighting, k, moved, Made(moved, found.labels))


def is_prepared(name: str, weighting: str | None, k: int | None) -> bool:
    """Whether the modules of a large network are there at once."""
    return (name, weighting, k) in _prepared()


@st.cache_resource(max_entries=64, show_spinner="Weighing the network's edges …")
def graph(name: str, weighting: str | None) -> NetworkGraph:
    """Return the weighted graph."""
    return weighed(name, weighting)


def weighed(
    name: str, weighting: str | None, progress: Callable[[float], None] | None = None
) -> NetworkGraph:
    """Return the weighted graph, and report how far it is.

    That of a large network is held, whether or not its modules are found afterwards.
    """
    from explorer.network.graph import network_graph

    held = _weighed()
    for (other, edges, _), (known, _) in _prepared().items():
        if (other, edges) == (name, weighting):
            return known
    if (name, weighting) not in held:
        resolved, (_, keep) = resolved_weighting(name, weighting), read_edges(weighting)
        made = network_graph(network(name), resolved, keep, progress)
        if made.pruning is None and not made.is_large:
            return made
        held[name, weighting] = made
        while len(held) > _PREPARED:
            del held[next(iter(held))]
    return held[name, weighting]


@st.cache_resource(
    max_entries=128, show_spinner="Looking for modules (for a large network, minutes) …"
)
def partition(name: str, weighting: str | None, k: int | None) -> Partition:
    """Return the modules."""
    from explorer.modularity.finding import find_modules

    if (name, weighting, k) in _prepared():
        return _prepared()[name, weighting, k][1]
    return find_modules(graph(name, weighting), k)


@st.cache_resource(max_entries=64, show_spinner="Computing all minimum cuts …")
def cut_tree(name: str, weighting: str | None) -> CutTree:
    """Return the Gomory-Hu tree over neurons."""
    from explorer.modularity.cut_tree import gomory_hu_tree

    return gomory_hu_tree(graph(name, weighting))


@st.cache_resource(max_entries=128, show_spinner=False)
def tree_of_modules(name: str, weighting: str | None, k: int | None) -> CutTree:
    """Return the Gomory-Hu tree over modules."""
    from explorer.modularity.module_tree import module_tree

    found = partition(name, weighting, k)
    return module_tree(found.graph, found)


@st.cache_resource(max_entries=128, show_spinner=False)
def function_figures(
    name: str, weighting: str | None, k: int | None
) -> tuple[float | None, float | None]:
    """Return the functional modularity and that of random groups; None without meaning."""
    from explorer.observation.functional import functional_modularity, functional_null

    found = partition(name, weighting, k)
    task = network(name).task
    few = task is not None and task.is_text  # a text takes seconds for every shuffle
    return functional_modularity(found), functional_null(found, _FEW_SHUFFLES if few else 10)


@st.cache_resource(max_entries=128, show_spinner=False)
def without_interfaces(name: str, weighting: str | None, k: int | None) -> Effect | None:
    """Return what is lost when all interfaces are cut; None without data or a second module."""
    from explorer.observation.ablation import cut_all_interfaces

    found = partition(name, weighting, k)
    if network(name).task is None or found.count < 2:
        return None
    return cut_all_interfaces(found, "test")


@st.cache_resource(max_entries=64, show_spinner=False)
def accuracies(name: str) -> tuple[tuple[str, float, int], ...]:
    """Return accuracy on the test split: (head, share, examples) a head; empty without a task."""
    from explorer.network.tasks import abilities

    checkpoint = network(name)
    if checkpoint.task is None:
        return ()
    found = abilities(checkpoint.task, checkpoint.network, "test")
    return tuple((ability.name, ability.share, ability.count) for ability in found)


@st.cache_resource(max_entries=64, show_spinner=False)
def losses(name: str) -> Mapping[str, float]:
    """Return the loss on the test split: "" for all, and each head or skill."""
    from explorer.network.tasks import mean_losses

    checkpoint = network(name)
    assert checkpoint.task is not None
    return mean_losses(checkpoint.task, checkpoint.network, "test")


@st.cache_resource(max_entries=64, show_spinner="Ablating one module after the other …")
def module_effects(
    name: str, weighting: str | None, k: int | None
) -> tuple[tuple[str, int, Effect], ...]:
    """Return (name, index, effect of ablating it) for every module; empty without data."""
    from explorer.observation.ablation import ablate
    from explorer.observation.activations import hidden_nodes

    checkpoint, found = network(name), partition(name, weighting, k)
    if checkpoint.task is None or found.count < 2:
        return ()
    return tuple(
        (
            module.name,
            module.index,
            ablate(checkpoint, hidden_nodes(module).tolist(), split="test"),
        )
        for module in found.modules
    )


@st.cache_resource(max_entries=128, show_spinner=False)
def modularity_by_weighting(name: str, weighting: str | None, k: int | None) -> dict[str, float]:
    """Return Q_B of the same partition under every weighting that can be computed."""
    from explorer.modularity.layered import layered_modularity

    found, (_, keep) = partition(name, weighting, k), read_edges(weighting)
    return {
        other: layered_modularity(graph(name, View(weighting=other, keep=keep).edges), found.labels)
        for other in usable_weightings(name)
        if other == found.graph.weighting or not found.graph.is_large
    }


def keep_network(checkpoint: Checkpoint) -> str:
    """Keep a network that was opened and return the name to view it by.

    Raises
    ------
    UnknownNetworkError
        If it could not be kept.
    """
    from explorer import store
    from explorer.errors import UnknownNetworkError

    try:
        kept = store.keep(checkpoint)
    except OSError as problem:
        raise UnknownNetworkError(
            f"{checkpoint.name} was read but cannot be kept in {store.home()} "
            f"({problem.strerror}); free some space or set EXPLORER_HOME"
        ) from problem
    if checkpoint.network.streams:  # a large one, mapped into memory: its copies are shared
        hand_over(kept, checkpoint)
    return kept


@st.cache_resource(show_spinner=False)
def _processes() -> list[Popen[bytes]]:
    return []


def keep_process(process: Popen[bytes]) -> None:
    """Hold on to a process that was started, so that it is asked how it ended once it has."""
    held = _processes()
    held[:] = [other for other in held if other.poll() is None]
    held.append(process)
