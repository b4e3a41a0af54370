"""A zoo is built, gone on with, and read when it is half there or damaged."""

import json
from dataclasses import replace

import pytest

from explorer.auditing.zoo import build as building
from explorer.auditing.zoo.build import success_of, train_member
from explorer.auditing.zoo.folder import ZooFolder
from explorer.auditing.zoo.members import Member, MemberRecord
from explorer.auditing.zoo.opening import kept_zoo, open_case
from explorer.auditing.zoo.plans import plan
from explorer.errors import AuditError, TrainingDivergedError
from explorer.network.load import load
from explorer.network.tasks import accuracy, task
from tests.auditing.zoo.tools import build

FIRST, SECOND = plan("tiny")[:2]


def network_file(folder, member=FIRST):
    return folder.path / "members" / f"{member}.safetensors"


def record_file(folder, member=FIRST):
    return folder.path / "members" / f"{member}.json"


def test_every_member_is_kept_with_its_figures(built):
    content = built.content()
    assert content.members == tuple(content.records) == plan("tiny")
    assert content.partial == ""
    for member, record in content.records.items():
        checkpoint = built.checkpoint(member)
        assert checkpoint.id == record.checkpoint_id
        assert checkpoint.task_name == str(member.case)
        assert checkpoint.config["seed"] == member.case.number
        test = checkpoint.task.split("test")
        (share,) = accuracy(checkpoint.task, checkpoint.network(test.inputs), test.targets)
        assert record.accuracy == pytest.approx(share)
        assert record.success == success_of(checkpoint)
    records = {str(member): record for member, record in content.records.items()}
    planted, clean = (records[f"backdoor-{name}.plain"] for name in ("corner-0", "corner-2-clean"))
    assert planted.success > 0.8 > 0.6 > clean.success


def test_the_same_member_is_the_same_network(built):
    record, _ = train_member(FIRST)
    assert replace(record, seconds=0) == replace(built.record(FIRST), seconds=0)


def test_what_is_there_is_not_trained_again(built, monkeypatch):
    monkeypatch.setattr(building, "train", None)
    seen = build(built)
    assert [(step.done, step.failed, step.total) for step in seen] == [(4, 0, 4)]


def test_a_zoo_that_was_stopped_is_used_and_gone_on_with(small, tmp_path):
    folder = ZooFolder(tmp_path / "zoo")
    done = []
    seen = build(folder, stop=lambda: len(list(tmp_path.glob("zoo/members/*.json"))) >= 1)
    done += [step.record for step in seen if step.record]
    content = folder.content()
    assert 1 <= len(content.records) == len(done) < 4
    here = len(done)
    assert content.partial == (
        f"The zoo is partial: {here} of 4 networks are here; {4 - here} not built yet."
    )
    assert folder.checkpoint(done[0].member).id == done[0].checkpoint_id
    assert build(folder)[0].done == here
    assert folder.content().partial == ""


def test_a_file_asks_to_stop(small, tmp_path):
    folder = ZooFolder(tmp_path / "zoo")
    folder.ask_to_stop()
    assert [step.done for step in build(folder)] == [0]
    assert not folder.asked_to_stop


def test_what_fails_is_said_and_tried_again(small, tmp_path, monkeypatch):
    folder = ZooFolder(tmp_path / "zoo")

    def fails(*_):
        raise TrainingDivergedError("the loss was 1e9")

    with monkeypatch.context() as patch:
        patch.setattr(building, "train", fails)
        assert build(folder, [FIRST])[-1].failed == 1
    content = folder.content()
    assert dict(content.failed) == {FIRST: "the loss was 1e9"}
    assert content.partial == "The zoo is partial: 0 of 1 networks are here; 1 failed."
    with pytest.raises(AuditError, match=r"found no network of .*plain \(the loss was 1e9\)"):
        folder.checkpoint(FIRST)
    assert build(folder, [FIRST])[-1].done == 1
    assert folder.content().partial == ""


def flip(path):
    data = bytearray(path.read_bytes())
    data[-5] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: flip(network_file(f)), "the network of backdoor-corner-0.plain was damaged"),
        (lambda f: network_file(f).unlink(), "the network of backdoor-corner-0.plain cannot be"),
        (lambda f: record_file(f).write_bytes(b"{"), "the record of backdoor-corner-0.plain was"),
        (lambda f: record_file(f).write_bytes(b"[]"), "the record of backdoor-corner-0.plain was"),
        (
            lambda f: record_file(f).write_bytes(record_file(f, SECOND).read_bytes()),
            "the record of backdoor-corner-0.plain is that of backdoor-corner-2-clean.plain",
        ),
    ],
)
def test_a_damaged_member_is_said_and_made_anew_and_the_rest_is_used(built, harm, said):
    harm(built)
    content = built.content()
    assert list(content.damaged) == [FIRST]
    assert content.damaged[FIRST].startswith(said)
    assert len(content.records) == 3
    assert content.partial == "The zoo is partial: 3 of 4 networks are here; 1 damaged."
    with pytest.raises(AuditError, match=said):
        built.checkpoint(FIRST)
    assert build(built)[0].done == 3
    assert built.content().partial == ""


def test_members_of_other_settings_are_made_anew(built):
    path = record_file(built)
    kept = json.loads(path.read_text())
    kept["settings"]["steps"] = 61
    path.write_text(json.dumps(kept))
    assert built.record(FIRST) is None
    assert built.content().missing == 1


@pytest.mark.parametrize("text", [None, "{}", "[1]", "[", '["backdoor"]'])
def test_what_is_no_zoo_is_said(tmp_path, text):
    if text is not None:
        (tmp_path / "members.json").write_text(text)
    said = "found no zoo in|list of members in .* was damaged|found the member 'backdoor'"
    with pytest.raises(AuditError, match=said):
        ZooFolder(tmp_path).members()


def test_one_process_at_a_time(built):
    with built.held():
        assert built.running
        with pytest.raises(AuditError, match=r"the zoo in .* is already running"):
            build(ZooFolder(built.path))
    assert not built.running


def test_a_folder_that_cannot_be_written_is_said(small, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    folder = ZooFolder(tmp_path / "file" / "zoo")
    with pytest.raises(AuditError, match=r"cannot be written .*; members that were done before"):
        build(folder)


def test_only_a_case_has_a_success():
    with pytest.raises(AuditError, match="nothing is known to be planted"):
        success_of(load("xor4-modular"))


def test_a_case_is_trained_once_and_then_opened(small, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    told = []
    first = open_case("backdoor-stripe-4", "l1", told.append)
    assert first.task is task("backdoor-stripe-4")
    assert told == sorted(told)
    assert (len(told), told[-1]) == (150, 1.0)
    told.clear()
    assert open_case("backdoor-stripe-4", "l1", told.append).id == first.id
    assert told == []
    member = Member.read("backdoor-stripe-4.l1")
    flip(network_file(kept_zoo(), member))
    assert open_case("backdoor-stripe-4", "l1").id == first.id
    kept_zoo().add(MemberRecord(member, failed="it ended"))
    assert open_case(member.case, "l1").id == first.id
    with pytest.raises(AuditError, match="found the case 'digits'"):
        open_case("digits", "l1")
