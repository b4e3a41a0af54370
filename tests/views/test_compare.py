"""A comparison in words, tables and colours."""

import math

import pytest

from explorer import compare, find_modules, load, network_graph
from explorer.modularity.null_models import Null
from explorer.modularity.quality import quality
from explorer.observation.comparing.values import (
    ComparedFigure,
    Comparison,
    Correspondence,
    ModuleMatch,
    Moved,
)
from explorer.views.compare import (
    compared_graphs,
    comparison_lines,
    describe_comparison,
    figures_table,
    matches_table,
    moved_table,
)
from explorer.views.palette import NEUTRAL, module_color

NAMES = ("one", "two")


def null(percentile: float) -> Null:
    return Null("all", 0.25, 0.1, 2.0, percentile, 40, 0.1, 0.4)


@pytest.fixture(scope="module")
def modules():
    graph = network_graph(load("xor4-modular"))
    return find_modules(graph, k=4), find_modules(graph, k=2)


@pytest.fixture
def made(modules):
    """Four modules beside two, of which one has a counterpart."""

    def make(**changes) -> Comparison:
        values = {
            "first_id": "a",
            "second_id": "b",
            "first_checkpoint_id": None,
            "second_checkpoint_id": None,
            "way": "function",
            "reason": "Because.",
            "correspondence": Correspondence(0, 0.0, 0.0, ""),
            "matches": (ModuleMatch(0, 1, 0.9, null(100)), ModuleMatch(2, 0, 0.3, null(60))),
            "only_first": (1, 3),
            "only_second": (),
            "shared": 5,
            "figures": (),
            "moved": (),
            "first": modules[0],
            "second": modules[1],
        }
        return Comparison(**(values | changes))

    return make


def test_counterparts_are_named_and_counted(made):
    said = describe_comparison(made(), NAMES)
    assert said == (
        "**1 of 4 modules correspond:** A with B (0.90). Without a counterpart: 3 of *one* and 1 "
        "of *two*."
    )
    none = made(matches=(ModuleMatch(0, 1, 0.2, null(50)),))
    assert describe_comparison(none, NAMES).startswith("**No counterparts.**")
    assert "can be matched" in describe_comparison(made(way="none", matches=()), NAMES)
    assert "in common" in describe_comparison(made(matches=()), NAMES)


def test_every_module_has_a_row(made):
    table = matches_table(made(), NAMES)
    assert table.values.tolist() == [
        ["A", "B", "0.90", "0.25, up to 0.40", "yes"],
        ["C", "A", "0.30", "0.25, up to 0.40", "no: as like as random groups are"],
        ["B", "–", "–", "–", "none"],
        ["D", "–", "–", "–", "none"],
    ]
    same = matches_table(made(), ("x", "x"))
    assert list(same.columns[:2]) == ["module of x (1)", "module of x (2)"]


def test_figures_that_are_not_known_have_no_difference(made):
    figures = (
        ComparedFigure("a", 0.5, 0.4, "share"),
        ComparedFigure("b", None, 1.0),
        ComparedFigure("c", 2, 5, "count", (null(50), None)),
        ComparedFigure("d", 1.0, 1.0),
        ComparedFigure("e", math.nan, 1.0),
    )
    assert figures_table(made(figures=figures), NAMES).values.tolist() == [
        ["a", "50.0%", "40.0%", "-10.0%"],
        ["b", "–", "1.000", ""],
        ["c", "2 (shuffled: 0)", "5", "+3"],
        ["d", "1.000", "1.000", "equal"],
        ["e", "–", "1.000", ""],
    ]


def test_what_moved_most_is_shown(made):
    moved = (Moved("all", 0.5, 1_000), Moved("A", math.nan, 0), Moved("A-B", 2.0, 10))
    assert moved_table(made(moved=moved)).values.tolist() == [
        ["all", "1,000", "50.0%"],
        ["module A", "0", "–"],
        ["interface A-B", "10", "200.0%"],
    ]
    many = moved + tuple(Moved(f"A-{place}", 0.1, 1) for place in range(100))
    assert len(moved_table(made(moved=many))) == 24


def test_a_module_and_its_counterpart_have_one_colour(made):
    first, second = compared_graphs(made())
    colors = {node.id: node.color for node in second.nodes}
    assert colors == {"A": NEUTRAL, "B": module_color(0)}
    assert first.nodes[0].color == module_color(0)
    assert "counterpart: A" in second.nodes[1].title
    unmatched = compared_graphs(made(way="none", matches=()))[1]
    assert unmatched.nodes[0].color == module_color(0)


def test_lines_for_a_terminal(modules):
    one = modules[0]
    found = compare(one, one, qualities=(quality(one.graph, one, 2), None))
    text = "\n".join(comparison_lines(found, ("x", "x")))
    assert "4 of 4 modules correspond" in text
    assert "(shuffled: " in text
    assert "**" not in text


def test_a_name_is_only_ever_a_name(made):
    said = describe_comparison(made(), ("[x](http://a)", "<script>\n# b"))
    assert "[x]" not in said
    assert r"\<script\>" in said
    assert "\n" not in said
