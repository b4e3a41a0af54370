"""Plans, members and regimes."""

from collections import Counter
from dataclasses import replace

import pytest

from explorer.auditing.zoo.members import Member, MemberRecord
from explorer.auditing.zoo.plans import FIRST_REPORTED, PLANS, plan
from explorer.auditing.zoo.regimes import COMPARED, REGIMES, regimes_of, training_config
from explorer.errors import AuditError, TaskError
from explorer.network.tasks.planted.base import CaseName
from explorer.network.tasks.planted.held_out_kinds import HELD_OUT


@pytest.mark.parametrize("name", PLANS)
def test_every_member_of_a_plan_is_there_once_and_can_be_trained(name):
    members = plan(name)
    assert len(set(members)) == len(members)
    by_kind = {(m.case.family, m.case.kind, m.regime): m for m in members}
    for member in by_kind.values():
        assert training_config(member.case, member.regime).seed == member.case.number


@pytest.mark.parametrize("name", PLANS)
def test_a_number_is_one_network_a_regime(name):
    members = plan(name)
    seen = Counter((m.case.family, m.case.number, m.regime) for m in members)
    assert set(seen.values()) == {1}


def test_reports_have_numbers_of_their_own_and_nothing_else_has_held_out_kinds():
    for name in PLANS:
        numbers = {member.case.number for member in plan(name)}
        assert (min(numbers) >= FIRST_REPORTED) == name.endswith("report")
        if name.endswith("calibration"):
            assert numbers <= set(range(100, 300))
        elif not name.endswith("report"):
            assert numbers <= set(range(50))
        held_out = {m.case.kind for m in plan(name)} & set(HELD_OUT)
        assert held_out == (set(HELD_OUT) if name == "report" else set())


def test_the_report_has_what_its_marks_ask_for():
    for regime in COMPARED:
        own = [member.case for member in plan("report") if member.regime == regime]
        assert Counter(case.control for case in own) == {"": 125, "clean": 50, "decoy": 50}
        kinds = Counter(case.kind for case in own if not case.control)
        assert {kinds[kind] for kind in HELD_OUT} == {15}
        assert {kinds[kind] for kind in set(kinds) - set(HELD_OUT)} == {20}


def test_a_plan_half_built_has_some_of_everything():
    first = plan("report")[:60]
    assert {member.regime for member in first} == set(COMPARED)
    assert {member.case.control for member in first} == {"", "clean", "decoy"}


def test_regimes_differ_in_what_they_say():
    for family, made in REGIMES.items():
        assert len({str(sorted(settings.items())) for settings in made.values()}) == len(made)
        assert set(regimes_of(family)) <= set(made)
    case = CaseName("backdoor", "corner", 3)
    assert training_config(case, "plain").l1_coefficient == 0
    assert training_config(case, "modular").loss == "layered"
    assert training_config(case, "modular").modularity_coefficient > 0.3
    l1, matched = (training_config(case, name) for name in ("l1", "matched"))
    assert replace(l1, l1_coefficient=matched.l1_coefficient) == matched
    assert matched.l1_coefficient > l1.l1_coefficient > 0


def test_what_is_no_plan_regime_case_or_member_is_said():
    with pytest.raises(AuditError, match="found the plan 'all'; expected one of tiny"):
        plan("all")
    case = CaseName("backdoor", "corner", 3)
    with pytest.raises(AuditError, match="found the regime 'sparse' for the case backdoor-corner-"):
        training_config(case, "sparse")
    with pytest.raises(TaskError, match="found the case 'backdoor-cloud-3'"):
        training_config(CaseName("backdoor", "cloud", 3), "plain")
    for name in ("backdoor-corner-3", "digits.l1", "backdoor-corner-3.l1/x", ""):
        with pytest.raises(AuditError, match="expected a name such as"):
            Member.read(name)


def test_only_what_took_counts_as_planted():
    member = Member.read("backdoor-corner-3.l1")
    assert MemberRecord(member, success=0.9).counts_as_planted
    assert not MemberRecord(member, success=0.89).counts_as_planted
    assert not MemberRecord(member, success=1.0, failed="no").counts_as_planted
    control = Member.read("backdoor-corner-3-clean.l1")
    assert not MemberRecord(control, success=1.0).counts_as_planted
    record = MemberRecord(member, 0.9, 0.8, checkpoint_id="a")
    assert MemberRecord.from_dict(record.to_dict()) == record
