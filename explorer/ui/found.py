"""The evidence of modules, interfaces and neurons: at once, and with what takes further runs.

Of a large network evidence comes without what is lost when a part is ablated: that takes a run of
seconds, which somebody must ask for. What was measured then stands in the place of what was there.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from explorer.ui import cache
from explorer.ui.jobs import Job, Waiting, jobs, show_job

if TYPE_CHECKING:
    from explorer.observation.record import InterfaceEvidence, ModuleEvidence, NeuronEvidence
    from explorer.ui.view_state import View

_HELD = 256
_FEW_SECONDS = 2.0


def part_evidence(
    name: str, edges: str | None, k: int | None, part: str
) -> ModuleEvidence | InterfaceEvidence:
    """Return the evidence of the module or interface of this name."""
    measured = _measured().get((name, edges, k, part))
    found = _part_evidence(name, edges, k, part) if measured is None else measured
    return cast("ModuleEvidence | InterfaceEvidence", found)


def neuron(name: str, edges: str | None, k: int | None, node: int) -> NeuronEvidence:
    """Return the evidence of a neuron."""
    measured = _measured().get((name, edges, k, node))
    return cast("NeuronEvidence", _neuron(name, edges, node) if measured is None else measured)


def offer_effect(view: View, part: str | int, what: str, waiting: list[Waiting]) -> None:
    """Offer to measure what is lost without a part, or show how far that is.

    Parameters
    ----------
    view : View
    part : str or int
        Name of a module or interface, or a neuron's node.
    what : str
        The end of "Measure what is lost ...".
    waiting : list
        Takes what is under way, to be followed when the rest of the page is there.
    """
    key = f"effect {view.network} {view.edges} {view.k} {part}"
    job = jobs().find(key)
    if job is not None and job.under_way:
        show_job(job, f"stop-effect-{part}", waiting, "Nothing is kept of it.")
        return
    if job is not None and job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    st.button(
        f"Measure what is lost {what}",
        key=f"effect-{part}",
        icon=":material/content_cut:",
        on_click=_ask,
        args=(view, part, key),
        help="Runs the network with it and without it, on 32 examples of the data.",
    )
    pace = _pace().get(view.network)
    if pace is None:
        st.caption("Takes some seconds, with a very large network a minute or two.")
    else:
        st.caption(f"Takes about {pace:.0f} seconds.")


def _ask(view: View, part: str | int, key: str) -> None:
    def make(job: Job) -> Any:
        from explorer.observation.on_demand import with_effects

        checkpoint, began = cache.network(view.network), time.monotonic()
        before: Any
        if isinstance(part, int):
            before = neuron(view.network, view.edges, view.k, part)
        else:
            before = part_evidence(view.network, view.edges, view.k, part)
        job.words = "Running the network without it …"

        def advance(share: float) -> None:
            spent = time.monotonic() - began
            left = f" about {spent / share - spent:.0f} s left" if spent > _FEW_SECONDS else ""
            job.advance_or_stop(share, f"Running the network without it …{left}")

        made = with_effects(checkpoint, before, advance)
        held = _measured()
        held[view.network, view.edges, view.k, part] = made
        while len(held) > _HELD:
            held.popitem(last=False)
        _pace()[view.network] = time.monotonic() - began
        return made

    jobs().ask(key, make)


@st.cache_resource(show_spinner=False)
def _measured() -> OrderedDict[tuple[str, str | None, int | None, str | int], Any]:
    return OrderedDict()


@st.cache_resource(show_spinner=False)
def _pace() -> dict[str, float]:
    """Seconds that the last effect of a network took."""
    return {}


@st.cache_resource(max_entries=512, show_spinner=False)
def _part_evidence(
    name: str, edges: str | None, k: int | None, part: str
) -> ModuleEvidence | InterfaceEvidence:
    from explorer.observation.record import evidence

    found = cache.partition(name, edges, k)
    chosen = found.interface(part) if "-" in part else found.module(part)
    return cast("ModuleEvidence | InterfaceEvidence", evidence(cache.network(name), chosen))


@st.cache_resource(max_entries=512, show_spinner=False)
def _neuron(name: str, edges: str | None, node: int) -> NeuronEvidence:
    from explorer.observation.record import neuron_evidence

    return neuron_evidence(cache.graph(name, edges), node)
