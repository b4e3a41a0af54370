"""Ask a language model for a text, and show its words as they come."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache, text_cache
from explorer.ui.descriptions.choice import Choice, ask_describer
from explorer.ui.descriptions.following import follow_job
from explorer.ui.view_state import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from explorer.description.clients.base import Client
    from explorer.description.description import Description
    from explorer.description.exemplars import Exemplar
    from explorer.observation.facts import Facts
    from explorer.ui.descriptions.worker import Job
_EXEMPLARS = 3


def show_asking(view: View, part: str) -> None:
    """Offer to describe a part, and say beforehand what that takes."""
    with st.expander("Describe with a language model", icon=":material/edit_note:"):
        choice = ask_describer("part")
        st.button(
            "Describe",
            key="describe_part",
            icon=":material/auto_awesome:",
            disabled=not choice.spec,
            on_click=_ask,
            args=(view, part, choice),
            help="The words appear above as they come. A text that was written before is kept.",
        )


def follow(view: View, part: str, place: DeltaGenerator) -> Description | None:
    """Show a text while it is written; return it once it is.

    Parameters
    ----------
    view : View
    part : str
    place : DeltaGenerator
        Where to show it.

    Returns
    -------
    Description or None
        None if none was asked for.
    """
    job = follow_job(_key(view, part), place, "Reading the evidence …")
    if job is None or job.phase == "failed":
        return None
    found: Description | None = job.result
    return found


def is_under_way(view: View, part: str) -> bool:
    """Tell whether a text of this part is being written."""
    job = text_cache.worker().find(_key(view, part))
    return job is not None and not job.ended.is_set()


def _key(view: View, part: str) -> str:
    found = text_cache.place(view.network, view.edges, view.k, part)
    return f"describe {found.network_id} {found.partition} {found.part}"


def _ask(view: View, part: str, choice: Choice) -> None:
    facts = text_cache.facts(view.network, view.edges, view.k, part)
    task = cache.network(view.network).task_name or ""
    text_cache.worker().ask(_key(view, part), choice.spec, partial(_write, facts, task))


def _write(facts: Facts, task: str, client: Client | None, job: Job) -> Description:
    """Describe, and keep what came out: whoever asked may have left."""
    from explorer.description.describer import describe

    try:
        people = text_cache.exemplars().choose(task, leave_out=facts.checkpoint_id)
    except ExplorerError:  # without a database a text can still be shown
        people = ()
    found = describe(facts, client, filled_up(people, facts), on_text=job.say)
    if not found.fell_back:
        text_cache.texts().keep(found, task=task, facts_text=facts_text(facts))
    return found


def filled_up(people: Sequence[Exemplar], facts: Facts) -> tuple[Exemplar, ...]:
    """Return three exemplars: people's own first, then those that are built in."""
    from explorer.description.prompts import exemplars_for

    return (*people, *exemplars_for(facts))[:_EXEMPLARS]


def facts_text(facts: Facts) -> str:
    """Return the facts as a describer reads them."""
    from explorer.description.prompts import facts_text as as_text

    return as_text(facts)
