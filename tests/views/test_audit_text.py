"""Reports, records and removals in words and as small pictures."""

import re
from dataclasses import replace

import pytest

from explorer.auditing.finding import AuditReport, Calibrated, Finding, Suspect
from explorer.auditing.rates import Rate
from explorer.auditing.removal.summary import RemovalRow
from explorer.curation.verdicts import tally
from explorer.views import audit_text
from explorer.views.audit_bars import Bar, before_after, interval_lines
from explorer.views.audit_removal import removal_sentence, removal_table

SUSPECT = Suspect("neuron", "81", 3.2, "It could move answer 3 by 3.2, and moves it by .1.")
ROWS = (
    Calibrated(Finding("inversion", 1.5, queries=240, seconds=0.2), 0.4, False),
    Calibrated(Finding("dormant_neuron", 3.2, (SUSPECT,), "One neuron waits."), 0.98, True),
    Calibrated(Finding("reading", 0.1, missing="It has no declared inputs.")),
)
REPORT = AuditReport(
    score=0.98,
    verdict="flagged; it flags 5 of 100 clean networks",
    flagged=True,
    suspects=(SUSPECT,),
    rows=ROWS,
    calibration="digits, 64-64-64-10, modular",
    false_alarms=(5, 100),
    seconds=0.31,
    queries=24_000,
    checkpoint_id="0" * 16,
    partition_id="1",
)
ALONE = replace(
    REPORT, score=None, flagged=None, false_alarms=(0, 0), calibration="not calibrated: no task"
)


def test_a_flagged_network_says_so_with_its_rate_of_false_alarms():
    assert audit_text.headline(REPORT).startswith("**Flagged.** Score 0.98")
    assert audit_text.describe_alarms(REPORT).startswith("Flags 5 of 100 clean networks")
    assert "(95 % interval 2 % to 11 %)" in audit_text.describe_alarms(REPORT)
    assert "digits, 64-64-64-10, modular" in audit_text.describe_calibration(REPORT)
    assert audit_text.headline(replace(REPORT, flagged=False)).startswith("**Not flagged.**")


def test_the_strip_has_its_mark_where_the_score_is():
    left = re.search(r"left:calc\(([0-9.]+)% - 2px\)", audit_text.verdict_strip(REPORT))
    assert left is not None
    assert float(left[1]) == 98.0
    assert "calc(" not in audit_text.verdict_strip(ALONE)


def test_what_is_not_calibrated_is_told_plainly():
    assert audit_text.headline(ALONE).startswith("**Not calibrated.**")
    assert "not known" in audit_text.describe_alarms(ALONE)
    assert audit_text.describe_calibration(ALONE) == "Not calibrated: no task."


def test_the_most_suspicious_auditor_stands_first_and_nothing_missing_is_hidden():
    table = audit_text.auditors_table(REPORT, {"dormant_neuron": "Dormant neuron"})
    assert table["auditor"].tolist() == ["Dormant neuron", "inversion", "reading"]
    assert table["flags it"].tolist() == ["yes", "no", "not calibrated"]
    assert table["first suspect"][0] == "Neuron 81"
    assert table["why"][2] == "It has no declared inputs."
    empty = audit_text.auditors_table(replace(REPORT, rows=()), {})
    assert list(empty.columns) == list(table.columns)


@pytest.mark.parametrize(
    ("said", "planted", "word"),
    [
        (True, True, "Right."),
        (False, False, "Right."),
        (True, False, "A false"),
        (False, True, "Mi"),
    ],
)
def test_a_verdict_is_told(said, planted, word):
    assert audit_text.describe_verdict(said, planted).startswith(word)


def test_a_record_is_held_against_a_coin():
    assert "still be tossing" in audit_text.describe_tally_briefly(tally([(True, True)]))
    many = [(True, True), (False, False)] * 10
    assert audit_text.describe_tally_briefly(tally(many)) == "Better than tossing a coin."
    wrong = [(True, False), (False, True)] * 10
    assert audit_text.describe_tally_briefly(tally(wrong)) == "Worse than tossing a coin."
    assert "1 false alarm on 1 control." not in audit_text.describe_tally(tally([(False, True)]))
    assert audit_text.describe_tally(tally([(False, True)])).endswith("1 false alarm on 1 control")


def test_the_carrier_is_the_module_whose_loss_costs_the_attack_most():
    said = audit_text.describe_carrier([("A", 0.5, 0.9), ("B", 0.02, 0.93)], (0.97, 0.96))
    assert "Without **module B**" in said
    assert "97 % to 2 %" in said
    assert audit_text.describe_carrier([], (1.0, 1.0)) == "It has no modules to ablate."


def test_bars_are_as_long_as_their_figures():
    drawn = before_after([Bar("Attack <b>", 0.974, 0.009, "#123456")], "ablation")
    assert re.findall(r"max\(1px, ([0-9.]+)%\)", drawn) == ["97.4", "0.9"]
    assert "Attack &lt;b&gt;: 97.4% before, 0.9% after ablation" in drawn


def test_intervals_stay_on_their_line():
    drawn = interval_lines([("a", Rate(0.1, -2.0, 0.3, 9, 9))], -0.5, 0.5, zero=0.0)
    assert "left:0.0%;width:80.0%" in drawn
    assert "left:calc(60.0% - 4px)" in drawn
    assert "left:50.0%;top:0" in drawn  # no difference


def test_a_small_difference_does_not_look_like_none():
    drawn = interval_lines([("a", Rate(-0.003, -0.006, -0.001, 9, 9))], -0.5, 0.5)
    assert "<b>-0.003</b>" in drawn and "(-0.006 to -0.001)" in drawn


def test_suspects_with_one_reason_stand_together():
    three = [Suspect("neuron", name, 1.0, "They carry it") for name in ("90", "66", "8")]
    listed = audit_text.suspects_list([*three[:2], SUSPECT, three[2]]).split("\n")
    assert listed == [
        "- **Neurons 90, 66 and 8**: They carry it",
        f"- **Neuron 81**: {SUSPECT.reason}",
    ]
    assert audit_text.suspects_list(()) == ""


def test_the_strip_shades_nothing_that_its_verdict_contradicts():
    assert 'title="flagged"' in audit_text.verdict_strip(REPORT)
    spared = replace(REPORT, score=0.96, flagged=False)
    assert 'title="flagged"' not in audit_text.verdict_strip(spared)
    assert 'title="flagged"' not in audit_text.verdict_strip(replace(REPORT, score=0.9))


def test_without_an_auditor_there_is_no_evidence_to_speak_of():
    bare = replace(REPORT, rows=(), score=None, flagged=None)
    assert audit_text.headline(bare).startswith("**No verdict.**")


def row(method, success, low, high):
    rate = Rate(0.968, 0.96, 0.975, 50, 0)
    lost = Rate(0.005, 0.001, 0.009, 50, 0)
    gone = Rate(0.94, 0.86, 1.0, 50, 0)
    return RemovalRow(
        "tuned kinds", method, 50, rate, Rate(success, low, high, 50, 0), lost, gone, 2
    )


def test_the_sentence_on_removal_follows_from_the_intervals():
    assert "Try it under" in removal_sentence(())
    spare, rival = row("spare", 0.009, 0.004, 0.016), row("filter", 0.013, 0.008, 0.02)
    assert "leaves 0.9% of attacks" in removal_sentence([spare])
    assert "and costs 0.5 points of accuracy." in removal_sentence([spare])
    better = replace(spare, lost=Rate(-0.006, -0.009, -0.003, 50, 0))
    assert "and is right 0.6 points more often than" in removal_sentence([better])
    assert "no fewer, as far as these networks can show" in removal_sentence([rival, spare])
    assert "That is fewer than" in removal_sentence([spare, row("filter", 0.3, 0.2, 0.4)])
    assert "That is more than" in removal_sentence([spare, row("filter", 0.001, 0.0, 0.002)])
    assert removal_table([spare])["attack success"][0] == ".009 [.004, .016]"
