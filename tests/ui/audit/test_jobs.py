"""Audits beside the pages: asked for once, stopped, kept and found again."""

import threading
from dataclasses import replace

import pytest

from explorer import load
from explorer.auditing.auditors.registry import AUDITORS
from explorer.auditing.finding import AuditReport, Calibrated, Finding, Suspect
from explorer.errors import AuditError
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.ui.audit import jobs as audit_jobs
from explorer.ui.audit import kept, report
from explorer.ui.audit.jobs import AuditJobs, keep_report, kept_report, run_with_texts

NETWORK = Checkpoint("mine", MLP([4, 2]))
SUSPECT = Suspect("neuron", "70", 3.0, "It waits.")
ROW = Calibrated(Finding("dormant_neuron", 3.0, (SUSPECT,), "One waits."), 0.99, True)
REPORT = AuditReport(
    0.99, "flagged", True, (SUSPECT,), (ROW,), "digits", (4, 100), 0.2, 1_000, NETWORK.id, "1"
)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


def test_a_report_comes_back_as_it_was():
    assert kept_report(NETWORK.id) is None
    keep_report(NETWORK.id, REPORT)
    assert kept_report(NETWORK.id) == REPORT
    assert kept_report("../../etc") is None


@pytest.mark.parametrize("damage", ["", "[]", "null", '{"version": 1}', '{"version": 0'])
def test_a_damaged_report_is_none(damage):
    keep_report(NETWORK.id, REPORT)
    audit_jobs._path(NETWORK.id).write_text(damage)
    assert kept_report(NETWORK.id) is None


def test_a_report_by_other_auditors_is_none(monkeypatch):
    keep_report(NETWORK.id, REPORT)
    monkeypatch.setattr(audit_jobs, "_auditors", lambda: ["others"])
    assert kept_report(NETWORK.id) is None


def test_a_report_that_cannot_be_kept_is_told(monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", "/proc/none")
    with pytest.raises(AuditError, match="the report cannot be kept"):
        keep_report(NETWORK.id, REPORT)


def test_an_audit_is_stopped_and_what_is_found_by_then_is_kept():
    begun = threading.Event()

    def run(checkpoint, progress, stop):
        progress(0.5, "Dormant neuron")
        begun.set()
        while not stop():
            pass
        return replace(REPORT, missing=("Trigger inversion was not asked: it was stopped.",))

    jobs = AuditJobs(run)
    job = jobs.ask(NETWORK.id, NETWORK)
    assert begun.wait(10)
    assert jobs.ask(NETWORK.id, NETWORK) is job
    assert jobs.find(NETWORK.id) is job
    assert (job.fraction, job.words) == (0.5, "Dormant neuron")
    assert not job.ended.is_set()
    job.stopping.set()
    assert job.ended.wait(10)
    assert kept_report(NETWORK.id).missing == ("Trigger inversion was not asked: it was stopped.",)


def test_with_a_language_model_all_auditors_that_fit_are_asked(monkeypatch):
    asked = []

    def audit(checkpoint, auditors, progress, stop):
        asked.extend(auditors)
        return REPORT

    monkeypatch.setattr("explorer.auditing.report.audit", audit)
    network = load("xor4-modular")
    jobs = AuditJobs(lambda *given: None)
    assert jobs.ask(network.id, network, run_with_texts).ended.wait(60)
    assert kept_report(network.id) == REPORT
    assert "probing" not in asked  # it reads no images
    texts = {name for name, made in AUDITORS.items() if made.access == "texts"}
    assert kept.reads_texts() == bool(texts)


def test_a_suspect_neuron_leads_to_its_module():
    name = "xor4-modular"
    partition = report.cache.partition(name, None, kept.MODULES)
    node = int((partition.labels >= 0).nonzero()[0][0])
    module = report.module_of(name, Suspect("neuron", str(node), 1.0, ""))
    assert module == partition.modules[partition.labels[node]].name
    assert report.module_of(name, Suspect("module", "A", 1.0, "")) == "A"
    for odd in (Suspect("module", "Z", 1.0, ""), Suspect("neuron", "9999", 1.0, "")):
        assert report.module_of(name, odd) == ""
