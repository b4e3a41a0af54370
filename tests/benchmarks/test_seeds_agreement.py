"""Searches from several starts agree where modules are planted, and less where there are none."""

import json
import sys

import numpy as np
import pytest

from explorer import cli
from explorer.benchmarks import seeds_agreement
from explorer.benchmarks.known_modules import PLANTED
from explorer.benchmarks.seeds_agreement import measure_agreement, table


def test_planted_modules_are_found_from_every_start() -> None:
    case = next(iter(PLANTED.values()))(0)
    seen: list[float] = []
    found = measure_agreement(case.graph, "planted", case.count, 3, 2, seen.append)
    assert len(found.agreement) == len(found.q_b) == 3
    assert min(found.agreement) > 0.9
    assert len(found.null_agreement) == len(found.null_q_b) == 2
    assert max(found.null_agreement) < 0.7
    assert max(found.null_q_b) < min(found.q_b)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)
    *_, line = table([found])
    assert line.startswith(f"| planted | {case.count} | ")


def test_agreement_is_over_every_two_starts(monkeypatch) -> None:
    case = next(iter(PLANTED.values()))(0)
    labels = [np.arange(case.graph.node_count) // size % 2 for size in (1, 1, 2)]
    monkeypatch.setattr(
        seeds_agreement, "maximise_layered_modularity", lambda graph, k, seed: labels[seed]
    )
    found = measure_agreement(case.graph, "planted", 2, 3, 0)
    assert found.agreement[0] == pytest.approx(1.0)
    assert max(found.agreement[1:]) < 0.1
    assert list(table([found]))[-1].endswith("| - | - |")


def test_the_command_measures_what_it_is_given(monkeypatch, capsys) -> None:
    options = ["xor4-modular", "--k", "4", "--starts", "2", "--nulls", "1", "--json"]
    monkeypatch.setattr(sys, "argv", ["explorer", "bench", "agreement", *options])
    with pytest.raises(SystemExit, match="0"):
        cli.main()
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["network"], row["modules"], row["weighting"]) == ("xor4-modular", 4, "activity")
    assert row["agreement"][0] > 0.95
    assert len(row["null_agreement"]) == 1
