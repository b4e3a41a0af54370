"""Measured results: who is counted, areas by regime, the sentence on structure, the figures."""

import numpy as np
import pytest

from explorer.auditing.rates import Rate, area
from explorer.auditing.results import NetworkResult
from explorer.auditing.zoo.members import Member
from explorer.views import audit_results
from explorer.views.audit_charts import NeuronMark, neuron_scatter, roc_chart, strip_chart
from explorer.views.audit_reading import HeadReading, ReadRow, describe_reading, reading_bars
from explorer.views.audit_results import Scores
from explorer.views.audit_structure import (
    PRESENT_ANSWER,
    Comparison,
    compare_regimes,
    shares_found,
    structure_sentence,
)


def result(name, score, success=None, removed=None):
    member = Member.read(name)
    took = success if success is not None else float(member.is_planted)
    return NetworkResult(
        member=member,
        accuracy=0.97,
        success=took,
        scores={"combined": score, "patches": 0.5},
        seconds={"combined": 0.3},
        queries={"combined": 100},
        extra={} if removed is None else {"removed": removed},
    )


def zoo(gap, count=40):
    """Networks in four regimes: plain ones are hard, and ``gap`` is what modularity adds."""
    rng = np.random.default_rng(3)
    found = []
    for regime, shift in (("plain", 0.3), ("l1", 2.0), ("matched", 2.0), ("modular", 2.0 + gap)):
        noise = np.random.default_rng(4).normal(0, 1, 2 * count) + 0.01 * rng.normal(size=2 * count)
        for number in range(count):
            planted = f"backdoor-corner-{number}.{regime}"
            removed = 0.5 + (gap / 10 if regime == "modular" else 0.0)
            found.append(result(planted, noise[number] + shift, removed=removed))
            clean = f"backdoor-corner-{count + number}-{('clean', 'decoy')[number % 2]}.{regime}"
            found.append(result(clean, noise[count + number]))
    return found


def test_only_planted_failures_that_took_are_to_be_found():
    results = [
        result("backdoor-corner-1.l1", 3.0),
        result("backdoor-corner-2.l1", 9.0, success=0.5),
        result("backdoor-stripe-3.l1", 2.0),
        result("backdoor-corner-4-decoy.l1", 1.0),
        result("backdoor-corner-5-clean.plain", 8.0),
        result("proxy-marker98-6-clean.l1", 7.0),
        result("backdoor-corner-7-clean.l1", float("nan")),
    ]
    found = audit_results.scores_of(results, "combined", "backdoor", "l1", "corner")
    assert found == Scores({"backdoor-corner-1": 3.0}, {"backdoor-corner-4-decoy": 1.0})
    every = audit_results.scores_of(results, "combined", "backdoor")
    assert sorted(every.planted) == ["backdoor-corner-1.l1", "backdoor-stripe-3.l1"]
    assert audit_results.kinds_of(results, "backdoor") == ("corner", "stripe")
    assert audit_results.families_of(results[::-1]) == ("backdoor", "proxy")
    assert audit_results.regimes_of(results, "backdoor") == ("plain", "l1")


def test_controls_of_a_kind_are_those_of_the_same_task():
    results = [
        result("proxy-marker98-1.l1", 1.0),
        result("proxy-marker90-2-clean.l1", 0.5),
        result("proxy-coin98-3-clean.l1", 0.5),
    ]
    found = audit_results.scores_of(results, "combined", "proxy", "l1", "marker98")
    assert list(found.clean) == ["proxy-marker90-2-clean"]


def test_the_table_has_the_best_auditor_first():
    table = audit_results.auditor_table(
        zoo(0.0), "backdoor", {"combined": "All together"}, {"combined": "weights"}
    )
    assert table["auditor"].tolist() == ["All together", "patches"]
    assert table["plain"][1].startswith(".50 [.50, .50]; finds 0%")
    assert float(table["L1"][0][:3]) > float(table["plain"][0][:3])
    assert table["seconds"][0] == 0.3
    assert audit_results.auditor_table([], "backdoor", {}, {}).empty


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (0.0, "Modularity adds nothing over matched L1"),
        (1.5, "Modularity adds to what matched L1"),
        (-1.5, "Modularity takes from what matched L1"),
    ],
)
def test_the_sentence_on_structure_follows_from_the_figures(gap, said):
    compared = compare_regimes(zoo(gap), "combined")
    assert said in structure_sentence(compared)
    assert "Sparsity helps" in structure_sentence(compared)
    removal = compared[1]
    assert (removal.name, removal.first) == ("share of the attack removed", "modular")
    assert removal.difference.value == pytest.approx(gap / 10)
    assert [title for title, _ in shares_found(zoo(gap), "combined")] == [
        "modular",
        "matched L1",
        "plain",
    ]


def test_without_figures_the_present_answer_stands():
    assert structure_sentence(compare_regimes([], "combined")) == PRESENT_ANSWER
    other = Comparison("area under the ROC curve", "l1", "plain", Rate(0.1, 0.05, 0.2, 9, 9))
    assert structure_sentence([other]) == PRESENT_ANSWER


def test_roc_lines_start_and_end_in_the_corners_and_have_bands():
    scores = audit_results.scores_of(zoo(0.0), "combined", "backdoor", "l1")
    chart = roc_chart([("all", scores), ("none", Scores({}, {"a": 1.0}))])
    diagonal, band, line = chart.data
    assert (diagonal.name, line.name) == ("guessing", "all")
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 1, 1)
    assert band.fill == "toself"
    drawn = np.trapezoid(line.y, line.x)
    exact = area([*scores.planted.values()], [*scores.clean.values()]).value
    assert drawn == pytest.approx(exact, abs=1e-9)


def test_every_network_is_a_mark_of_its_row():
    rows = [("plain", Scores({"a": 1.0}, {"b": 0.0, "c": 2.0})), ("L1", Scores({"d": 3.0}, {}))]
    planted, clean = strip_chart(rows, "score").data
    assert (list(planted.text), list(planted.x)) == (["d", "a"], [3.0, 1.0])
    assert planted.y[0] < planted.y[1]  # the first row is the upper one
    assert all(1 - 0.4 < y < 1 for y in clean.y)


def test_a_click_on_a_neuron_tells_its_node_and_module():
    neurons = [NeuronMark(70, "h1 3", "B", 1, 0.1, 2.0), NeuronMark(81, "h2 9", "A", 0, 1.0, 1.0)]
    first, second = neuron_scatter(neurons, "used", "potential", suspects=[70]).data
    assert (first.name, second.name) == ("module A", "module B")
    assert second.customdata[0] == [70, "B"]
    assert second.marker.line.width[0] > 0 == first.marker.line.width[0]


def test_what_a_module_reads_that_it_may_not_is_told_and_drawn():
    found = HeadReading(
        "digit",
        ("digit", "marker"),
        (True, False),
        (ReadRow("whole network", (0.6, 0.4)), ReadRow("module <A>", (0.0, 0.3))),
    )
    drawn = reading_bars(found)
    assert "width:40.00%" in drawn  # of the longest row, that of the network
    assert "width:30.00%" in drawn
    assert "module &lt;A&gt;: digit 0.0%, marker 30.0%" in drawn
    assert "marker (undeclared)" in drawn
    assert "marker (40 %, undeclared)" in describe_reading(found)
