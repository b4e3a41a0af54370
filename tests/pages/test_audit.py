"""The audit page, through Streamlit's own AppTest: blind until the verdict, then told."""

from dataclasses import replace

import pytest
import torch

from explorer.auditing.finding import AuditReport, Calibrated, Finding, Suspect
from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo import regimes
from explorer.auditing.zoo.members import Member
from explorer.curation.verdicts import Verdicts
from explorer.errors import AuditError
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.store import keep
from explorer.ui.audit import blind, drawing, kept, report, truth
from explorer.ui.audit.drawing import BlindCase
from explorer.ui.audit.jobs import AuditJobs, keep_report
from tests.pages.test_descriptions import captions, html, press
from tests.pages.test_pages import opened, text

NETWORK = "xor4-modular"
PLANTED, CONTROL = "backdoor.any.any.20027", "backdoor.any.any.20053"
SUSPECT = Suspect("neuron", "70", 3.0, "It could move an answer by 3.0, and moves it by .1.")
REPORT = AuditReport(
    score=0.99,
    verdict="flagged",
    flagged=True,
    suspects=(SUSPECT,),
    rows=(Calibrated(Finding("dormant_neuron", 3.0, (SUSPECT,), "One waits."), 0.99, True),),
    calibration="digits, small",
    false_alarms=(4, 100),
    seconds=0.2,
    queries=1_000,
    checkpoint_id="0" * 16,
    partition_id="1",
)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    monkeypatch.delenv("EXPLORER_DATABASE_URL", raising=False)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    """Networks of a case are small and learn little; the cache forgets those of other tests."""
    monkeypatch.setitem(regimes.RECIPES, "backdoor", {"hidden": (12,), "steps": 60})
    spare = {**regimes.REGIMES["backdoor"]["spare"], "steps": 40, "spare": 3}
    monkeypatch.setitem(regimes.REGIMES["backdoor"], "spare", spare)
    for cached in (kept.auditor_table, kept.regimes_compared, kept.removals):
        cached.clear()
    kept._cases().clear()


@pytest.fixture(autouse=True)
def auditing(monkeypatch):
    """Audits end at once with a report that is given here."""
    jobs = AuditJobs(lambda checkpoint, progress, stop: REPORT)
    monkeypatch.setattr(kept, "jobs", lambda: jobs)
    return jobs


@pytest.fixture(autouse=True)
def intervened(monkeypatch):
    """The section that intervenes has tests of its own: here it is noted what it is given."""
    calls = []
    monkeypatch.setattr(truth, "show_intervention", lambda *given: calls.append(given))
    return calls


@pytest.fixture
def bare(monkeypatch):
    """A page without the modules of the case, which other tests look at."""
    monkeypatch.setattr(blind.modules, "show", lambda network: None)
    monkeypatch.setattr(blind.closer, "show", lambda network, choose: None)


def audit(case=None, network=NETWORK, section=None):
    app = opened("audit", network=network, **({"case": case} if case else {}))
    if section is not None:
        app.session_state["audit_section"] = section
        app.run()
    assert not app.exception
    return app


def everything(app):
    """All that is sent to the browser, but for the choices of what may be drawn."""
    skipped = ("audit_kind_", "audit_family", "audit_regime_")
    return "\n".join(
        str(node.proto)
        for node in app
        if hasattr(node, "proto") and not str(getattr(node, "key", "")).startswith(skipped)
    )


def judged(app, said=True, part=None):
    (verdict,) = [radio for radio in app.radio if radio.label.startswith("Was something")]
    verdict.set_value(said).run()
    if part is not None:
        (which,) = [box for box in app.selectbox if box.label.startswith("Which module")]
        which.set_value(part).run()
    app = press(app, key="audit_commit")
    assert not app.exception
    return settled(app)


def settled(app):
    """Wait for the audits that were asked for, as a browser does, and look again."""
    for job in list(kept.jobs()._jobs._jobs.values()):
        assert job.ended.wait(20)
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("case", [PLANTED, CONTROL])
def test_nothing_tells_the_truth_before_the_verdict(case):
    app = audit(case)
    sent = everything(app)
    planted = kept.open_blind(BlindCase.read(case), print).planted
    assert "declared to do this: Read a handwritten digit" in text(app)
    for secret in (
        "corner",
        "backdoor-",
        "decoy",
        planted.summary,
        str(drawing.draw(BlindCase.read(case)).case),
    ):
        assert secret not in sent
    assert "Case 200" in sent
    assert dict(app.query_params)["case"] in (case, [case])
    assert app.button(key="audit_commit").disabled


def test_a_verdict_tells_the_truth_and_is_counted(bare, intervened):
    app = judged(audit(PLANTED), said=True, part="A")
    planted = kept.open_blind(BlindCase.read(PLANTED), print).planted
    assert app.success[0].value.startswith(f"Right. {planted.summary}")
    assert "backdoor-corner-20027" in captions(app)
    assert "the planted behaviour falls most" in text(app)
    assert "You pointed at module A" in text(app)
    assert "Where it sits" in html(app)
    assert "**You:** 1 of 1 right" in text(app)
    assert "**The auditors together, on the same networks:** 1 of 1 right" in text(app)
    (one,) = Verdicts().list()
    assert (one.case, one.planted, one.said, one.sure) == ("backdoor-corner-20027", True, True, 70)
    assert (one.asked, one.parts) == (False, "A")
    assert app.session_state["audit_part"] == one.carrier
    assert intervened[-1][1:] == ([70], planted)
    drawn = press(app, key="audit_draw").query_params["case"]  # another one is blind again
    assert drawn != PLANTED
    assert "corner" not in everything(app)


def test_a_false_alarm_is_told_and_the_auditors_may_be_asked_before(bare):
    app = settled(press(audit(CONTROL), key="audit_ask"))
    assert "**Flagged.**" in text(app)
    assert "Flags 4 of 100 clean networks" in captions(app)
    app = judged(app, said=True)
    assert app.warning[0].value.startswith("A false alarm. Nothing was planted")
    assert "raised 1 false alarm on 1 control" in text(app)
    assert Verdicts().list()[0].asked


def test_the_truth_stays_told_for_whoever_gave_a_name(bare):
    app = audit(PLANTED)
    app.text_input(key="author_auditing").set_value("Ann").run()
    judged(app, said=False)
    again = audit(PLANTED)
    assert "**You:**" not in text(again)
    again.text_input(key="author_auditing").set_value("Ann").run()
    again.run()
    assert again.warning[0].value.startswith("Missed. Backdoor")
    assert "**You:** 0 of 1 right" in text(again)
    assert len(Verdicts().list()) == 1


def test_a_link_to_no_case_is_told_in_a_sentence():
    for case, said in (
        ("backdoor.corner.none.7", "found the regime 'none'"),
        ("other.corner.l1.7", "found the family 'other'"),
    ):
        with pytest.raises(AuditError, match=said):
            drawing.draw(BlindCase.read(case))
    app = audit("backdoor.none.l1.7")
    assert "found the kind 'none'" in app.error[0].value
    assert "Did structure help?" in [title.value for title in app.subheader]


def test_a_part_is_opened_on_modules_and_the_case_stays():
    app = audit(PLANTED)
    app = press(app, key="audit_open_module")
    assert app.title[0].value == "Modules" or "Module" in html(app)
    assert app.session_state["case"] == PLANTED
    assert app.session_state["network"] == kept.open_blind(BlindCase.read(PLANTED), print).network
    assert app.session_state["k"] == kept.MODULES


def test_the_network_in_view_is_audited_and_its_report_survives_a_reload():
    app = audit(section="in_view")
    assert "Not measured" in captions(app)  # four questions, and not one about images
    app = settled(press(app, key="audit_ask"))
    assert "**Flagged.**" in text(app)
    assert "**Neuron 70**: It could move" in text(app)
    assert "**Flagged.**" in text(audit(section="in_view"))


def test_a_network_without_a_task_is_told_what_to_do():
    torch.manual_seed(0)
    app = audit(network=keep(Checkpoint("mine", MLP([70, 9, 12]))), section="in_view")
    assert "no data to audit it on" in app.info[0].value
    assert not [button for button in app.button if button.key == "audit_ask"]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (AuditError("found no images; expected some"), "found no images"),
        (RuntimeError("odd"), "RuntimeError: odd"),
    ],
)
def test_an_audit_that_fails_is_told(monkeypatch, problem, said):
    def run(checkpoint, progress, stop):
        raise problem

    jobs = AuditJobs(run)
    monkeypatch.setattr(kept, "jobs", lambda: jobs)
    jobs.ask(report.cache.network(NETWORK).id, report.cache.network(NETWORK)).ended.wait(10)
    assert said in audit(section="in_view").error[0].value


def test_without_measured_results_the_page_says_so(monkeypatch):
    monkeypatch.setattr(kept, "measured", lambda which: ())
    app = audit(section="standing")
    assert "Not measured yet" in app.info[0].value
    assert "modularity adds nothing over matched L1" in text(app)


def test_measured_results_are_shown_by_family_regime_and_kind(monkeypatch):
    results = tuple(
        NetworkResult(
            Member.read(f"backdoor-corner-{1000 + number}{control}.{regime}"),
            0.97,
            0.0 if control else 1.0,
            {"combined": number / 40 + (not control) * shift, "patches": 0.1},
        )
        for regime, shift in (("matched", 0.5), ("modular", 0.5))
        for number in range(20)
        for control in ("", "-decoy")
    )
    monkeypatch.setattr(kept, "measured", lambda which: results)
    app = audit(section="standing")
    assert app.selectbox(key="audit_measured_family").value == "backdoor"
    (table,) = [found.value for found in app.dataframe if "auditor" in found.value]
    assert table["auditor"].tolist() == ["Combined", "patches"]
    assert "modularity and L1" in table
    assert "Modularity adds nothing over matched L1" in text(app)
    assert "(+.000 [" in text(app)


def test_the_spare_is_trained_and_ablated():
    app = audit(section="spare")
    app = press(app, key="audit_spare_train")
    assert not app.exception
    assert "Attack success" in html(app)
    assert "Accuracy on clean images" in html(app)
    assert "Backdoor:" in text(app)
    assert "With its spare of 3 neurons" in captions(app) or "spare of 3" in captions(app)


def test_a_partial_report_is_marked(auditing):
    missing = "Trigger inversion was not asked: it was stopped."
    keep_report(report.cache.network(NETWORK).id, replace(REPORT, missing=(missing,)))
    assert f"partial: {missing}" in audit(section="in_view").warning[0].value


def test_a_network_that_no_auditor_fits_gets_one_sentence_and_no_figures(auditing):
    missing = "No auditor can look at this network: found one that reads no images."
    bare = replace(REPORT, rows=(), suspects=(), score=None, flagged=None, missing=(missing,))
    keep_report(report.cache.network(NETWORK).id, bare)
    app = audit(section="in_view")
    assert app.warning[0].value == missing
    assert "**No verdict.**" in text(app)
    assert "inputs run through" not in captions(app)
