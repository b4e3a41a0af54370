"""The report on a network: partial where something failed or was stopped, never silently."""

import json

import pytest
import torch

import explorer
from explorer.auditing import report as reporting
from explorer.auditing.calibration import calibration_of
from explorer.auditing.finding import Calibrated, Finding, Suspect
from explorer.auditing.report import Audit, audit, ranked_suspects
from explorer.auditing.zoo.regimes import training_config
from explorer.errors import AuditError
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks.planted.base import CaseName
from tests.auditing.fakes import FakeAuditor, clean_results

NEURON = Suspect("neuron", "70", 3.0, "It could do much and does little.")


def network(sizes=(64, 64, 64, 10)):
    made = MLP(sizes)
    made.initialise(torch.Generator().manual_seed(1))
    return made


CONFIG = training_config(CaseName("backdoor", "corner", 17), "l1").to_dict()
CASE = Checkpoint("backdoor", network(), CONFIG["task"], CONFIG)


@pytest.fixture
def use(monkeypatch):
    """Put auditors in the place of the registered ones, and made-up results."""
    clean = clean_results("l1", 100, probing=lambda at: at, dormant=lambda at: at)

    def use(*auditors):
        known = {one.name: one for one in auditors}

        def auditor(name):
            if name not in known:
                raise AuditError(f"found the auditor {name!r}; expected one of {known}")
            return known[name]

        monkeypatch.setattr(reporting, "AUDITORS", known)
        monkeypatch.setattr(reporting, "auditor", auditor)
        monkeypatch.setattr(reporting, "calibration_of", lambda c: calibration_of(c, clean))

    return use


def test_a_report_has_verdict_false_alarms_and_suspects(use):
    other = Suspect("module", "B", 1.0, "It sleeps.")
    use(
        FakeAuditor("probing", 99.5, (NEURON,)),
        FakeAuditor("dormant", 50.0, (other, NEURON)),
    )
    found = audit(CASE)
    assert (found.flagged, found.score) == (True, 0.99)
    flagged, of = found.false_alarms
    assert of == 100
    assert found.verdict == f"Flagged. It flags {flagged} of 100 clean networks of this kind."
    assert [row.score for row in found.rows] == [1.0, 0.5]
    assert [row.flagged for row in found.rows] == [True, False]
    assert [one.name for one in found.suspects] == ["70", "B"]
    assert found.suspects[0].score == 1.25
    assert (found.queries, found.missing) == (20, ())
    assert found.calibration == "digits, 64-64-64-10, l1"
    assert found.seconds >= sum(row.finding.seconds for row in found.rows) > 0
    assert found.checkpoint_id != CASE.id  # that of the blinded one
    assert "backdoor" not in json.dumps(found.to_dict())


def test_an_unsuspicious_network_is_not_flagged(use):
    use(FakeAuditor("probing", 20.0), FakeAuditor("dormant", 30.0))
    found = audit(CASE)
    assert found.flagged is False
    assert found.verdict.startswith("Not flagged. It flags ")
    assert 0 <= found.score < 0.95


def test_an_auditor_that_fails_leaves_the_others(use):
    use(
        FakeAuditor("probing", 99.5),
        FakeAuditor("dormant", fails="division by zero"),
        FakeAuditor("other", 1.0, missing="two modules of five"),
    )
    found = audit(CASE)
    assert [row.finding.auditor for row in found.rows] == ["probing", "other"]
    assert found.missing == ("Dormant failed: division by zero.", "Other: two modules of five.")
    assert found.flagged is True
    assert found.rows[1].score is None  # it was not measured on clean networks


def test_stopped_in_the_middle_it_is_partial_and_says_so(use):
    use(FakeAuditor("probing", 99.5), FakeAuditor("dormant", 1.0), FakeAuditor("last", 1.0))
    seen: list[tuple[float, str]] = []
    found = audit(CASE, progress=lambda *told: seen.append(told), stop=lambda: len(seen) == 1)
    assert seen == [(0.0, "Probing")]
    assert [row.finding.auditor for row in found.rows] == ["probing"]
    assert found.missing == (
        "Dormant was not asked: it was stopped.",
        "Last was not asked: it was stopped.",
    )
    assert found.flagged is True  # by the threshold of those that were asked
    nothing = audit(CASE, stop=lambda: True)
    assert (nothing.flagged, nothing.score, nothing.rows) == (None, None, ())
    assert len(nothing.missing) == 3
    assert nothing.verdict == "No verdict: no auditor has looked at it."


def test_where_no_auditor_fits_it_says_why(use):
    use(FakeAuditor("probing", unfit="it reads texts; expected images"))
    found = audit(CASE)
    assert found.missing == (
        "No auditor can look at this network: it reads texts; expected images.",
    )
    assert found.verdict.startswith("No verdict")


def test_the_verdict_rests_on_the_combined_auditor_once_it_has_looked(use, monkeypatch):
    clean = clean_results("l1", 100, probing=lambda at: at, combined=lambda at: at)
    use(FakeAuditor("probing", 99.5), FakeAuditor("combined", 50.0))
    monkeypatch.setattr(reporting, "calibration_of", lambda c: calibration_of(c, clean))
    found = audit(CASE)
    assert (found.flagged, found.rows[0].flagged, found.score) == (False, True, 0.5)
    found = audit(CASE, ["probing"])
    assert found.flagged is True


def test_an_interrupt_leaves_the_report_so_far(use):
    use(FakeAuditor("probing", 99.5), FakeAuditor("dormant", fails="interrupt"))
    under_way = Audit(CASE)
    under_way.step()
    with pytest.raises(KeyboardInterrupt):
        under_way.step()
    assert under_way.report().missing == ("Dormant was not asked: it was stopped.",)


def test_progress_comes_to_its_end(use):
    use(FakeAuditor("probing", 1.0), FakeAuditor("dormant", 1.0))
    seen: list[tuple[float, str]] = []
    audit(CASE, progress=lambda *told: seen.append(told))
    assert seen == [(0.0, "Probing"), (0.5, "Dormant"), (1.0, "")]


def test_auditors_that_do_not_fit_are_left_out_unless_asked_for(use):
    use(
        FakeAuditor("probing", 1.0),
        FakeAuditor("spectral", unfit="it needs the training data"),
        FakeAuditor("reader", 1.0, access="texts"),
    )
    assert [row.finding.auditor for row in audit(CASE).rows] == ["probing"]
    assert audit(CASE).missing == ()
    asked = audit(CASE, ["spectral", "reader", "reader"])
    assert [row.finding.auditor for row in asked.rows] == ["reader"]
    assert asked.missing == ("Spectral: it needs the training data.",)
    with pytest.raises(AuditError, match="found the auditor 'nobody'"):
        audit(CASE, ["nobody"])


@pytest.mark.parametrize(
    ("checkpoint", "why"),
    [
        (Checkpoint("narrow", network((64, 20, 10)), "digits"), "its layers are 64-20-10"),
        (Checkpoint("other", network((8, 6, 8)), "xor4"), "its task is xor4"),
    ],
)
def test_outside_the_calibrated_kinds_the_evidence_stands_without_a_verdict(checkpoint, why, use):
    use(FakeAuditor("probing", 99.5, (NEURON,)))
    found = audit(checkpoint)
    assert (found.score, found.flagged, found.false_alarms) == (None, None, (0, 0))
    assert found.verdict.startswith(f"Not calibrated: {why}")
    assert found.calibration.startswith(f"not calibrated: {why}")
    assert found.rows[0].finding.score == 99.5
    assert found.suspects[0].name == "70"


def test_where_none_fits_the_first_reason_is_told(use):
    use(FakeAuditor("images", unfit="it reads no images"), FakeAuditor("words", unfit="no text"))
    assert audit(CASE).missing == ("No auditor can look at this network: it reads no images.",)


def test_auditors_on_request_are_not_even_asked_whether_they_fit(use):
    class Slow(FakeAuditor):
        def fits(self, view):
            raise AssertionError("it would take all descriptions to say so")

    use(FakeAuditor("probing"), Slow("reader", access="texts"))
    assert [row.finding.auditor for row in audit(CASE).rows] == ["probing"]


def test_a_network_without_a_task_is_refused(use):
    use(FakeAuditor("probing"))
    with pytest.raises(AuditError, match="has no task"):
        audit(Checkpoint("bare", network((5, 4, 3))))


def test_suspects_are_few_and_their_reasons_add_up():
    many = tuple(Suspect("neuron", str(node), 1.0, f"Neuron {node}.") for node in range(40))
    rows = [
        Calibrated(Finding("first", 1.0, many), 1.0),
        Calibrated(Finding("second", 1.0, (Suspect("neuron", "1", 9.0, "It sleeps."),))),
    ]
    found = ranked_suspects(rows, 5)
    assert [one.name for one in found] == ["0", "1", "2", "3", "4"]
    assert found[1].reason == "Neuron 1; It sleeps"
    assert found[1].score == 1.0  # half of 1 as the second, and the half of an uncalibrated first
    assert ranked_suspects(()) == ()


def test_the_verb_is_public():
    assert explorer.audit is audit
