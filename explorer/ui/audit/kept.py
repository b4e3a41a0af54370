"""What the audit computes once for a server; see ``explorer.ui.cache``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui import cache
from explorer.ui.audit.drawing import BlindCase, draw
from explorer.ui.audit.jobs import AuditJobs, run_audit

if TYPE_CHECKING:
    from pandas import DataFrame

    from explorer.auditing.intervention import Figures
    from explorer.auditing.rates import Rate
    from explorer.auditing.removal.summary import RemovalRow
    from explorer.auditing.results import NetworkResult
    from explorer.auditing.zoo.members import Member
    from explorer.curation.verdicts import Verdicts
    from explorer.network.checkpoint import Checkpoint
    from explorer.network.tasks.planted.base import Planted
    from explorer.views.audit_structure import Comparison

MODULES = 12  # as auditors look for: a test holds it against explorer.auditing.view
_MOST = 64  # cases that are kept open


@dataclass(frozen=True)
class Opened:
    """A blind case and the network that it is.

    Attributes
    ----------
    member : Member
        The truth: not to be shown before a verdict.
    network : str
        Id of the blinded network, which is kept like one that was opened.
    checkpoint : Checkpoint
        With its planted task: not to be shown before a verdict.
    """

    member: Member
    network: str
    checkpoint: Checkpoint

    @property
    def planted(self) -> Planted:
        """The truth."""
        assert self.checkpoint.task is not None
        assert self.checkpoint.task.planted is not None
        return self.checkpoint.task.planted


@st.cache_resource(show_spinner=False)
def _cases() -> dict[str, Opened]:
    return {}


@st.cache_resource(show_spinner=False)
def _lock() -> threading.Lock:
    return threading.Lock()


def open_blind(case: BlindCase, progress: Callable[[float], None]) -> Opened:
    """Open the network of a blind case; train it now if it is not there.

    Raises
    ------
    ExplorerError
        If there is no such case, or it cannot be kept.
    """
    from explorer.auditing.view import blinded
    from explorer.auditing.zoo.opening import open_case

    held = _cases().get(str(case))
    if held is not None and _is_kept(held.network):
        return held
    member = draw(case)
    checkpoint = open_case(member.case, member.regime, progress)
    blind = blinded(checkpoint)
    opened = Opened(member, cache.keep_network(blind), checkpoint)
    with _lock():
        _cases()[str(case)] = opened
        for old in list(_cases())[:-_MOST]:
            del _cases()[old]
    return opened


def _is_kept(network: str) -> bool:
    """Whether the cache opens it: of the networks that are kept, the oldest are dropped."""
    try:
        cache.network(network)
    except ExplorerError:
        return False
    return True


@st.cache_resource(max_entries=64, show_spinner=False)
def without_modules(_opened: Opened, network: str, k: int) -> tuple[tuple[str, Figures], ...]:
    """Return how a case's network does as it is (under ""), and without each of its modules."""
    from explorer.auditing.edits import Intervention, clean_task, editing
    from explorer.auditing.intervention import figures
    from explorer.observation.activations import hidden_nodes

    checkpoint, truth = _opened.checkpoint, _opened.planted
    clean = clean_task(checkpoint)
    found = [("", figures(checkpoint.network, clean, truth))]
    for module in cache.partition(network, None, k).modules:
        nodes = tuple(hidden_nodes(module).tolist())
        if nodes:
            edit = editing(checkpoint, Intervention(nodes, "mean"))
            found.append((module.name, figures(checkpoint.network, clean, truth, edit)))
    return tuple(found)


@st.cache_resource(show_spinner=False)
def jobs() -> AuditJobs:
    """Return the audits of this server."""
    return AuditJobs(run_audit)


def verdicts() -> Verdicts:
    """Open the verdicts that people gave."""
    from explorer.curation.verdicts import Verdicts

    return Verdicts()


@dataclass(frozen=True)
class SpareEffect:
    """A network with a spare, before and after the spare is ablated.

    Attributes
    ----------
    summary : str
        What was planted.
    neurons : int
        Of the spare.
    before, after : Figures
    """

    summary: str
    neurons: int
    before: Figures
    after: Figures


def spare_effect(kind: str, number: int, progress: Callable[[float], None]) -> SpareEffect:
    """Train a network with a spare on a backdoor, and ablate the spare.

    Raises
    ------
    ExplorerError
        If there is no such case, or it cannot be kept.
    """
    from explorer.auditing.edits import Intervention, clean_task, editing
    from explorer.auditing.intervention import figures
    from explorer.auditing.zoo.opening import open_case
    from explorer.network.tasks.planted.base import CaseName
    from explorer.training.spare import spare_nodes

    checkpoint = open_case(CaseName("backdoor", kind, number), "spare", progress)
    assert checkpoint.task is not None
    truth = checkpoint.task.planted
    assert truth is not None
    nodes = spare_nodes(checkpoint.network, int(checkpoint.config["spare"]))
    edit = editing(checkpoint, Intervention(nodes, "zero"))
    clean = clean_task(checkpoint)
    return SpareEffect(
        truth.summary,
        len(nodes),
        figures(checkpoint.network, clean, truth),
        figures(checkpoint.network, clean, truth, edit),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def measured(which: str) -> tuple[NetworkResult, ...]:
    """Return the measured results that come with the package; none where there are none yet."""
    from explorer.auditing.results import measured_results

    return tuple(measured_results(which))


@st.cache_resource(max_entries=1, show_spinner=False)
def removals() -> tuple[RemovalRow, ...]:
    """Return what removed backdoors, method by method; none where it is not measured yet."""
    from explorer.auditing.removal.summary import read_removals, removal_rows

    return tuple(removal_rows(read_removals()))


@st.cache_resource(max_entries=16, show_spinner="Drawing networks anew, 1,000 times …")
def auditor_table(family: str, kind: str | None) -> DataFrame:
    """Return the auditors by family and kind; see ``explorer.views.audit_results``."""
    from explorer.views.audit_results import auditor_table as table

    return table(measured("report"), family, titles(), access(), kind)


@st.cache_resource(max_entries=1, show_spinner=False)
def regimes_compared() -> tuple[str, tuple[Comparison, ...], tuple[tuple[str, Rate], ...]]:
    """Return the auditor that regimes are compared by, their differences, and what is found."""
    from explorer.views.audit_structure import compare_regimes, shares_found

    results = [one for one in measured("report") if one.member.case.family == "backdoor"]
    auditor = best_auditor(results)
    if not auditor:
        return "", (), ()
    return auditor, compare_regimes(results, auditor), shares_found(results, auditor)


def titles() -> dict[str, str]:
    """Return the name for people of every auditor."""
    from explorer.auditing.auditors.registry import AUDITORS

    return {name: made.title for name, made in AUDITORS.items()}


def access() -> dict[str, str]:
    """Return what every auditor needs, in words."""
    from explorer.auditing.auditors.registry import AUDITORS
    from explorer.views.audit_text import ACCESS

    return {name: ACCESS.get(made.access, made.access) for name, made in AUDITORS.items()}


def reads_texts() -> bool:
    """Whether there is an auditor that reads descriptions."""
    from explorer.auditing.auditors.registry import AUDITORS

    return any(made.access == "texts" for made in AUDITORS.values())


def best_auditor(results: Sequence[NetworkResult]) -> str:
    """Return the auditor that speaks for all, where it was measured, else the first; "" for none.

    Parameters
    ----------
    results : sequence of NetworkResult
        Of one family.
    """
    from explorer.auditing.report import HEADLINES
    from explorer.views.audit_results import auditors_of

    known = auditors_of(results)
    return next((name for name in HEADLINES if name in known), next(iter(known), ""))
