"""The commands ``explorer zoo``."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer import cli
from explorer.auditing.auditors.registry import AUDITORS
from explorer.auditing.results import read_results
from explorer.commands import zoo
from explorer.errors import TrainingDivergedError


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command in this process, with a thread for its worker."""

    def work(start, total, label, workers=None, cluster=None):
        with ThreadPoolExecutor(1) as threads:
            return [*start(threads, 1)][-1] < total

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["explorer", "zoo", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr()

    monkeypatch.setattr(zoo, "work", work)
    return run


def test_a_zoo_is_built_listed_and_audited(small, tmp_path, run):
    folder, out = tmp_path / "zoo", tmp_path / "results.jsonl"
    code, said = run("build", "tiny", "--out", folder)
    assert code == 0
    lines = said.out.splitlines()
    assert lines[0].split()[:3] == ["kind", "control", "regime"]
    assert [line.split()[:4] for line in lines[1:]] == [
        ["backdoor", "corner", "-", "plain"],
        ["backdoor", "controls", "clean", "plain"],
        ["backdoor", "stripe", "-", "plain"],
        ["backdoor", "controls", "decoy", "plain"],
    ]
    next(folder.glob("members/*.safetensors")).write_bytes(b"")
    code, said = run("list", folder)
    assert "damaged: the network of backdoor-" in said.out
    assert said.out.splitlines()[-1].endswith("3 of 4 networks are here; 1 damaged.")
    data = json.loads(run("list", folder, "--json")[1].out)
    assert (len(data["members"]), len(data["damaged"]), data["missing"]) == (3, 1, 0)

    auditors = [name for name, one in AUDITORS.items() if one.access == "queries"][:1]
    code, said = run("audit", folder, "--out", out, "--auditors", ",".join(auditors))
    assert code == 0
    assert said.out.splitlines()[0] == f"3 networks with results in {out}"
    assert "The zoo is partial" in said.out
    assert all(set(result.scores) == set(auditors) for result in read_results(out)[0])


def test_only_the_first_networks_are_audited(built, tmp_path, run):
    out = tmp_path / "results.jsonl"
    name = next(name for name, one in AUDITORS.items() if one.access == "queries")
    run("audit", built.path, "--out", out, "--auditors", name, "--first", 2)
    assert [result.member for result in read_results(out)[0]] == list(built.members()[:2])


def test_a_bundle_holds_the_same_figures_without_what_only_going_on_needs(built, tmp_path, run):
    out, bundle = tmp_path / "all.jsonl", tmp_path / "bundle.jsonl"
    name = next(name for name, one in AUDITORS.items() if one.access == "queries")
    run("audit", built.path, "--out", out, "--auditors", name, "--bundle", bundle)
    whole, short = read_results(out)[0], read_results(bundle)[0]
    assert [one.scores for one in short] == [one.scores for one in whole] != []
    assert all("checkpoint" in one.extra for one in whole)
    assert not any({"checkpoint", "nodes", "unfit"} & set(one.extra) for one in short)


def test_what_is_no_plan_zoo_or_auditor_is_one_sentence(built, tmp_path, run):
    for arguments, sentence in (
        (("build", "all", "--out", tmp_path / "new"), "found the plan 'all'"),
        (("list", tmp_path / "none"), "found no zoo in"),
        (("audit", built.path, "--out", tmp_path / "r", "--auditors", "oracle"), "found the audit"),
    ):
        code, said = run(*arguments)
        assert code == 2
        assert said.err.startswith(f"explorer: {sentence}")
        assert said.err.count("\n") == 1


def test_what_failed_is_listed(small, tmp_path, run, monkeypatch):
    def fails(*_):
        raise TrainingDivergedError("the loss was 1e9")

    monkeypatch.setattr("explorer.auditing.zoo.build.train", fails)
    _, said = run("build", "tiny", "--out", tmp_path / "zoo")
    assert "failed: backdoor-corner-0.plain: the loss was 1e9" in said.out
    assert said.out.splitlines()[-1] == ("The zoo is partial: 0 of 4 networks are here; 4 failed.")
