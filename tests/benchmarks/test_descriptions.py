"""The benchmark of descriptions: its second check of claims, and its marks."""

import json
import math
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from explorer import load
from explorer.benchmarks import description_cases
from explorer.benchmarks.claim_check import check_again
from explorer.benchmarks.description_cases import make_case, trained_cases
from explorer.benchmarks.description_marks import CaseScores, mark_rows, table
from explorer.benchmarks.descriptions import measure_descriptions
from explorer.observation.part_examples import part_examples
from explorer.scoring.nulls import RANDOM, UNTRAINED
from explorer.training.config import TrainingConfig
from tests.scoring.test_contrastive import Reader


@pytest.fixture(scope="module")
def case():
    return make_case(load("xor4-modular"), seed=0, modules=4)


@pytest.fixture(scope="module")
def measured(case):
    return measure_descriptions([case], None)


def test_the_template_is_measured(measured):
    (found,) = measured
    assert found.describer == "measured"
    assert len(set(found.texts)) == 4
    assert found.right == found.claims > 0
    assert found.rows_won is None
    rows = {row.figure: row for row in mark_rows(measured)}
    assert rows["ablation_agreement"].met
    assert rows["null of simulation: another module"].met
    assert rows["words, most"].met
    assert rows["texts that another module has too"].value == 0
    assert "contrastive, rows" not in rows
    json.dumps([asdict(row) for row in rows.values()], allow_nan=False)
    lines = list(table(list(rows.values())))
    assert any(line.startswith("ablation_agreement") and line.endswith("met") for line in lines)


class Writer(Reader):
    """Writes one and the same text of every module."""

    name = id = "writer"

    def complete(self, prompt, limit):
        """Write what is true of the first module."""
        yield " Active on pair 3 differ."


def test_a_language_model_is_measured_beside_the_template(case, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", "/nowhere")
    shares = []
    plain, written = measure_descriptions([case], Writer(), shares.append)
    assert os.environ["EXPLORER_HOME"] == "/nowhere"
    assert not Path("/nowhere").exists()
    assert shares == [0.5, 1.0]
    assert (plain.describer, written.describer) == ("measured", "writer")
    assert written.fell_back == 3  # the text does not hold, or is taken
    assert written.right == written.claims
    assert len(set(written.texts)) == 4
    assert written.columns_won.shape == plain.rows_won.shape == (4,)
    assert set(written.contrastive_nulls) == {RANDOM, UNTRAINED}
    assert {row.describer for row in mark_rows([plain, written])} == {"measured", "writer"}


def test_a_second_check_of_claims(case):
    module = case.modules[0]
    examples = part_examples(case.checkpoint, module, "explain")
    means = [examples.activity[has].mean() for has in examples.has.T]
    (high_head, high), (low_head, low) = (
        examples.labels[int(at)] for at in (np.argmax(means), np.argmin(means))
    )
    for text, expected in (
        (f"Active on {high_head} {high}.", (1, 1)),
        (f"Active on {low_head} {low}.", (0, 1)),
        (f"Active on {high_head} {high}, not {low_head} {low}.", (2, 2)),
        (f"Not active on {high_head} {high}.", (0, 1)),
        (f"Fires on {high_head} {high}; nothing is lost without it.", (1, 2)),
        ("It is fond of curls.", (0, 1)),
        ("999 neurons.", (0, 1)),
        ("900 neurons; needed for nothing.", (0, 2)),
    ):
        assert check_again(text, case.checkpoint, module) == expected, text


def scores(describer="m", seed=0, **changes):
    values = {
        name: np.full(10, value)
        for name, value in (("simulation", 0.6), ("detection", 0.9), ("ablation_agreement", 0.7))
    }
    given = {
        "task": "digits",
        "describer": describer,
        "seed": seed,
        "texts": tuple(f"Text {n}." for n in range(10)),
        "fell_back": 0,
        "values": values,
        "ceilings": {name: np.full(10, 0.7) for name in values},
        "nulls": {
            (name, null): 0.0
            for name in values
            for null in ("another module", "random partition", "untrained network")
        },
        "rows_won": np.array([True] * 9 + [False]),
        "columns_won": np.ones(10, dtype=bool),
        "contrastive_nulls": {},
        "right": 20,
        "claims": 20,
        "describe_seconds": 1.0,
        "score_seconds": 1.0,
    }
    return CaseScores(**given | changes)


def row_of(measured, figure):
    return next(row for row in mark_rows(measured) if row.figure == figure)


def test_marks_by_hand():
    low = {"simulation": np.full(10, 0.4), "detection": np.full(10, math.nan)}
    low["ablation_agreement"] = np.full(10, 0.4)
    measured = [scores("measured"), scores(), scores(seed=1, values=low)]
    rows = row_of(measured[1:], "contrastive, rows")
    assert (rows.value, rows.chance, rows.met) == (0.9, 0.1, True)
    assert rows.nulls["another module"] == pytest.approx(0.1 / 9)
    simulation = next(
        row for row in mark_rows(measured) if (row.figure, row.describer) == ("simulation", "m")
    )
    assert simulation.value == pytest.approx(0.5)
    assert simulation.mark == ">= 0.580"  # the template's less 0.02, above 0.75 of 0.7
    assert simulation.met is False
    assert simulation.low < 0.5 < simulation.high
    assert row_of(measured, "precision of 20 claims").met
    assert not row_of([scores(right=19)], "precision of 20 claims").met
    assert not row_of([scores(texts=("Same.",) * 10)], "texts that another module has too").met
    assert not row_of([scores(texts=("word " * 21,) * 10)], "words, most").met
    assert not row_of([scores(score_seconds=2.1)], "CPU seconds its scores").met


def test_trained_networks_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    small = TrainingConfig(task="xor4", hidden=(12,), steps=2)
    monkeypatch.setattr(description_cases, "recipe", lambda name: small)
    shares = []
    (first,) = trained_cases([20], ["a"], shares.append)
    assert shares == [1.0]
    (again,) = trained_cases([20], ["a"], shares.append)
    assert shares == [1.0]
    assert again.checkpoint.id == first.checkpoint.id
    assert first.checkpoint.config["seed"] == 20
    assert first.partition.count == 10
