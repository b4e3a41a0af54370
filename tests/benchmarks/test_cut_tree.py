"""The speed of cut trees beside other libraries, on tiny graphs."""

import inspect
import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from explorer.benchmarks import cut_tree, cut_tree_graphs, cut_tree_rivals
from explorer.benchmarks.cut_tree import (
    CutTreeTiming,
    RivalTiming,
    legend,
    measure_cut_trees,
    table_head,
    table_line,
)
from explorer.benchmarks.cut_tree_graphs import (
    FAMILIES,
    SMALL_FAMILIES,
    Graph,
    grid,
    planted,
    without_loops,
)
from explorer.benchmarks.cut_tree_rivals import (
    GUSFIELD,
    RIVALS,
    Clock,
    OutOfTime,
    installed_rivals,
    takes,
)
from explorer.cli import app
from explorer.commands.bench import bench_cut_tree
from explorer.modularity.cut_tree import gomory_hu_arrays

TINY = {"grid 4 x 5": lambda: grid(4, 5), "planted, 30": lambda: planted(30, 200, 3)}


def one(name: str, graph: Graph, **options) -> CutTreeTiming:
    (timing,) = measure_cut_trees({name: lambda: graph}, **options)
    return timing


@pytest.mark.parametrize("name", SMALL_FAMILIES)
def test_the_values_of_all_libraries_agree(name):
    timing = one(name, SMALL_FAMILIES[name](), budget=60.0)
    assert [rival.library for rival in timing.rivals] == list(installed_rivals())
    for rival in timing.rivals:
        assert not rival.estimated
        assert rival.flows == timing.nodes - 1
        assert rival.difference <= 1e-9
        assert rival.seconds > 0
    assert timing.seconds > 0
    assert timing.cached_seconds > 0
    assert timing.megabytes is None or 0 <= timing.megabytes < 100


@pytest.mark.parametrize("name", SMALL_FAMILIES)
def test_graphs_are_in_order(name):
    graph = SMALL_FAMILIES[name]()
    assert len(graph.u) == len(graph.v) == len(graph.weight) > 0
    assert 0 <= min(graph.u.min(), graph.v.min()) <= max(graph.u.max(), graph.v.max()) < graph.n
    assert (graph.weight >= 0).all()
    again = SMALL_FAMILIES[name]()
    assert all(np.array_equal(a, b) for a, b in zip(graph[1:], again[1:], strict=True))


def test_both_sets_have_all_kinds_of_graphs():
    for family in ("MLP", "transformer", "planted", "grid", "geometric", "Erdos", "Barabasi"):
        for names in (FAMILIES, SMALL_FAMILIES):
            assert any(name.startswith(family) for name in names), family
    assert any("trained" in name for name in FAMILIES)


def test_pruning_keeps_the_heaviest():
    whole, pruned = SMALL_FAMILIES["MLP 16-24-24-4"](), SMALL_FAMILIES["MLP, 30 % kept"]()
    assert len(pruned.u) == pytest.approx(0.3 * len(whole.u), abs=1)
    assert pruned.weight.min() >= np.sort(whole.weight)[-len(pruned.u)]


@pytest.mark.parametrize("library", RIVALS)
def test_a_run_that_is_stopped_is_an_estimate(library):
    graph = grid(12, 12)
    timing = one("grid", graph, budget=0.0)
    rival = next(rival for rival in timing.rivals if rival.library == library)
    assert rival.estimated
    assert rival.difference is None
    assert 0 < rival.flows < graph.n - 1
    cells = table_line(timing).split("|")
    at = 8 + list(RIVALS).index(library)
    assert cells[at].strip().startswith("~")
    assert "stopped after 0 s or so" in " ".join(legend([timing], 0.0))


def test_the_clock_lets_a_run_end_that_is_about_to():
    clock = Clock(flows=100, budget=1.0)
    clock.began -= 2.0
    clock.count(90)
    with pytest.raises(OutOfTime):
        clock.count(10)
    assert clock.estimate() == pytest.approx(20.0, rel=0.1)
    clock.began -= 2.0
    with pytest.raises(OutOfTime):
        clock.count(90)


def test_values_that_differ_are_marked(monkeypatch):
    def wrong(graph: Graph, budget: float) -> cut_tree_rivals.RivalRun:
        _, value = gomory_hu_arrays(*graph)
        return cut_tree_rivals.RivalRun(
            1.0, graph.n - 1, np.sort(value)[:-1] * (1 + 1e-6), graph.weight
        )

    monkeypatch.setattr(cut_tree_rivals, "RIVALS", {"igraph": wrong})
    timing = one("grid", grid(4, 4))
    assert timing.rivals[0].difference == pytest.approx(1e-6, rel=1e-3)
    assert "!1.0 s" in table_line(timing)
    assert "in 0 of the 1 runs" in " ".join(legend([timing]))


def test_a_library_that_is_not_installed_is_left_out(monkeypatch):
    for name in [*sys.modules]:
        if name.split(".")[0] in ("ortools", "maxflow"):
            monkeypatch.delitem(sys.modules, name)
    find = cut_tree_rivals.find_spec
    monkeypatch.setattr(
        cut_tree_rivals,
        "find_spec",
        lambda name: None if name in ("ortools", "maxflow") else find(name),
    )
    timing = one("grid", grid(4, 4))
    assert [rival.library for rival in timing.rivals] == ["igraph", "networkx", "scipy"]
    assert not {"ortools", "maxflow"} & {name.split(".")[0] for name in sys.modules}
    assert table_line(timing).count(" - |") == 2
    assert "not installed: ortools, PyMaxflow;" in " ".join(legend([timing]))


def test_networkx_is_for_small_graphs():
    graph = planted(cut_tree_rivals.NETWORKX_NODES + 1, 600, 3)
    timing = one("planted", graph, budget=0.0)
    assert [rival.library for rival in timing.rivals] == ["igraph", *GUSFIELD]
    few, many = np.zeros(9, int), np.zeros(cut_tree_rivals.PYMAXFLOW_EDGES + 1, int)
    assert takes("PyMaxflow", Graph(9, few, few, few + 1.0))
    assert not takes("PyMaxflow", Graph(9, many, many, many + 1.0))


def test_the_table_has_one_width():
    rivals = (RivalTiming("scipy", 12_345.0, True, 7, None),)
    timings = [
        CutTreeTiming("a", 100_000, 1_800_000, 0.5, 0.4, 185.0, rivals),
        CutTreeTiming("b", 30, 80, 8e-5, 7e-5, None, ()),
    ]
    lines = [*table_head(), *(table_line(timing) for timing in timings)]
    assert len({len(line) for line in lines}) == 1
    assert "~12,345 s (24,690x)" in lines[2]
    assert "0.080 ms" in lines[3]


def test_the_command(monkeypatch):
    monkeypatch.setattr(cut_tree_graphs, "SMALL_FAMILIES", TINY)
    printed = CliRunner().invoke(app, ["bench", "cut-tree", "--small"])
    assert printed.exit_code == 0, printed.output
    for text in (
        "| grid 4 x 5 ",
        "| planted, 30 ",
        "best Gusfield",
        "cores, load",
    ):
        assert text in printed.output
    assert "stopped after" not in printed.output
    count = 2 * len(installed_rivals())
    assert f"in {count} of the {count} runs" in printed.output


def test_the_command_as_json(monkeypatch):
    monkeypatch.setattr(cut_tree_graphs, "SMALL_FAMILIES", TINY)
    arguments = ["bench", "cut-tree", "--small", "--json", "--budget", "9"]
    printed = CliRunner().invoke(app, arguments)
    assert printed.exit_code == 0, printed.output
    found = json.loads(printed.output)
    assert found["budget_seconds"] == 9
    assert found["machine"]["cores"] >= 1
    assert [graph["graph"] for graph in found["graphs"]] == list(TINY)
    for graph in found["graphs"]:
        assert {rival["library"] for rival in graph["rivals"]} == set(installed_rivals())
        assert all(rival["difference"] <= 1e-9 for rival in graph["rivals"])


def test_budgets_below_zero_are_refused():
    printed = CliRunner().invoke(app, ["bench", "cut-tree", "--budget", "-1"])
    assert printed.exit_code == 2
    default = inspect.signature(bench_cut_tree).parameters["budget"].default
    assert default == cut_tree.BUDGET


def test_nodes_without_edges_are_no_trouble():
    graph = Graph(6, np.array([1, 1, 2]), np.array([2, 4, 4]), np.array([1.0, 2.0, 3.0]))
    timing = one("alone", graph)
    assert all(rival.difference <= 1e-9 for rival in timing.rivals)


def test_loops_are_left_out():
    graph = Graph(3, np.array([0, 1, 2]), np.array([1, 1, 0]), np.array([1.0, 2.0, 3.0]))
    assert without_loops(graph).weight.tolist() == [1.0, 3.0]
