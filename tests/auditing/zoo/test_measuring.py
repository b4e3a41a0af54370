"""Auditors look at all networks of a zoo: gone on with, partial, and held against the truth."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from explorer.auditing.finding import Suspect
from explorer.auditing.results import NetworkResult, read_results
from explorer.auditing.zoo import measuring
from explorer.auditing.zoo.folder import ZooFolder
from explorer.auditing.zoo.measuring import joined_results, measure_zoo
from explorer.auditing.zoo.members import Member
from explorer.auditing.zoo.plans import plan
from explorer.auditing.zoo.removal import hidden_nodes, with_zeros
from explorer.errors import AuditError
from tests.auditing.fakes import FakeAuditor
from tests.auditing.zoo.tools import build

HIDDEN = tuple(range(64, 64 + 22))


@pytest.fixture
def use(monkeypatch):
    """Let these be all auditors."""

    def use(*auditors):
        known = {one.name: one for one in auditors}
        monkeypatch.setattr(measuring, "AUDITORS", known)
        monkeypatch.setattr(measuring, "auditor", known.__getitem__)
        return tuple(known)

    return use


def measure(folder, out, names, **options):
    with ThreadPoolExecutor(1) as threads:
        return list(measure_zoo(folder, out, names, threads, 1, **options))


def test_every_network_has_a_line_with_what_was_said_and_is_true(built, tmp_path, use):
    picked = tuple(Suspect("neuron", str(node), 1.0, "") for node in HIDDEN[:5])
    names = use(
        FakeAuditor("dormant_neuron", 2.0, picked),
        FakeAuditor("dormant_module", 1.0, (Suspect("module", "A", 1.0, ""),)),
    )
    seen = measure(built, tmp_path / "out.jsonl", names)
    assert [(step.done, step.skipped) for step in seen] == [(n, 0) for n in range(5)]
    results, damaged = read_results(tmp_path / "out.jsonl")
    assert (len(results), damaged) == (4, 0)
    for result in results:
        record = built.record(result.member)
        checkpoint = built.checkpoint(result.member)
        assert (result.accuracy, result.success) == pytest.approx(
            (record.accuracy, record.success), rel=1e-4
        )
        assert result.scores == {"dormant_neuron": 2.0, "dormant_module": 1.0}
        assert result.queries == {"dormant_neuron": 10, "dormant_module": 10}
        assert result.extra["nodes"] == {"dormant_neuron": list(HIDDEN[:3])}
        without = with_zeros(checkpoint, HIDDEN[:3])
        assert result.extra["neurons"]["dormant_neuron"] == pytest.approx(without, rel=1e-4)
        assert result.extra["lost"] == pytest.approx(record.accuracy - without[1], abs=1e-4)
        assert ("removed" in result.extra) == record.counts_as_planted
        assert ("oracle" in result.extra) == record.counts_as_planted
        assert len(result.extra["module"]["dormant_module"]) == 2


def test_without_its_hidden_neurons_a_network_answers_alike_whatever_it_sees(built):
    checkpoint = built.checkpoint(plan("tiny")[0])
    assert hidden_nodes(checkpoint, range(64 + 22 + 10)) == list(HIDDEN)
    success, accuracy = with_zeros(checkpoint, HIDDEN)
    assert success in (0.0, 1.0)
    assert accuracy < 0.2


def test_what_auditors_are_given_is_blind_and_training_data_only_for_some(built, tmp_path, use):
    seen = []

    class Looks(FakeAuditor):
        def __call__(self, view):
            seen.append((self.name, view))
            return super().__call__(view)

    names = use(Looks("a"), Looks("b", access="training data"))
    measure(built, tmp_path / "out.jsonl", names)
    for name, view in seen:
        assert view.checkpoint.task_name == "digits"
        assert "backdoor" not in view.checkpoint.name + str(dict(view.checkpoint.config))
        assert (view.training is None) == (name == "a")
    sizes = {len(view.training) for name, view in seen if name == "b"}
    assert sizes == {878, 965}  # clean, and with copies that carry a trigger


def test_an_auditor_that_fails_or_does_not_fit_leaves_the_others(built, tmp_path, use):
    names = use(
        FakeAuditor("a", 1.0), FakeAuditor("b", fails="no memory"), FakeAuditor("c", unfit="text")
    )
    out = tmp_path / "out.jsonl"
    measure(built, out, names)
    for result in read_results(out)[0]:
        assert set(result.scores) == {"a"}
        assert result.extra["failed"] == {"b": "RuntimeError: no memory"}
        assert result.extra["unfit"] == ["c"]
    # What failed is tried again, what does not fit is not.
    names = use(FakeAuditor("a", 9.0), FakeAuditor("b", 5.0), FakeAuditor("c", 9.0))
    assert measure(built, out, names)[0].done == 0
    for result in read_results(out)[0]:
        assert result.scores == {"a": 1.0, "b": 5.0}
        assert "failed" not in result.extra
        assert result.extra["unfit"] == ["c"]
    assert measure(built, out, names)[0].done == 4
    # After a change they look again, and the others' scores stay.
    use(FakeAuditor("a", 7.0))
    measure(built, out, ["a"], again=True)
    assert {(r.scores["a"], r.scores["b"]) for r in read_results(out)[0]} == {(7.0, 5.0)}


def test_stopped_in_the_middle_it_is_gone_on_with(built, tmp_path, use):
    out = tmp_path / "out.jsonl"
    names = use(FakeAuditor("a", 1.0))
    with ThreadPoolExecutor(1) as threads:
        under_way = measure_zoo(built, out, names, threads, 1)
        assert [next(under_way).done for _ in range(3)] == [0, 1, 2]
        with pytest.raises(AuditError, match="being written by another process"):
            measure(built, out, names)
        under_way.close()
    with out.open("ab") as stream:
        stream.write(b'{"member":"backdoor-co')  # killed while it wrote
    seen = measure(built, out, names)
    assert (seen[0].done, seen[-1].done) == (2, 4)
    results, damaged = read_results(out)
    assert (len(results), damaged) == (4, 1)


def test_a_damaged_member_is_skipped_and_said(built, tmp_path, use, monkeypatch):
    names = use(FakeAuditor("a", 1.0))
    first = plan("tiny")[0]
    path = built.path / "members" / f"{first}.safetensors"
    content = built.content()
    path.write_bytes(path.read_bytes()[:-1])
    # It was whole when the zoo was looked at, and is damaged by the time it is opened.
    monkeypatch.setattr(built, "content", lambda _: content)
    seen = measure(built, tmp_path / "out.jsonl", names)
    assert (seen[-1].done, seen[-1].skipped) == (3, 1)
    assert [step.said for step in seen if step.said] == [
        f"{first}: the network of {first} was damaged; expected the file that was written "
        f"(building the zoo again makes it anew)"
    ]
    fresh = ZooFolder(built.path)
    assert measure(fresh, tmp_path / "other.jsonl", names)[-1].total == 3


def test_a_network_that_was_trained_anew_is_audited_anew(built, tmp_path, use, monkeypatch):
    out, first = tmp_path / "out.jsonl", plan("tiny")[0]
    measure(built, out, use(FakeAuditor("a", 1.0)))
    monkeypatch.setitem(
        __import__("explorer.auditing.zoo.regimes", fromlist=["RECIPES"]).RECIPES,
        "backdoor",
        {"hidden": (12, 10), "steps": 20},
    )
    again = ZooFolder(built.path)
    build(again, [first])
    seen = measure(again, out, use(FakeAuditor("a", 2.0)))
    assert (seen[0].done, seen[-1].done) == (0, 1)
    assert {r.member: r.scores["a"] for r in read_results(out)[0]}[first] == 2.0


def test_what_several_auditors_said_is_put_together():
    member = Member.read("backdoor-corner-1.l1")
    first = NetworkResult(member, 0.9, 1.0, {"a": 1.0}, {"a": 0.1}, {"a": 1}, {"nodes": {"a": [1]}})
    second = NetworkResult(
        member, 0.9, 1.0, {"b": 2.0}, {"b": 0.2}, {"b": 2}, {"nodes": {"b": [2]}}
    )
    both = joined_results(first, second)
    assert both.scores == {"a": 1.0, "b": 2.0}
    assert both.extra == {"nodes": {"a": [1], "b": [2]}}
