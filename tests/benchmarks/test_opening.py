"""The table of the time that large networks take to open."""

import json
import subprocess

import pytest
from typer.testing import CliRunner

from explorer.benchmarks import opening, opening_stages
from explorer.benchmarks.opening import GEMMA, RESNET, measure_opening, summary, table
from explorer.cli import app

SECONDS = {"open": 3.0, "graph": 1.0, "tree": 0.3, "modules": 20.0, "tables": 0.1}


def result(what: str, times: float = 1.0, memory: int = 2**31) -> dict:
    seconds = {stage: times * value for stage, value in SECONDS.items()}
    return {"what": what, "seconds": seconds, "memory": memory, "load": 0.5, "figures": {"k": 2}}


def test_medians_and_the_largest_memory():
    found = summary([result(GEMMA, t, m) for t, m in ((1, 5), (3, 9), (2, 7))])
    assert found.seconds["open"] == 6.0
    assert found.total == pytest.approx(2 * sum(SECONDS.values()))
    assert (found.memory, found.load, found.runs) == (9, 0.5, 3)


def test_the_table_says_which_marks_are_met():
    lines = table([summary([result(GEMMA, memory=5 * 2**30)]), summary([result(RESNET)])])
    by_title = {line.split("|")[1].strip(): line.split("|")[-2].strip() for line in lines if line}
    assert by_title["Gemma 3 270M: open to modules, without the page"] == "24.40 s"
    assert by_title["its graph"] == "1.00 s"
    assert by_title["its exact tree alone, k = 32"] == "0.30 s, within the stretch"
    assert by_title["its modules, their number chosen"] == "20.00 s, above the mark"
    assert by_title["its memory, at most"] == "5.0 GB, above the mark"
    assert by_title["ResNet-18, random weights: open to modules"] == "24.40 s, above the mark"
    assert not any("snippets" in title for title in by_title)


def test_every_measurement_has_a_process_of_its_own(monkeypatch):
    asked = []

    def run(command, **_):
        asked.append(command[1:])
        said = "a warning\n" + json.dumps(result(command[-1], len(asked)))
        return subprocess.CompletedProcess(command, 0, said, "")

    monkeypatch.setattr(opening.subprocess, "run", run)
    seen: list[float] = []
    (found,) = measure_opening([RESNET], runs=2, progress=seen.append)
    assert asked == [["-m", "explorer.benchmarks.opening_stages", RESNET]] * 3
    assert found.seconds["open"] == pytest.approx(7.5)  # the first run does not count
    assert seen == pytest.approx([1 / 3, 2 / 3, 1])
    printed = CliRunner().invoke(app, ["bench", "open", "--only", RESNET, "--runs", "1"])
    assert "ResNet-18, random weights: open to modules" in printed.stdout
    data = CliRunner().invoke(app, ["bench", "open", "--only", RESNET, "--json"])
    assert json.loads(data.stdout)["openings"][0]["what"] == RESNET
    assert CliRunner().invoke(app, ["bench", "open", "--only", "nothing"]).exit_code == 2


def test_a_process_that_fails_says_why(monkeypatch):
    def run(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "no such network")

    monkeypatch.setattr(opening.subprocess, "run", run)
    with pytest.raises(RuntimeError, match="could not be measured: no such network"):
        measure_opening([GEMMA])


def test_stages_are_timed_one_by_one(monkeypatch):
    monkeypatch.setattr(opening_stages, "GEMMA", "xor4-modular")
    monkeypatch.setattr(opening_stages, "_KEEP", 3)
    found = opening_stages._gemma(stages := opening_stages._Stages())
    assert list(stages.seconds) == ["open", "graph", "tree", "modules", "tables"]
    assert all(seconds > 0 for seconds in stages.seconds.values())
    assert (found["nodes"], found["modules"]) == (80, 4)
    shuffled = opening_stages._nulls(stages)
    assert shuffled["Q_B"] > shuffled["Q_B shuffled"]
    assert "one shuffled network" in stages.seconds


def test_a_process_tells_its_memory(monkeypatch):
    monkeypatch.setattr(opening_stages, "_resnet", lambda stages: {"nodes": 3})
    found = opening_stages.run(RESNET)
    assert found["figures"] == {"nodes": 3}
    assert found["memory"] > 10_000_000
