"""Blind cases: drawn with equal chance, the same for all, and told nothing by their names."""

from explorer.auditing.zoo import regimes
from explorer.ui.audit import drawing, kept
from explorer.ui.audit.drawing import BlindCase


def test_half_of_the_cases_are_planted_and_a_case_is_the_same_for_all():
    cases = [BlindCase("backdoor", "any", "any", 20_000 + number) for number in range(400)]
    drawn = [drawing.draw(case) for case in cases]
    assert drawn == [drawing.draw(case) for case in cases]
    assert 160 < sum(member.is_planted for member in drawn) < 240
    controls = [member.case.control for member in drawn if not member.is_planted]
    assert 0.35 < controls.count("decoy") / len(controls) < 0.65
    assert {member.case.kind for member in drawn} == set(drawing.kinds("backdoor"))
    assert {member.regime for member in drawn} == set(regimes.COMPARED)
    assert all(20_000 <= drawing.draw_number() <= 99_999 for _ in range(50))


def test_a_name_is_read_back():
    case = BlindCase("backdoor", "any", "l1", 23_456)
    assert BlindCase.read(str(case)) == case
    assert BlindCase.read("backdoor.any.l1.-5") is None
    assert drawing.kinds("none") == ()


def test_modules_are_those_that_auditors_look_for():
    from explorer.auditing.view import MODULES

    assert MODULES == kept.MODULES
