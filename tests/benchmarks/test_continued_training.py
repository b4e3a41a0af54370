"""Continued training of the small GPT: figures are kept, and held against the control."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import cli
from explorer.benchmarks import continued_training
from explorer.benchmarks.continued_table import table
from explorer.benchmarks.continued_training import (
    START,
    TAUGHT,
    ContinuedJob,
    ContinuedScore,
    continued_jobs,
    measure_continued,
)
from explorer.errors import SweepError

ONE = ContinuedScore(
    *("10 steps, lambda 0", 1, 0.25, 0.0, 1.0, 0.9, 0.5),
    *((1.0, 0.9, 1.0, 1.0), 0.4, (0.3, 0.4), 0.1, 1.0),
)


def measure(jobs: Sequence[ContinuedJob]) -> list[ContinuedScore]:
    found: list[ContinuedScore] = []
    with ThreadPoolExecutor(1) as executor:
        over = list(measure_continued(jobs, executor, 1, found))
    assert over[-1] == len(jobs) == len(found)
    return found


def test_every_seed_has_its_control() -> None:
    jobs = continued_jobs(Path("out"), (0, 2), (5, 6), 10)
    assert [job.row for job in jobs[:2]] == ["start", "taught modules"]
    assert [job.network for job in jobs[:2]] == [START, TAUGHT]
    assert [(job.seed, job.row) for job in jobs[2:]] == [
        *((5, "10 steps, lambda 0"), (5, "10 steps, lambda 2")),
        *((6, "10 steps, lambda 0"), (6, "10 steps, lambda 2")),
    ]
    assert len({job.folder for job in jobs}) == 6


@pytest.mark.usefixtures("_short_stories")
def test_what_was_measured_is_not_measured_again(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(continued_training, "NULLS", 1)
    _, *_, job = continued_jobs(tmp_path, (2,), (5,), 2)
    (first,) = measure([replace(job, stories=120)])
    assert (first.row, first.seed, len(first.pairs)) == ("2 steps, lambda 2", 5, 4)
    assert 0.2 < first.inside < 0.5  # two steps move nothing
    assert first.text_before != first.text
    assert 0 <= first.diagonal <= 1
    assert 0 <= first.random[0] <= 1
    with monkeypatch.context() as patched:
        patched.setattr(continued_training, "measure_run", None)
        assert measure([job]) == [first]
    # What was cut short is measured again; its run is not made again.
    place = Path(job.folder) / "score.json"
    place.write_text(place.read_text()[:-30])
    state = (Path(job.folder) / "state.safetensors").stat()
    assert measure([replace(job, stories=120)]) == [first]
    assert (Path(job.folder) / "state.safetensors").stat() == state
    # A folder of other settings is a sentence.
    place.unlink()
    with pytest.raises(SweepError, match=r"seed-5 failed: .* holds a run with steps = 2"):
        measure([replace(job, steps=3)])


def test_the_table_holds_runs_against_the_control_of_the_same_text() -> None:
    scores = [
        ONE,
        replace(ONE, seed=2, stories=1.0),
        replace(ONE, row="10 steps, lambda 2", stories=0.55, inside=0.8),
        replace(ONE, row="10 steps, lambda 2", seed=2, stories=1.1, pairs=(1.0, 0.7, 1.0, 1.0)),
        replace(ONE, row="start", text=None, text_before=None, random=(0.5,)),
    ]
    head, _, start, plain, modular, _, before = table(scores)
    columns = [cell.strip() for cell in head.strip("|").split("|")]

    def cells(line: str) -> dict[str, str]:
        return dict(zip(columns, (c.strip() for c in line.strip("|").split("|")), strict=True))

    assert cells(start)["runs"] == "1"
    assert cells(start)["stories to lambda 0"] == cells(start)["text"] == ""
    assert cells(start)["beyond them"] == "-0.100"
    assert cells(plain)["runs"] == "2"
    assert cells(plain)["stories to lambda 0"] == ""
    assert cells(modular)["stories to lambda 0"] == "+10.0 ± 0.0 %"
    assert cells(modular)["text to lambda 0"] == "+0.0 ± 0.0 %"
    assert cells(modular)["sums"] == ".70 to .90"
    assert cells(modular)["diagonal"] == ".400 ± .000"
    assert before == "text before training: 1.000 ± .000 nats a word"


def test_the_command_refuses_what_is_no_number(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["explorer", "bench", "continued", "--lambda", "1;2"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    said = capsys.readouterr().err
    assert "lambda '1;2'; expected numbers such as 0,1,2" in said
