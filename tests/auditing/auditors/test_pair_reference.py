"""Straight lines of clean networks, pair by pair."""

import pytest
import torch

from explorer.auditing.auditors.pair_reference import (
    fitted_reference,
    pair_reference,
    save_references,
)
from explorer.auditing.auditors.registry import AUDITORS
from tests.auditing.auditors import handmade


def clean_ways(count, noise=0.1):
    """Networks that differ in how easy all pairs are: each pair follows its own line."""
    generator = torch.Generator().manual_seed(5)
    ease = torch.rand(count, 1, 1, generator=generator)
    level = torch.rand(2, 12, generator=generator)
    slope = 1 + torch.rand(2, 12, generator=generator)
    return list(level + slope * ease + noise * torch.randn(count, 2, 12, generator=generator))


def test_a_pair_that_leaves_its_line_is_found_in_easy_and_hard_networks():
    *known, easy, hard = clean_ways(60)
    reference = fitted_reference(known, "digits", 64, 4)
    for ways in (easy, hard):
        assert reference.unusual(ways).abs().max() < 5
        odd = ways.clone()
        odd[:, 7] += 1.0
        assert int(reference.unusual(odd).argmax()) == 7
        assert reference.unusual(odd)[7] > 8


def test_exact_lines_leave_nothing():
    known = clean_ways(30, noise=0.0)
    reference = fitted_reference(known, "digits", 64, 4)
    assert max(max(row) for row in reference.spread) < 0.05


def test_references_are_kept_in_a_file(tmp_path):
    reference = fitted_reference(clean_ways(20), "digits", 64, 4)
    save_references({"a": reference}, tmp_path / "kept.json")
    assert '"networks": 20' in (tmp_path / "kept.json").read_text()


@pytest.mark.parametrize("name", ["pair_probing", "pair_inversion"])
def test_the_reference_of_the_package_is_of_many_clean_networks(name):
    reference = pair_reference(name)
    assert reference.networks >= 100 and reference.task == "digits"
    assert len(reference.level[0]) == 90
    assert AUDITORS[name].fits(handmade.view("clean")) == ""
