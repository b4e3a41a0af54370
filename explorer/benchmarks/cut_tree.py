"""How fast cut trees are, side by side with other libraries, in one process."""

import ctypes
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from explorer.benchmarks.cut_tree_graphs import Graph, without_loops
from explorer.benchmarks.cut_tree_rivals import (
    GUSFIELD,
    NETWORKX_NODES,
    PYMAXFLOW_EDGES,
    RIVALS,
    Rival,
    RivalRun,
    installed_rivals,
    takes,
)
from explorer.modularity.cut_tree.engine import CutTreeEngine, gomory_hu_arrays, warm_up
from explorer.modularity.cut_tree.verification import worst_difference

BUDGET = 2.0
TOLERANCE = 1e-9
_MOST_RUNS, _FEWEST_RUNS = 9, 3
_OUR_SECONDS = 1.0  # enough of runs, once there are a few


@dataclass(frozen=True)
class RivalTiming:
    """A library on one graph.

    Attributes
    ----------
    library : str
    seconds : float
    estimated : bool
        Whether it was stopped, and the time estimated from the flows that it had done.
    flows : int
        How many it did.
    difference : float or None
        Largest relative difference of the values of its tree and of ours; None if it was stopped.
    """

    library: str
    seconds: float
    estimated: bool
    flows: int
    difference: float | None


@dataclass(frozen=True)
class CutTreeTiming:
    """Our cut tree of one graph, and the others'.

    Attributes
    ----------
    graph : str
    nodes, edges : int
    seconds : float
        From arrays to the tree; median over runs, half before the rivals', half after.
    cached_seconds : float
        With the topology laid out before, as in a training loop; median likewise.
    megabytes : float or None
        Peak of resident memory in a run above what was there before; None where the system does
        not tell.
    rivals : tuple of RivalTiming
        Those that are installed and take the graph.
    """

    graph: str
    nodes: int
    edges: int
    seconds: float
    cached_seconds: float
    megabytes: float | None
    rivals: tuple[RivalTiming, ...]


def measure_cut_trees(
    families: Mapping[str, Callable[[], Graph]], budget: float = BUDGET
) -> Iterator[CutTreeTiming]:
    """Time our cut tree and the others' on graphs, one after the other.

    Parameters
    ----------
    families : mapping of str to callable
    budget : float
        Seconds for each rival on each graph, up to three times as many where it ends by then.

    Yields
    ------
    CutTreeTiming
    """
    warm_up()
    rivals = installed_rivals()
    for name, make in families.items():
        yield _measured(name, make(), rivals, budget)


def _measured(name: str, graph: Graph, rivals: Mapping[str, Rival], budget: float) -> CutTreeTiming:
    memory = _added_memory(lambda: gomory_hu_arrays(*graph))
    engine = CutTreeEngine(graph.n, graph.u, graph.v)
    engine.solve(graph.weight)
    ways = (lambda: gomory_hu_arrays(*graph), lambda: engine.solve(graph.weight))
    before = [_times(way) for way in ways]
    proper = without_loops(graph)
    timings = []
    for library, rival in rivals.items():
        if not takes(library, graph):
            continue
        run = rival(proper, budget)
        stopped = run.values is None
        difference = None if stopped else _difference(proper, run)
        timings.append(RivalTiming(library, run.seconds, stopped, run.flows, difference))
    # Ours once more, so that both sides have met the same moods of the machine.
    whole, cached = (
        statistics.median(times + _times(way)) for times, way in zip(before, ways, strict=True)
    )
    return CutTreeTiming(name, graph.n, len(graph.u), whole, cached, memory, tuple(timings))


def _difference(graph: Graph, run: RivalRun) -> float:
    """Compare a rival's values with those of our tree for the weights as the rival took them."""
    assert run.values is not None
    _, value = gomory_hu_arrays(graph.n, graph.u, graph.v, run.weight)
    return worst_difference(np.sort(value)[:-1], run.values)


def _times(call: Callable[[], object]) -> list[float]:
    times: list[float] = []
    while len(times) < _FEWEST_RUNS or (len(times) < _MOST_RUNS and sum(times) < _OUR_SECONDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return times


def _added_memory(call: Callable[[], object]) -> float | None:
    try:
        ctypes.CDLL(None).malloc_trim(0)  # so that the call cannot live on what is free already
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        before = _status("VmRSS")
    except (OSError, AttributeError, TypeError):
        return None
    call()
    return max(0.0, (_status("VmHWM") - before) / 1024)


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


_WIDTHS = (27, 7, 9, 8, 8, 6, 18, 21, 17, 20, 20, 20)


def table_head() -> Iterator[str]:
    """Lay out the head of the table, in Markdown."""
    titles = ("graph", "n", "m", "ours", "cached", "memory", "best Gusfield", *RIVALS)
    yield _row(titles)
    yield "|".join(
        [
            "",
            *("-" * (w + 2) if at == 0 else "-" * (w + 1) + ":" for at, w in enumerate(_WIDTHS)),
            "",
        ]
    )


def table_line(timing: CutTreeTiming) -> str:
    """Lay out a line of the table: ours, then each rival's time and how many times ours it is."""
    rivals = {rival.library: rival for rival in timing.rivals}
    others = [rival for name, rival in rivals.items() if name in GUSFIELD]
    best = min(others, key=lambda rival: rival.seconds, default=None)
    if timing.megabytes is None:
        memory = "-"
    else:
        memory = f"{timing.megabytes:.0f} MB" if timing.megabytes >= 1 else "< 1 MB"
    return _row(
        (
            timing.graph,
            f"{timing.nodes:,}",
            f"{timing.edges:,}",
            _time(timing.seconds),
            _time(timing.cached_seconds),
            memory,
            "-" if best is None else f"{_ratio(best, timing)} {best.library}",
            *(_cell(rivals[name], timing) if name in rivals else "-" for name in RIVALS),
        )
    )


def legend(timings: Sequence[CutTreeTiming], budget: float = BUDGET) -> Iterator[str]:
    """Say in sentences what the table's columns and marks mean."""
    yield (
        "ours: from arrays to the tree. cached: the same graph with other weights. memory: peak "
        "above what there was before. (x): times ours. best Gusfield: Gusfield's algorithm over "
        "the fastest of " + ", ".join(GUSFIELD) + "."
    )
    flows = [rival.flows for timing in timings for rival in timing.rivals if rival.estimated]
    if flows:
        yield (
            f"~: stopped after {budget:g} s or so, and estimated from its first flows, at least "
            f"{min(flows)} of n - 1. These are the construction's own, since flows between random "
            "pairs can overestimate several times; even so an estimate can be off by a factor of "
            "two either way, and more where the flows were few."
        )
    missing = [name for name in RIVALS if name not in installed_rivals()]
    if missing:
        yield (
            f"Left out, since not installed: {', '.join(missing)}; tests/requirements.txt lists "
            "them."
        )
    yield (
        f"-: not run. networkx takes up to {NETWORKX_NODES} nodes here, and PyMaxflow up to "
        f"{PYMAXFLOW_EDGES:,} edges."
    )
    differences = [
        rival.difference
        for timing in timings
        for rival in timing.rivals
        if rival.difference is not None
    ]
    if differences:
        same = sum(difference <= TOLERANCE for difference in differences)
        yield (
            f"The values of the tree are ours to {TOLERANCE:g} in {same} of the "
            f"{len(differences)} runs of rivals that came to their end; the largest relative "
            f"difference is {max(differences):.1g}. !: values differ."
        )


def machine() -> dict[str, Any]:
    """Describe where a measurement runs: processor, cores, load, versions."""
    processor = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        names = [line for line in info.read_text("utf-8").splitlines() if "model name" in line]
        processor = names[0].partition(":")[2].strip() if names else processor
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("numba", "numpy", *installed_rivals())},
    }


def machine_line(found: Mapping[str, Any]) -> str:
    """Say in a sentence where a measurement ran."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    return (
        f"{found['processor']}, {found['cores']} cores, load {found['load']} at the start; "
        f"Python {found['python']}, {versions}"
    )


def as_data(timings: Sequence[CutTreeTiming], found: Mapping[str, Any], budget: float) -> Any:
    """Give a measurement as plain data, for JSON."""
    graphs = [asdict(timing) for timing in timings]
    return {"machine": dict(found), "budget_seconds": budget, "graphs": graphs}


def _row(cells: Sequence[str]) -> str:
    first, *others = (
        f"{cell:{'<' if at == 0 else '>'}{width}}"
        for at, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    return "| " + " | ".join([first, *others]) + " |"


def _cell(rival: RivalTiming, timing: CutTreeTiming) -> str:
    wrong = rival.difference is not None and rival.difference > TOLERANCE
    mark = "!" if wrong else "~" if rival.estimated else ""
    return f"{mark}{_time(rival.seconds)} ({rival.seconds / timing.seconds:,.0f}x)"


def _ratio(rival: RivalTiming, timing: CutTreeTiming) -> str:
    return f"{'~' if rival.estimated else ''}{rival.seconds / timing.seconds:,.0f}x"


def _time(seconds: float) -> str:
    if seconds < 1:
        return f"{1e3 * seconds:#.2g} ms" if seconds < 0.0095 else f"{1e3 * seconds:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:,.0f} s"
