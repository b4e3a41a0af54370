"""Areas, shares at few false alarms, and differences, worked out by hand and against sklearn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from explorer.auditing import rates
from explorer.errors import AuditError

RNG = np.random.default_rng(7)
PLANTED, CLEAN = RNG.normal(1.2, 1, 60).round(1).tolist(), RNG.normal(0, 1, 80).round(1).tolist()


def test_area_is_that_of_sklearn_and_lies_in_its_interval():
    found = rates.area(PLANTED, CLEAN)
    truth = [1] * len(PLANTED) + [0] * len(CLEAN)
    assert found.value == pytest.approx(roc_auc_score(truth, PLANTED + CLEAN))
    assert found.low < found.value < found.high
    assert 0.05 < found.high - found.low < 0.2
    assert (found.planted, found.clean) == (60, 80)


def test_the_curve_passes_through_the_points_of_sklearn():
    truth = [1] * len(PLANTED) + [0] * len(CLEAN)
    false, true, _ = roc_curve(truth, PLANTED + CLEAN, drop_intermediate=False)
    own_false, own_true = rates.curve(PLANTED, CLEAN)
    assert own_false.tolist() == pytest.approx(false.tolist())
    assert own_true.tolist() == pytest.approx(true.tolist())
    low, high = rates.curve_band(PLANTED, CLEAN, np.linspace(0, 1, 11))
    assert (low <= high).all()
    assert (low <= np.interp(np.linspace(0, 1, 11), false, true) + 1e-9).all()


def test_found_at_few_false_alarms():
    clean = list(range(100))
    assert rates.found_at([93.5, 94.5, 200], clean, 0.05).value == pytest.approx(2 / 3)
    assert rates.found_at([99], clean, 0.0).value == 0.0  # as high is not higher


def test_a_difference_over_shared_cases_is_surer_than_one_over_others():
    hard = RNG.normal(0, 1, 60)
    names = [f"case-{number}" for number in range(60)]
    other = [f"other-{number}" for number in range(60)]

    def scored(keys, shift):
        return dict(zip(keys, (hard + shift).tolist(), strict=True))

    clean = dict(zip(names, RNG.normal(0, 1, 60).tolist(), strict=True))
    better, worse = (scored(names, 1.1), clean), (scored(names, 0.9), clean)
    paired = rates.area_difference(better, worse)
    apart = rates.area_difference(
        better, (scored(other, 0.9), dict(zip(other, clean.values(), strict=True)))
    )
    assert paired.value == pytest.approx(apart.value)
    assert paired.low > 0 > apart.low
    assert paired.high - paired.low < apart.high - apart.low
    nothing = rates.area_difference(better, better)
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)


def test_mean_difference_pairs_cases():
    found = rates.mean_difference({"a": 1.0, "b": 2.0, "x": 9.0}, {"a": 0.5, "b": 1.5, "y": 0.0})
    assert (found.value, found.low, found.high, found.planted) == (0.5, 0.5, 0.5, 2)


@pytest.mark.parametrize(("planted", "clean"), [([], [1.0]), ([1.0], []), ([np.nan], [1.0])])
def test_scores_that_are_none(planted, clean):
    with pytest.raises(AuditError, match="expected a score of at least one planted"):
        rates.area(planted, clean)
    with pytest.raises(AuditError, match="expected a score"):
        rates.mean_difference({"a": 1.0}, {"b": 1.0})
