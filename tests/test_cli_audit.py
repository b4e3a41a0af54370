"""The command that audits a network: what it prints, and what is left when it is stopped."""

import json

import pytest

from explorer.auditing import report as reporting
from explorer.auditing.finding import Suspect
from explorer.errors import AuditError
from explorer.network.checkpoint import Checkpoint, save
from tests.auditing.fakes import FakeAuditor
from tests.auditing.test_report import CASE, network, use  # noqa: F401
from tests.test_cli import explorer  # noqa: F401


@pytest.fixture
def case(tmp_path):
    return str(save(CASE, tmp_path / "case.safetensors"))


def test_it_prints_verdict_evidence_and_suspects(explorer, use, case):  # noqa: F811
    suspect = Suspect("neuron", "70", 3.0, "It could do much and does little.")
    use(FakeAuditor("probing", 99.5, (suspect,)), FakeAuditor("dormant", 50.0))
    code, out, err = explorer("audit", case)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Flagged. It flags ")
    assert lines[1] == "score 0.99; held against digits, 64-64-64-10, l1"
    assert lines[4].split()[:3] == ["auditor", "share", "flags"]
    assert lines[5].split()[:4] == ["probing", "1.00", "yes", "10"]
    assert lines[6].split()[:3] == ["dormant", "0.50", "no"]
    assert "neuron 70: It could do much and does little" in lines
    assert "auditors" in err
    assert "backdoor" not in out


def test_it_prints_json(explorer, use, case):  # noqa: F811
    use(FakeAuditor("probing", 99.5), FakeAuditor("dormant", 50.0))
    code, out, _ = explorer("audit", case, "--json", "--auditor", "dormant")
    assert code == 0
    found = json.loads(out)
    assert [row["finding"]["auditor"] for row in found["rows"]] == ["dormant"]
    assert found["missing"] == []


def test_stopped_it_prints_what_was_found_by_then(explorer, use, case):  # noqa: F811
    use(FakeAuditor("probing", 99.5), FakeAuditor("dormant", fails="interrupt"))
    code, out, _ = explorer("audit", case)
    assert code == 130
    assert out.startswith("Flagged. ")
    assert "missing\nDormant was not asked: it was stopped." in out


def test_training_data_is_taken_from_a_task(explorer, use, case, monkeypatch):  # noqa: F811
    seen = []

    class Looking(FakeAuditor):
        def fits(self, view):
            seen.append(None if view.training is None else len(view.training))
            return ""

    use(Looking("spectral", 1.0, access="training data"))
    assert explorer("audit", case)[0] == 0
    assert explorer("audit", case, "--training-task", "backdoor-corner-17")[0] == 0
    assert seen == [None, 965]
    code, _, err = explorer("audit", case, "--training-task", "nothing")
    assert (code, err.count("\n")) == (2, 1)
    assert "found task 'nothing'" in err


def test_bad_input_is_one_sentence(explorer, use, tmp_path):  # noqa: F811
    use(FakeAuditor("probing", 1.0))
    for sizes, words in (
        ((5, 4, 3), "has no task, so there is no data to audit it on"),
        ((64, 9, 30), "has no task"),
    ):
        path = save(Checkpoint("odd", network(sizes)), tmp_path / "odd.safetensors")
        code, out, err = explorer("audit", str(path))
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err
    code, _, err = explorer("audit", str(path), "--task", "digits")
    assert code == 2
    assert "found a network of 64 inputs and 30 outputs" in err
    narrow = save(Checkpoint("narrow", network((64, 9, 10))), tmp_path / "narrow.safetensors")
    code, out, _ = explorer("audit", str(narrow), "--task", "digits")
    assert code == 0
    assert out.startswith("Not calibrated: its layers are 64-9-10; of the task digits, networks")


def test_damaged_results_are_told(explorer, use, case, monkeypatch):  # noqa: F811
    use(FakeAuditor("probing", 1.0))

    def damaged(_):
        raise AuditError("calibration.jsonl has 2 damaged lines; expected results only")

    monkeypatch.setattr(reporting, "calibration_of", damaged)
    code, out, _ = explorer("audit", case)
    assert code == 0
    assert out.startswith("Not calibrated: calibration.jsonl has 2 damaged lines;")
