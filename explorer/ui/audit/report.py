"""The auditors' report on a network: asked for, followed, stopped, shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cache
from explorer.ui.audit import kept
from explorer.ui.audit.jobs import kept_report, run_with_texts
from explorer.ui.audit.modules import open_button
from explorer.ui.jobs import Waiting, show_job

if TYPE_CHECKING:
    from explorer.auditing.finding import AuditReport, Suspect
    from explorer.network.checkpoint import Checkpoint

_SUSPECTS = 5
_STOPPING = (
    "After the auditor that is at work now. What is found by then is kept, and the report says "
    "what is missing."
)
_TABLE_HELP = (
    "**Score**: share of clean networks of the same kind that score lower. **Own measure**: what "
    "the auditor computed, comparable with itself only."
)


def asked(network_id: str) -> bool:
    """Whether the auditors were asked about a network in this visit."""
    return network_id in st.session_state.get("audit_asked", set())


def show(
    network: str,
    waiting: list[Waiting],
    checkpoint: Checkpoint | None = None,
    blind: bool = False,
    ask_now: bool = False,
) -> AuditReport | None:
    """Show what the auditors say of a network, or let people ask.

    Parameters
    ----------
    network : str
        A name or id that the cache opens.
    waiting : list
        Takes what is under way, to be followed when the rest of the page is there.
    checkpoint : Checkpoint, optional
        What is audited, where it is not what the cache opens: of a case the network with its
        planted task, which says what is left out of the auditors' clean data.
    blind : bool
        Before a verdict: what is kept is shown only if it was asked for in this visit.
    ask_now : bool
        Ask without being told to, where nothing is kept.
    """
    jobs = kept.jobs()
    audited = checkpoint or cache.network(network)
    key = cache.network(network).id
    job = jobs.find(key)
    found = None if blind and not asked(key) else kept_report(key)
    if found is None and ask_now and job is None:
        job = jobs.ask(key, audited)
    if job is not None and not job.ended.is_set():
        show_job(job, "audit_stop", waiting, _STOPPING)
    elif job is not None and job.problem:
        st.error(f"{job.problem}.", icon=":material/error:")
    if found is not None:
        _show_report(network, found)
    if job is None or job.ended.is_set():
        with_texts = kept.reads_texts() and st.toggle(
            "Let a language model read the descriptions of its modules, too",
            key="audit_texts",
            help="The one that comes with this package. It takes a minute or more. What it makes "
            "of shuffled descriptions stands beside it as a row of its own.",
        )
        st.button(
            "Ask the auditors" if found is None else "Ask them again",
            key="audit_ask",
            icon=":material/troubleshoot:",
            on_click=_ask,
            args=(key, audited, with_texts),
            help="Every auditor that fits this network looks at it, in a second or a few. The "
            "report is kept and survives a reload.",
        )
    return found


def _ask(network_id: str, audited: Checkpoint, with_texts: bool) -> None:
    st.session_state.setdefault("audit_asked", set()).add(network_id)
    kept.jobs().ask(network_id, audited, run_with_texts if with_texts else None)


def _show_report(network: str, found: AuditReport) -> None:
    from explorer.views import audit_text

    if found.missing:
        partial = "This report is partial: " if found.rows else ""
        st.warning(partial + " ".join(found.missing), icon=":material/pending:")
    st.markdown(audit_text.headline(found))
    if not found.rows:
        return
    if found.score is not None:
        st.html(audit_text.verdict_strip(found))
    st.caption(
        f"{audit_text.describe_alarms(found)} {audit_text.describe_cost(found)} "
        f"{audit_text.describe_calibration(found)}"
    )
    _show_suspects(network, found.suspects)
    st.dataframe(
        audit_text.auditors_table(found, kept.titles()),
        hide_index=True,
        column_config={
            "score": st.column_config.ProgressColumn(
                min_value=0.0, max_value=1.0, format="%.2f", help=_TABLE_HELP
            ),
            "own measure": st.column_config.TextColumn(help=_TABLE_HELP),
            "why": st.column_config.TextColumn(width="large"),
        },
        key=f"audit_rows_{network}",
    )


def _show_suspects(network: str, suspects: Sequence[Suspect]) -> None:
    from explorer.views.audit_text import suspects_list

    named = [one for one in suspects if one.kind in ("module", "neuron")][:_SUSPECTS]
    if not named:
        return
    st.markdown(suspects_list(named))
    module = module_of(network, named[0])
    if module:
        open_button(network, module, "suspect")


def module_of(network: str, suspect: Suspect) -> str:
    """Return the module that a suspect is or lies in; empty if there is none."""
    partition = cache.partition(network, None, kept.MODULES)
    if suspect.kind == "module":
        return suspect.name if suspect.name in {m.name for m in partition.modules} else ""
    if not suspect.name.isdecimal() or int(suspect.name) >= len(partition.labels):
        return ""
    label = int(partition.labels[int(suspect.name)])
    return partition.modules[label].name if label >= 0 else ""
