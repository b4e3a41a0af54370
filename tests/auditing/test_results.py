"""Files of results."""

import json

import pytest

from explorer.auditing import results as module
from explorer.auditing.results import (
    NetworkResult,
    measured_results,
    read_results,
    write_results,
)
from explorer.auditing.zoo.members import Member
from explorer.errors import AuditError


def result(number, **changed):
    member = Member.read(f"backdoor-corner-{number}.l1")
    values = {"accuracy": 0.96, "success": 1.0, "scores": {"a": 1.5}, "seconds": {"a": 0.25}}
    return NetworkResult(member, **values | {"queries": {"a": 12}, "extra": {"n": 1}} | changed)


def test_results_are_written_and_read_back(tmp_path):
    made = [result(1), result(2, scores={}, seconds={}, queries={}, extra={})]
    write_results(made, tmp_path / "r.jsonl")
    assert read_results(tmp_path / "r.jsonl") == (made, 0)


def test_figures_are_kept_short(tmp_path):
    text = result(1, accuracy=0.123456789, extra={"pair": (1 / 3, 2)}).to_json()
    assert json.loads(text)["accuracy"] == 0.12346
    assert json.loads(text)["extra"] == {"pair": [0.33333, 2]}


def test_the_latest_of_a_network_counts_and_damaged_lines_are_counted(tmp_path):
    lines = [result(1).to_json(), result(2).to_json(), result(1, accuracy=0.5).to_json()]
    broken = [
        '{"member":"backdoor',
        "[]",
        "3",
        '{"member":"x","accuracy":1,"success":1,"found":{}}',
    ]
    (tmp_path / "r.jsonl").write_text("\n".join([*lines, *broken]))
    found, damaged = read_results(tmp_path / "r.jsonl")
    assert [one.member.case.number for one in found] == [1, 2]
    assert found[0].accuracy == 0.5
    assert damaged == 4


def test_what_is_no_number_is_refused():
    for value in (float("nan"), float("inf")):
        with pytest.raises(AuditError, match="expected a finite number"):
            result(1, scores={"a": value}).to_json()


def test_files_that_cannot_be_read_or_written_are_said(tmp_path):
    with pytest.raises(AuditError, match=r"cannot be read .*expected a file of results"):
        read_results(tmp_path / "none.jsonl")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(AuditError, match="cannot be written"):
        write_results([result(1)], tmp_path / "file" / "r.jsonl")


def test_what_comes_along_is_read_by_its_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_FOLDER", tmp_path)
    measured_results.cache_clear()
    try:
        assert measured_results("report") == ()
        measured_results.cache_clear()
        write_results([result(1)], tmp_path / "report.jsonl")
        write_results([result(2)], tmp_path / "hidden-report.jsonl")
        write_results([result(3)], tmp_path / "calibration.jsonl")
        numbers = [one.member.case.number for one in measured_results("report")]
        assert numbers == [2, 1]
        assert [one.member.case.number for one in measured_results("calibration")] == [3]
        measured_results.cache_clear()
        (tmp_path / "report.jsonl").write_text("{")
        with pytest.raises(AuditError, match="has 1 damaged lines"):
            measured_results("report")
        with pytest.raises(AuditError, match="found results 'all'"):
            measured_results("all")
    finally:
        measured_results.cache_clear()


def test_bundled_results_are_small_and_of_the_right_numbers():
    for which, allowed in (("calibration", range(100, 300)), ("report", range(1_000, 100_000))):
        for one in measured_results(which):
            assert one.member.case.number in allowed
    for path in module._FOLDER.glob("*.jsonl"):
        assert path.stat().st_size < 1_500_000
