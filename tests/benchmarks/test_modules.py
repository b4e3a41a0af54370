"""The comparison of methods, on a tiny configuration."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from explorer import load
from explorer.benchmarks import known_modules, modules
from explorer.benchmarks.known_modules import PLANTED, Case, served_heads, trained_cases
from explorer.benchmarks.modules import agreement, measure_methods, table
from explorer.cli import app
from explorer.modularity.planted import planted_flat, planted_nested

METHODS = ("layered", "leiden")


def tiny(seed: int) -> Case:
    planted = planted_nested(2, 2, size=4, layers=3, ratio=5, seed=seed)
    return Case(planted.graph, planted.labels, 4, (4, 2))


def unknown(seed: int) -> Case:
    return Case(planted_flat(2, size=4, layers=3, seed=seed).graph, None, 2)


FAMILIES = {"tiny": tiny, "no truth": unknown}


def test_methods_are_measured():
    scores = measure_methods(FAMILIES, METHODS, seeds=2)
    assert len(scores) == 2 * 2 * 2 + 1
    given = next(s for s in scores if s.graph == "tiny" and s.method == "nested")
    assert given.agreement == given.worst_agreement == 1.0
    assert given.counts == (4, 4)
    assert given.milliseconds > 0
    without = [score for score in scores if score.graph == "no truth"]
    assert all(score.agreement is None for score in without)
    assert all(0 < score.layered_modularity <= 0.5 for score in without)


def test_the_table_has_a_line_for_each_graph_and_choice():
    lines = list(table(measure_methods(FAMILIES, METHODS, seeds=1)))
    assert [line.split(":")[0] for line in lines if line.startswith("k ")] == [
        "k given",
        "k automatic",
    ]
    assert sum(line.startswith("tiny") for line in lines) == 2
    assert sum(line.startswith("no truth") for line in lines) == 2
    assert max(map(len, lines)) <= 150


def test_the_command(monkeypatch):
    monkeypatch.setattr(modules, "PLANTED", {"tiny": tiny})
    monkeypatch.setattr(modules, "trained_cases", dict)
    monkeypatch.setattr(modules.measure_methods, "__defaults__", (METHODS, 1))
    printed = CliRunner().invoke(app, ["bench", "modules", "--seeds", "1"])
    assert printed.exit_code == 0, printed.output
    assert "tiny" in printed.output
    printed = CliRunner().invoke(app, ["bench", "modules", "--seeds", "1", "--json"])
    assert {score["method"] for score in json.loads(printed.output)} == {*METHODS, "nested"}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_cases_ask_for_as_many_modules_as_there_are(name):
    case = PLANTED[name](0)
    assert set(case.labels.tolist()) - {-1} == set(range(case.count))
    assert case.labels.shape == (case.graph.node_count,)
    assert (case.counts is not None) == ("fine" in name)


def test_trained_networks_are_cases(monkeypatch):
    monkeypatch.setattr(known_modules, "bundled_names", lambda: ("digits-plain", "xor4-modular"))
    cases = {name: make(0) for name, make in trained_cases().items()}
    assert cases["digits-plain"].labels is None
    assert cases["xor4-modular"].count == 4
    assert cases["xor4-modular"].labels.shape == (80,)


def test_heads_that_neurons_serve():
    heads = served_heads(load("xor4-modular"))
    assert heads[:8].tolist() == [-1] * 8
    assert heads[-8:].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert set(heads[8:-8].tolist()) == {-1, 0, 1, 2, 3}
    assert served_heads(load("digits-plain")) is None


def test_agreement_leaves_out_what_has_no_label():
    truth, labels = np.array([0, 0, 1, 1, -1, 1]), np.array([1, 1, 0, 0, 0, -1])
    assert agreement(truth, labels) == 1.0
