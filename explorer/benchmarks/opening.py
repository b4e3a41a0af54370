"""How long large networks take to open, and how much memory, beside the marks."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from explorer.benchmarks.opening_stages import ACTIVITY, GEMMA, NULLS, RESNET, SNIPPETS, TOKENS

WHATS = (GEMMA, RESNET, NULLS, ACTIVITY)
_WARM_UP, _GIB = 1, 2**30


@dataclass(frozen=True)
class Opening:
    """One measurement, repeated in fresh processes.

    Attributes
    ----------
    what : str
        One of ``WHATS``.
    seconds : mapping of str to float
        Median seconds of every stage.
    total : float
        Median of the sum of all stages.
    memory : int
        The most bytes that any of the processes held.
    load : float
        Median load of the machine at the start of each.
    figures : mapping
        What was found.
    runs : int
    """

    what: str
    seconds: Mapping[str, float]
    total: float
    memory: int
    load: float
    figures: Mapping[str, float]
    runs: int


@dataclass(frozen=True)
class Mark:
    """A limit, and from which stages it is read; ``stretch`` is None where there is none."""

    title: str
    what: str
    stages: tuple[str, ...]
    mark: float
    stretch: float | None


_OPENING = ("open", "graph", "tree", "modules", "tables")
MARKS = (
    Mark("Gemma 3 270M: open to modules, without the page", GEMMA, _OPENING, 60.0, 20.0),
    Mark("its graph", GEMMA, ("graph",), 5.0, None),
    Mark("its exact tree alone, k = 32", GEMMA, ("tree",), 1.0, 0.4),
    Mark("its modules, their number chosen", GEMMA, ("modules",), 12.0, None),
    Mark(f"{SNIPPETS} snippets of {TOKENS} tokens for activity", ACTIVITY, ("activity",), 120, 60),
    Mark("ResNet-18, random weights: open to modules", RESNET, _OPENING, 15.0, None),
)
MEMORY_MARK = 4 * _GIB


def measure_opening(
    whats: Sequence[str] = WHATS,
    runs: int = 3,
    progress: Callable[[float], None] | None = None,
) -> tuple[Opening, ...]:
    """Open networks in fresh processes and time every stage.

    Each measurement is run once more before it counts, so that kernels are compiled and files are
    in the machine's cache.

    Parameters
    ----------
    whats : sequence of str
        Some of ``WHATS``.
    runs : int
        Times that count.
    progress : callable, optional
        Called with the share that is done.

    Raises
    ------
    RuntimeError
        If a process fails, with what it said.
    """
    found = []
    for place, what in enumerate(whats):
        results = []
        for attempt in range(_WARM_UP + runs):
            results.append(_in_a_process(what))
            if progress is not None:
                progress((place + (attempt + 1) / (_WARM_UP + runs)) / len(whats))
        found.append(summary(results[_WARM_UP:]))
    return tuple(found)


def summary(results: Sequence[Mapping[str, object]]) -> Opening:
    """Sum several runs of one measurement up.

    Examples
    --------
    >>> run = {"what": "nulls", "seconds": {"a": 1.0}, "memory": 5, "load": 0.5, "figures": {}}
    >>> summary([run, {**run, "seconds": {"a": 3.0}}]).seconds
    {'a': 2.0}
    """
    read = [json.loads(json.dumps(dict(result))) for result in results]
    return Opening(
        what=read[0]["what"],
        seconds={
            stage: statistics.median(one["seconds"][stage] for one in read)
            for stage in read[0]["seconds"]
        },
        total=statistics.median(sum(one["seconds"].values()) for one in read),
        memory=max(one["memory"] for one in read),
        load=statistics.median(one["load"] for one in read),
        figures=read[0]["figures"],
        runs=len(read),
    )


def _in_a_process(what: str) -> Mapping[str, object]:
    command = [sys.executable, "-m", "explorer.benchmarks.opening_stages", what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{what} could not be measured: {done.stderr.strip()[-300:]}")
    result: Mapping[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def table(found: Sequence[Opening]) -> tuple[str, ...]:
    """Return the lines of two Markdown tables: the marks, and the seconds of every stage."""
    by_name = {one.what: one for one in found}
    lines = ["| | mark | stretch | measured |", "|---|---|---|---|"]
    for mark in MARKS:
        if mark.what in by_name:
            value = sum(by_name[mark.what].seconds[stage] for stage in mark.stages)
            lines.append(
                f"| {mark.title} | ≤ {mark.mark:g} s | "
                f"{'' if mark.stretch is None else f'≤ {mark.stretch:g} s'} | "
                f"{value:.2f} s{_verdict(value, mark)} |"
            )
    for one in found:
        if one.what == GEMMA:
            verdict = "" if one.memory <= MEMORY_MARK else ", above the mark"
            memory = f"{one.memory / _GIB:.1f} GB"
            lines.append(f"| its memory, at most | ≤ 4 GB | | {memory}{verdict} |")
    lines += ["", "| | stages | memory | load | found |", "|---|---|---|---|---|"]
    for one in found:
        stages = ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in one.seconds.items())
        figures = ", ".join(f"{name} {value:g}" for name, value in one.figures.items())
        lines.append(
            f"| {one.what} | {stages} | {one.memory / _GIB:.1f} GB | {one.load:.1f} | {figures} |"
        )
    return tuple(lines)


def _verdict(value: float, mark: Mark) -> str:
    if value > mark.mark:
        return ", above the mark"
    return ", within the stretch" if mark.stretch is not None and value <= mark.stretch else ""
