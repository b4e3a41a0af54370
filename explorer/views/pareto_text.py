"""What a sweep found, in words and in a table."""

import math
from collections.abc import Mapping

import pandas as pd

from explorer.sweeps.folder import RunRecord
from explorer.sweeps.front import Front, Interval, Point
from explorer.sweeps.grid import SweepGrid, as_plain
from explorer.sweeps.report import TITLES, interval_text
from explorer.sweeps.sweep import Progress
from explorer.views.pareto import line_name, point_name

# What can be put on the axis of modularity.
MODULARITY = ("q_b", "q_b_path", "inside", "functional", "interface", "n_cut")
_TABLE = ("q_b", "q_b_null", "q_b_path", "functional", "interface", "cut_balance", "cut_boundary")


def usable_figures(records: Mapping[str, RunRecord]) -> tuple[str, ...]:
    """The measures of modularity that have a meaning for the networks of a sweep."""
    made = [record.figures for record in records.values() if record.figures is not None]
    return tuple(name for name in MODULARITY if any(getattr(f, name) is not None for f in made))


def describe_front(front: Front, grid: SweepGrid) -> str:
    """Say for every loss which lambda to take, and what it costs and buys."""
    plain = {point.line: point for point in front.points if point.is_plain}
    rivals = [line for line in front.lines if line not in plain]
    if not rivals:
        return "No run with a penalty is done yet."
    sentences = []
    if len(plain) == 1:
        (point,) = plain.values()
        sentences.append(f"**Plain** training: {_worth(front, point)}.")
    for line in rivals:
        found = next((point for point in front.on_line(line) if point.chosen), None)
        if found is None:
            sentences.append(f"**{line_name(line)}**: {_no_lambda(front, plain, line)}.")
        else:
            sentences.append(
                f"**{line_name(line)}**, λ {found.strength:g}: {_worth(front, found)}."
            )
    lost = (
        f"{grid.tolerance:.1%} of cross-entropy"
        if front.ability == "test_loss"
        else f"{100 * grid.tolerance:g} point{'' if grid.tolerance == 0.01 else 's'} of accuracy"
    )
    words = "  \n".join(sentences)
    return (
        f"{words}\n\nλ is the largest of the grid that costs at most {lost} on the *validation* "
        "split, averaged over seeds; the figures are of the *test* split."
    )


def describe_grid(grid: SweepGrid) -> str:
    """Say how many runs a grid makes, and of what kind.

    Examples
    --------
    >>> settings = {"task": "xor4", "hidden": [8], "l1_coefficient": 1e-3}
    >>> describe_grid(SweepGrid(settings, {"modularity_coefficient": [0.0, 1.0]}))
    'This makes **3 runs**: 1 with a penalty, 1 with the L1 term alone and 1 plain, \
which the others are compared with.'
    """
    plain = sum(config == as_plain(config) for config in grid.configs)
    alone = sum(not config.modularity_coefficient for config in grid.configs) - plain
    runs = len(grid.configs)
    with_loss = runs - plain - alone
    parts = [f"{with_loss} with a penalty"] if with_loss else []
    parts += [f"{alone} with the L1 term alone"] if alone else []
    parts += [f"{plain} plain, which the others are compared with"] if plain else []
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    return f"This makes **{runs} run{'' if runs == 1 else 's'}**: {listed}."


def describe_progress(progress: Progress, running: bool) -> str:
    """Say how far a sweep has come."""
    failed = f", {progress.failed} failed" if progress.failed else ""
    if progress.complete and progress.total == 1:
        return "The run is done."
    if progress.complete:
        return f"All {progress.total} runs are done."
    if running:
        return f"{progress.done} of {progress.total} runs are done{failed} …"
    return f"Stopped: {progress.done} of {progress.total} runs are done{failed}."


def front_table(front: Front) -> pd.DataFrame:
    """One row a point: means over seeds and half the width of their 95 % intervals."""
    names = [
        name
        for name in (front.ability, *_TABLE)
        if any(math.isfinite(point.means[name].mean) for point in front.points)
    ]
    return pd.DataFrame(
        [
            {
                "loss": line_name(point.line),
                "λ": "" if point.is_plain else f"{point.strength:g}",
                "to take": "yes" if point.chosen else "",
                "on the front": "yes" if point.best else "",
                "seeds": str(len(point.records)),
                **{TITLES[name]: interval_text(point.means[name], name) for name in names},
            }
            for point in front.points
        ]
    )


def run_names(front: Front) -> dict[str, str]:
    """Name every run that has a network, by its id, in the order of the front."""
    return {
        record.id: f"{point_name(point)}, seed {record.config.seed}"
        for point in front.points
        for record in point.records
    }


def failures(front: Front) -> list[str]:
    """Say of every failed run what happened."""
    return [
        f"{line_name(record.config.loss)}, λ {record.config.modularity_coefficient:g}, seed "
        f"{record.config.seed}: {record.failed}"
        for record in front.failed
    ]


def _worth(front: Front, point: Point) -> str:
    shown = f"{_title(front.ability)} {_with_half(point, front.ability)}"
    shown += f", {_title(front.modularity)} {_with_half(point, front.modularity)}"
    if front.modularity == "q_b":
        shown += f" (shuffled: {_mean(point.means['q_b_null'], 'q_b')})"
    return shown


def _title(name: str) -> str:
    return TITLES[name]


def _with_half(point: Point, name: str) -> str:
    return interval_text(point.means[name], name)


def _mean(found: Interval, name: str) -> str:
    return interval_text(Interval(found.mean, math.nan, math.nan, found.count), name)


def _no_lambda(front: Front, plain: Mapping[str, Point], line: str) -> str:
    if not plain:
        return "there is no plain run to compare with, so no λ is chosen"
    here = front.on_line(line)
    seeds = {record.config.seed for point in plain.values() for record in point.records}
    losses = {record.config.loss for point in here for record in point.records}
    lost = any(record.config.loss in losses for record in front.failed)
    if lost or any(seeds - {record.config.seed for record in point.records} for point in here):
        return "no λ is chosen, as a λ must have all of its seeds"
    return "no λ of the grid that has all its seeds costs so little"
