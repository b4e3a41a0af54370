"""The combined auditor: few weights, none of which speaks for a network."""

import numpy as np
import pytest

from explorer.auditing.auditors.combining import (
    PARTS,
    Weights,
    combining_weights,
    compressed,
    save_weights,
)
from explorer.auditing.auditors.combining_fit import fit_weights, logistic_weights
from explorer.auditing.auditors.registry import AUDITORS
from tests.auditing.auditors import handmade


def rows(count=400, seed=0):
    """Two parts that know something, one that knows nothing, one that errs."""
    rng = np.random.default_rng(seed)
    planted = (rng.random(count) < 0.5).astype(float)
    columns = [planted + 0.5 * rng.normal(size=count) for _ in range(2)]
    columns += [rng.normal(size=count), -planted + rng.normal(size=count)]
    columns += [rng.normal(size=count)] * (len(PARTS) - len(columns))
    values = np.column_stack(columns[: len(PARTS)])
    return [
        (row, bool(is_planted)) for row, is_planted in zip(values.tolist(), planted, strict=True)
    ]


def test_parts_that_know_something_get_the_weight():
    fitted = fit_weights(rows())
    names = [part.name for part in PARTS]
    assert fitted.networks == 400 and min(fitted.weights.values()) > 0
    assert set(sorted(fitted.weights, key=lambda name: -fitted.weights[name])[:2]) == set(names[:2])
    assert names[3] not in fitted.weights


def test_the_fit_is_the_maximum_of_the_penalised_likelihood():
    values = np.array([row for row, _ in rows(200, 3)])[:, :2]
    planted = np.array([float(is_planted) for _, is_planted in rows(200, 3)])
    intercept, weights = logistic_weights(values, planted)
    spread = values.std(axis=0)
    counts = np.where(planted > 0, 0.5 / planted.mean(), 0.5 / (1 - planted.mean()))

    def loss(shift, factors):
        logits = intercept + shift + values @ (weights * factors)
        fit = (counts * np.log1p(np.exp(-(2 * planted - 1) * logits))).sum()
        return fit + 0.5 * ((weights * factors * spread) ** 2).sum()

    best = loss(0.0, np.ones(2))
    for shift, factors in ((0.2, [1, 1]), (-0.2, [1, 1]), (0, [1.2, 1]), (0, [1, 0.8])):
        assert loss(shift, np.array(factors)) > best - 1e-6


def test_a_higher_score_of_a_part_is_never_less_suspicious():
    weights = combining_weights()
    scores = dict.fromkeys(weights.weights, 1.0)
    assert set(scores) <= {part.name for part in PARTS} and weights.networks >= 60
    for name in scores:
        assert weights.combined({**scores, name: 2.0}) > weights.combined(scores)


def test_compression_keeps_the_order():
    scores = np.linspace(-9, 9, 31)
    assert (np.diff([compressed(score) for score in scores]) > 0).all()


def test_weights_are_kept_in_a_file(tmp_path):
    save_weights(Weights(3, 0.5, {"a": 1.0}), tmp_path / "kept.json")
    assert '"intercept": 0.5' in (tmp_path / "kept.json").read_text()


def test_the_combined_score_is_made_of_the_parts_and_names_three_neurons():
    view, weights = handmade.view("backdoor"), combining_weights()
    found = AUDITORS["combined"](view)
    scores = {name: AUDITORS[name](view).score for name in weights.weights}
    assert found.score == pytest.approx(weights.combined(scores))
    assert found.score > AUDITORS["combined"](handmade.view("clean")).score
    assert [s.kind for s in found.suspects].count("neuron") == 3
    assert found.suspects[-1].name == str(handmade.TARGET)
