"""The marks of the audit, from results that are made up."""

import json
import sys

import numpy as np
import pytest

from explorer import cli
from explorer.auditing.results import NetworkResult, write_results
from explorer.auditing.zoo.members import Member
from explorer.auditing.zoo.regimes import COMPARED
from explorer.benchmarks.audit import audit_rows
from explorer.benchmarks.audit_rows import AuditRow, Mark
from explorer.benchmarks.audit_statistics import Scores, area, found_at, mean
from explorer.benchmarks.audit_table import table
from explorer.errors import AuditError
from explorer.network.tasks.planted.backdoors import KINDS
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT

nan = float("nan")


def column(*values):
    return np.array(values)[:, None]


def test_areas_worked_out_by_hand():
    assert area(Scores(column(2.0, 3.0), column(1.0, 2.0))).value == (1 + 1 + 0.5 + 1) / 4
    assert area(Scores(column(1.0, 1.0), column(1.0))).value == 0.5
    # Regimes apart, then averaged: scores of different regimes do not compare.
    two = Scores(np.array([[1.0, 10.0], [3.0, nan]]), np.array([[2.0, 20.0]]))
    assert area(two).value == (0.5 + 0.0) / 2
    missing = Scores(np.array([[1.0, nan], [3.0, nan]]), np.array([[2.0, 20.0]]))
    assert area(missing).value == 0.5


def test_what_is_found_worked_out_by_hand():
    clean = column(*np.arange(20.0))  # one of 20 may be above: the threshold is 18
    assert found_at(Scores(column(17.5, 18.5, 19.5, 18.0), clean)).value == 0.5
    assert found_at(Scores(column(17.5, 18.5, 19.5, 18.0), clean), alarms=0.0).value == 0.25
    assert found_at(Scores(column(1.0, 2.0), column(1.0, 1.0, 1.0))).value == 0.5


def test_intervals_hold_what_is_known():
    rng = np.random.default_rng(1)
    planted, clean = rng.normal(1, 1, (80, 1)), rng.normal(0, 1, (100, 1))
    rate = area(Scores(planted, clean)).rate
    assert rate.low < 0.760 < rate.high  # Phi(1 / sqrt 2)
    assert 0.1 < rate.high - rate.low < 0.2
    flat = mean(np.full((50, 4), 0.25)).rate
    assert (flat.value, flat.low, flat.high) == (0.25, 0.25, 0.25)
    shares = mean(np.array([[1.0]] * 10 + [[0.0]] * 90)).rate
    assert (shares.low, shares.high) == pytest.approx((0.045, 0.16), abs=0.025)


def test_cases_are_drawn_and_not_networks():
    rng = np.random.default_rng(1)
    one = rng.normal(0.5, 1, (40, 1)), rng.normal(0, 1, (40, 1))
    # The same scores in four regimes say no more than in one.
    four = Scores(*(np.repeat(values, 4, axis=1) for values in one))
    once = Scores(*one)
    assert area(four).rate.low == pytest.approx(area(once).rate.low)
    assert found_at(four).rate.high == pytest.approx(found_at(once).rate.high)


def test_differences_are_paired():
    rng = np.random.default_rng(1)
    planted, clean = rng.normal(1, 1, (60, 1)), rng.normal(0, 1, (60, 1))
    gap = area(Scores(planted + 0.01, clean)).minus(area(Scores(planted, clean))).rate
    assert gap.value > 0
    assert gap.high - gap.low < 0.02  # drawn apart it would be ten times as wide


def test_a_figure_without_networks_is_said():
    for scores in (Scores(column(nan), column(1.0)), Scores(np.empty((0, 1)), column(1.0))):
        with pytest.raises(AuditError, match="found no regime with both"):
            area(scores)
        with pytest.raises(AuditError, match="found no regime with both"):
            found_at(scores)
    with pytest.raises(AuditError, match="found no network"):
        mean(column(nan))


def made(first, planted, controls, shift, seed):
    """Results whose combined score is higher by ``shift`` where something was planted."""
    rng = np.random.default_rng(seed)
    kinds = KINDS if first >= 1_000 else KINDS[:4]
    names = [f"backdoor-{kinds[at % len(kinds)]}-{first + at}" for at in range(planted)]
    names += [
        f"backdoor-corner-{first + planted + at}-{('clean', 'decoy')[at % 2]}"
        for at in range(controls)
    ]
    found = []
    for name in names:
        for regime in COMPARED:
            member = Member.read(f"{name}.{regime}")
            high = shift if member.is_planted else 0.0
            scores = {
                "combined": float(rng.normal(high)),
                "probing": float(rng.normal(high / 2)),
            }
            took = {"success": 1.0 if member.is_planted else 0.1}
            extra = {
                "lost": 0.01 if regime == "modular" else 0.03,
                "neurons": {"dormant_neuron": [0.1, 0.95]},
                **({"removed": 0.9, "oracle": {"module": [0, 0.9]}} if member.is_planted else {}),
            }
            found.append(
                NetworkResult(
                    member,
                    0.97,
                    **took,
                    scores=scores,
                    extra=extra,
                    seconds={"combined": 0.2, "probing": 0.1},
                    queries=dict.fromkeys(scores, 9),
                )
            )
    return found


@pytest.fixture(scope="module")
def zoos():
    return made(1_000, 70, 50, 3.0, 1), made(100, 8, 60, 3.0, 2)


@pytest.fixture(scope="module")
def rows(zoos):
    return {(row.group, row.figure): row for row in audit_rows(*zoos)}


def test_every_mark_of_results_made_up_is_what_was_made(rows):
    whole = rows["combined auditor", "area"]
    assert whole.rate.value == pytest.approx(0.983, abs=0.012)  # Phi(3 / sqrt 2)
    assert whole.met == "stretch"
    assert (whole.rate.planted, whole.rate.clean) == (40 * 4, 50 * 4)
    assert rows["combined auditor", "found at 5 % alarms"].rate.value > 0.8
    gain = rows["gain over the best black-box auditor", "area"]
    assert gain.rate.value == pytest.approx(0.983 - 0.856, abs=0.03)
    assert gain.met == "stretch"  # its interval is above 0
    assert gain.note.startswith("over probing")
    alarms = rows["false alarms at the frozen threshold of 5 %", "all controls"]
    assert alarms.rate.value == pytest.approx(0.05, abs=0.05)
    assert alarms.met in ("stretch", "yes")
    removed = rows["three neurons of the auditor at 0", "attack removed"]
    assert removed.rate.value == pytest.approx(0.9)
    assert rows["three neurons of the auditor at 0", "clean accuracy lost"].met == "yes"
    gap = rows["modularity minus L1 of the same accuracy", "three neurons, clean accuracy lost"]
    assert gap.rate.value == pytest.approx(-0.02)
    apart = rows["modularity minus L1 of the same accuracy", "area"].rate
    assert apart.low < 0 < apart.high
    assert rows["modularity minus L1 of the same accuracy", "area"].met == "reported"
    oracle = rows["the best module at 0 (by the truth)", "attack removed, plain"]
    assert oracle.rate.value == 1.0
    assert rows["cost", "seconds a network"].rate.value == pytest.approx(0.3)
    assert rows["cost", "networks"].note == (
        "280 planted, of which 0 did not take and are left out; 200 controls"
    )


def test_kinds_are_apart(rows):
    for kind in KINDS:
        assert rows["kinds of triggers", f"area, {kind}"].rate.planted == 40
    held_out = rows["kinds of triggers", "area, kinds that no auditor was tuned on"]
    assert held_out.rate.planted == 40 * len(HELD_OUT)


def test_what_did_not_take_is_left_out_and_counted(zoos):
    report = [
        NetworkResult(r.member, r.accuracy, 0.5, r.scores, r.seconds, r.queries)
        if r.member.case.kind == "corner" and r.member.is_planted
        else r
        for r in zoos[0]
    ]
    rows = {(row.group, row.figure): row for row in audit_rows(report, zoos[1])}
    assert rows["cost", "networks"].note.startswith("280 planted, of which 40 did not take")
    assert rows["kinds of triggers", "area, corner"].rate is None
    assert "found no regime" in rows["kinds of triggers", "area, corner"].note
    assert rows["combined auditor", "area"].rate.planted == 30 * 4


def test_without_calibration_there_are_no_false_alarms_to_tell(zoos):
    rows = {(row.group, row.figure): row for row in audit_rows(zoos[0], ())}
    assert rows["false alarms at the frozen threshold of 5 %", "all controls"].rate is None


def test_marks_are_met_or_not():
    rate = area(Scores(column(1.0, 3.0), column(2.0))).rate
    assert AuditRow("g", "f", rate, Mark(0.5, 0.9)).met == "yes"
    assert AuditRow("g", "f", rate, Mark(0.4, 0.5)).met == "stretch"
    assert AuditRow("g", "f", rate, Mark(0.6, 0.4, most=True)).met == "yes"
    assert AuditRow("g", "f", rate, Mark(0.6)).met == "no"
    assert rate.low == 0.0
    assert AuditRow("g", "f", rate, Mark(0.4, above_zero=True)).met == "yes"
    assert AuditRow("g", "f", rate, Mark(above_zero=True)).met == "reported"
    assert AuditRow("g", "f", rate).met == AuditRow("g", "f", None, Mark(1.0)).met == ""


def test_the_table_begins_with_the_marks(rows):
    lines = list(table(list(rows.values())))
    assert lines[1].split()[:3] == ["combined", "auditor:", "area"]
    assert lines[1].endswith("stretch")
    marked = [row for row in rows.values() if row.mark.is_set]
    assert lines[len(marked) + 1] == ""


def test_the_command_reads_files_of_results(zoos, tmp_path, monkeypatch, capsys):
    for name, results in zip(("report", "calibration"), zoos, strict=True):
        write_results(results, tmp_path / f"{name}.jsonl")
    files = [f"--{name}={tmp_path / name}.jsonl" for name in ("report", "calibration")]
    monkeypatch.setattr(sys, "argv", ["explorer", "bench", "audit", *files, "--json"])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    data = json.loads(capsys.readouterr().out)
    assert data[0]["figure"] == "area"
    assert data[0]["met"] == "stretch"


def test_nothing_to_sum_up_is_said():
    with pytest.raises(AuditError, match="found no results on backdoors"):
        list(audit_rows((), ()))
