"""What a large network needs before its pages can be shown, done once with a bar and a way to stop.

That is its graph and its modules, and the run on data that was brought to it. Of other networks
this takes no longer than a page may.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.elements import nothing_below
from explorer.ui.jobs import Job, Waiting, follow, jobs, show_job
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from explorer.modularity.partition import Partition
    from explorer.network.graph import NetworkGraph

_STOPPING = "The network can be looked at again at any time: what is done by then is kept."


def is_needed(view: View) -> bool:
    """Whether anything must be done before the pages of the network in view can be shown."""
    return _needs_modules(view) or _needs_recording(view)


def show(view: View, beside: bool = False) -> None:
    """Do what is needed, with a bar; the page is run again when it is done.

    Parameters
    ----------
    view : View
    beside : bool
        Whether its network is to stand beside the one in view, on a page with a title of its own.
    """
    from explorer.views.network_text import describe_network

    key = f"prepare {view.network} {view.edges} {view.k}"
    job = jobs().find(key)
    if job is not None and job.result is not None:
        if job.result is not True:
            cache.hand_over_modules(view.network, view.edges, view.k, *job.result)
        jobs().forget(key)
        st.rerun()
    checkpoint = cache.network(view.network)
    waiting: list[Waiting] = []
    with st.container(key="preparing"):  # whole, so that nothing of it stays on the next page
        (st.subheader if beside else st.title)(checkpoint.name)
        st.markdown(describe_network(checkpoint))
        if job is None or job.under_way:
            show_job(_ask(view, key), "stop_preparing", waiting, _STOPPING)
            st.caption("This is done once; then all pages of this network open at once.")
        else:
            _show_ended(job, key)
        nothing_below()
    nothing_below()
    follow(waiting)


def _needs_modules(view: View) -> bool:
    from explorer.network.graph import LARGE
    from explorer.network.pruning import resolved_keep

    network = cache.network(view.network).network
    nodes = sum(layer.size for layer in network.neuron_layers)
    if nodes <= LARGE and resolved_keep(network, None) is None:
        return False
    return not cache.is_prepared(view.network, view.edges, view.k)


def _needs_recording(view: View) -> bool:
    from explorer.observation.activations import is_recorded
    from explorer.observation.streaming import takes_long

    checkpoint = cache.network(view.network)
    return takes_long(checkpoint) and not is_recorded(checkpoint)


def _ask(view: View, key: str) -> Job:
    checkpoint = cache.network(view.network)
    needs_modules, needs_recording = _needs_modules(view), _needs_recording(view)

    def make(job: Job) -> tuple[NetworkGraph, Partition] | bool:
        from explorer.modularity.finding import find_modules
        from explorer.observation.activations import record_activations

        if needs_recording:
            task = checkpoint.task
            assert task is not None
            words = f"Running the network on {task.title} …"
            job.advance_or_stop(0.0, words)
            record_activations(checkpoint, progress=lambda share: job.advance_or_stop(share, words))
        if not needs_modules:
            return True
        weighing, looking = "Weighing the network's edges …", "Looking for modules …"
        job.advance_or_stop(0.0, weighing)
        graph = cache.weighed(
            view.network, view.edges, lambda share: job.advance_or_stop(0.2 * share, weighing)
        )
        job.advance_or_stop(0.2, looking)
        return graph, find_modules(
            graph,
            view.k,
            progress=lambda share: job.advance_or_stop(0.2 + 0.8 * share, looking),
        )

    return jobs().ask(key, make)


def _show_ended(job: Job, key: str) -> None:
    """Say why nothing came out."""
    if job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    else:
        st.info("Stopped. Pick another network on the left, or:", icon=":material/stop_circle:")
    st.button(
        "Go on", key="go_on", icon=":material/play_arrow:", on_click=jobs().forget, args=(key,)
    )
