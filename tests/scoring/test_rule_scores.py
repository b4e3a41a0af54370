"""Scores by rule: values by hand, ceilings, chance, and what must not change them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from explorer import evidence, find_modules, load, network_graph
from explorer.description.measured import measured_description
from explorer.scoring.rule_scores import (
    RULE_SCORES,
    ablation_agreement,
    detection,
    figures,
    shown_examples,
    simulation,
)
from explorer.scoring.score import score
from explorer.scoring.scores import OTHERS
from explorer.scoring.simulator import claimed, claims_of
from tests.scoring.truths import LABELS, examples_of, facts_of, truth

RULES = (simulation, detection, ablation_agreement)


def weights(text):
    return claimed(claims_of(text, facts_of(), LABELS), LABELS, ("active", "needed")).tolist()


def test_what_a_text_lets_one_expect():
    assert weights("Active on 1, 3 and 0.") == [0.5, 1, 0, 0.75]
    assert weights("Active on 1.") == [0, 1, 0, 0]
    assert weights("Active on 1, not 2.") == [0, 1, -1, 0]
    assert weights("Active on 3; without it 0 is lost.") == [0, 0, 0, 1]
    assert weights("Needed for 2.") == [0, 0, 1, 0]
    assert weights("Needed for every digit.") == [1, 1, 1, 1]
    assert weights("It is fond of curls.") == [0, 0, 0, 0]
    assert weights("") == [0, 0, 0, 0]


def test_the_figures_behind_a_text_do_not_leak_into_it():
    """A text that names all digits ranks none, whatever the losses of the part are."""
    known = facts_of()
    ranked = replace(known, needs=tuple(reversed(known.needs)), shares=known.shares[::-1])
    text = "Needed for all digits; active on 2."
    assert claims_of(text, known, LABELS) == claims_of(text, ranked, LABELS)


def test_values_by_hand():
    # Expected 1, 0, 0, 0 and true 2, 1, 1, 0 for the digits 0 to 3: covariance 1/4, variances
    # 3/16 and 1/2, so the correlation is (1/4) / sqrt(3/32).
    given = truth([0, 1, 2, 3], [2, 1, 1, 0], lost=[1, 0, 1, 0])
    found = simulation("Active on 0.", given)
    assert found.value == pytest.approx(0.25 / math.sqrt(3 / 32))
    assert found.ceiling == pytest.approx(1)
    # The one activating example is 0, the others 2 and 3 (the less active half).
    assert detection("Active on 0.", given).value == 1
    assert detection("Active on 2.", given).value == 0.25
    # Weights 1, 0, 0, 0 against losses 1, 0, 1, 0: 1/8 / sqrt(3/16 x 1/4).
    found = ablation_agreement("Needed for 0.", given)
    assert found.value == pytest.approx(0.125 / math.sqrt(3 / 64))
    assert ablation_agreement("Needed for 0 and 2.", given).value == pytest.approx(
        np.corrcoef([1, 0, 0.5, 0], [1, 0, 1, 0])[0, 1]
    )


def test_a_perfect_text_reaches_the_ceiling():
    digits = np.arange(400) % 4
    activity = np.array([0.0, 1.0, 0.0, 2.0])[digits]  # 3 counts twice what 1 does
    given = truth(digits, activity, lost=digits == 2)
    text = "Active on 3 and 1; needed for 2."
    for rule in RULES:
        found = rule(text, given)
        assert found.value == pytest.approx(found.ceiling)
        assert found.value == pytest.approx(1)
        assert found.low == pytest.approx(1)
        assert found.high == pytest.approx(1)


def test_shuffled_activity_gives_chance():
    digits, rng = np.arange(500) % 4, np.random.default_rng(0)
    activity = np.array([0.0, 0.0, 1.0, 2.0])[digits] + rng.uniform(size=500)
    text = "Active on 3 and 2; needed for 3."
    values, inside = {name: [] for name in RULE_SCORES}, dict.fromkeys(RULE_SCORES, 0)
    for _ in range(40):
        order = rng.permutation(500)
        given = truth(digits, activity[order], lost=(activity > 2)[order])
        for rule in RULES:
            found = rule(text, given)
            values[found.name].append(found.value - found.chance)
            inside[found.name] += found.low <= found.chance <= found.high
    for name in RULE_SCORES[:2]:
        assert abs(np.mean(values[name])) < 0.03
        assert inside[name] >= 33  # of 40, at 95 %: fewer by chance once in 1,000
    assert abs(np.mean(values["ablation_agreement"])) < 0.25  # of four labels


def test_what_must_not_change_a_score():
    rng = np.random.default_rng(1)
    digits = rng.integers(4, size=300)
    activity, lost = rng.uniform(size=300) + (digits == 1), (digits == 2) * 1.0
    given, text = truth(digits, activity, lost), "Active on 1 and 0; needed for 2."
    own = figures(text, given)
    order = rng.permutation(300)
    assert figures(text, truth(digits[order], activity[order], lost[order])) == pytest.approx(
        own,
        abs=0.03,  # which of equally good examples are shown may change
    )
    assert figures(text, truth(digits, 7 * activity, lost)) == pytest.approx(own)
    renamed = truth(3 - digits, activity, lost)  # the digits are called otherwise
    assert figures("Active on 2 and 3; needed for 1.", renamed) == pytest.approx(own)
    assert figures("Fires on 1 and 0; 2 is lost without it.", given) == pytest.approx(own)


def test_fewer_independent_examples_give_a_wider_interval():
    rng = np.random.default_rng(2)
    digits = rng.integers(4, size=400)
    activity = rng.normal(size=400) + (digits == 1)
    for rule in (simulation, detection):
        wide = rule("Active on 1.", truth(digits, activity, independent=0.18))
        narrow = rule("Active on 1.", truth(digits, activity))
        assert wide.value == narrow.value
        assert narrow.low - 0.02 < narrow.value < narrow.high + 0.02
        assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_shown_examples_are_disjoint_and_at_most_100_of_each():
    activity = np.random.default_rng(3).permutation(5_000.0 + np.arange(5_000))
    rows, positive = shown_examples(activity)
    assert len(set(rows.tolist())) == 200
    assert positive.sum() == 100
    assert activity[rows[positive]].min() > np.quantile(activity, 0.9)
    assert activity[rows[~positive]].max() < np.quantile(activity, 0.5)


def test_what_cannot_be_told_says_why():
    given = truth([0, 1, 2, 3], [2, 1, 1, 0])
    silent = replace(given, held_out=None)
    for rule in (simulation, detection):
        found = rule("Active on 0.", silent)
        assert math.isnan(found.value)
        assert "not active" in found.reason
    assert "loses the same" in ablation_agreement("Needed for 0.", given).reason
    nothing = replace(given, held_out_drops=None)
    assert "nothing to ablate" in ablation_agreement("Needed for 0.", nothing).reason
    assert all(math.isnan(value) for value in figures("", replace(nothing, held_out=None)).values())
    for rule in (simulation, detection):
        vague = rule("It does things.", given)
        assert vague.value == vague.chance
        assert "names nothing" in vague.reason


def test_labels_that_the_explain_split_lacks_count_nothing():
    given = truth([0, 1, 2, 3], [2, 1, 1, 0])
    fewer = examples_of([0, 1, 2, 2], [2, 1, 1, 1], LABELS[:3])
    found = simulation("Active on 0.", replace(given, explained=fewer))
    assert found.ceiling == pytest.approx(1)


def test_another_modules_text_scores_below_the_own_one():
    checkpoint = load("pair-modular")
    partition = find_modules(network_graph(checkpoint), k=2)
    found = [evidence(checkpoint, module) for module in partition.modules]
    texts = [measured_description(one.facts) for one in found]
    for at, own in enumerate(found):
        scores = score(texts[at], own, others=[texts[1 - at]])
        for name in RULE_SCORES:
            other = next(null for null in scores[name].nulls if null.name == OTHERS)
            assert other.count == 1
            assert other.mean < scores[name].low < scores[name].value
        swapped = score(texts[1 - at], own, others=[texts[at]])
        for name in RULE_SCORES:
            assert swapped[name].value == scores[name].nulls[0].mean
