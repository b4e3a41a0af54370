"""A sweep as a table for people and as plain data for programs."""

import math
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from explorer.sweeps.figures import RunFigures
from explorer.sweeps.folder import RunRecord
from explorer.sweeps.front import Front, Interval

# Name of every figure for people; those that no one needs to see are left out.
TITLES = {
    "test_accuracy": "accuracy",
    "test_loss": "cross-entropy",
    "q_b": "Q_B",
    "q_b_null": "Q_B by chance",
    "q_b_path": "Q_B by path",
    "n_cut": "n-cut",
    "inside": "weight inside modules",
    "modules": "modules",
    "functional": "functional modularity",
    "interface": "interface",
    "cut_balance": "balance of the best cut",
    "cut_boundary": "its cut over volume",
    "trivial_cut_share": "cuts that isolate a neuron",
}
_COLUMNS = {
    "test_accuracy": "accuracy",
    "test_loss": "nats",
    "q_b": "Q_B",
    "q_b_null": "chance",
    "q_b_path": "path",
    "n_cut": "n-cut",
    "inside": "inside",
    "modules": "modules",
    "functional": "functional",
    "interface": "interface",
    "cut_balance": "balance",
    "cut_boundary": "cut/vol",
}


def front_lines(front: Front) -> list[str]:
    """Write the front as a table of text: means over seeds, the chosen lambda marked by a star."""
    names = [
        name
        for name in _COLUMNS
        if any(math.isfinite(point.means[name].mean) for point in front.points)
    ]
    rows = [["loss", "lambda", "seeds", *(_COLUMNS[name] for name in names)]]
    for point in front.points:
        strength = "-" if point.is_plain else f"{point.strength:g}{'*' if point.chosen else ''}"
        rows.append(
            [point.line, strength, str(len(point.records))]
            + [interval_text(point.means[name], name) for name in names]
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    measure = "cross-entropy" if front.ability == "test_loss" else "accuracy"
    lines += ["", f"* the largest lambda whose validation {measure} stays within the tolerance"]
    lines += [f"failed: seed {r.config.seed}, {r.config.loss}: {r.failed}" for r in front.failed]
    return [line.rstrip() for line in lines]


def interval_text(found: Interval, name: str) -> str:
    """Write a mean and half the width of its interval.

    Examples
    --------
    >>> interval_text(Interval(0.9351, 0.93, 0.94, 3), "test_accuracy")
    '.935 ± .005'
    >>> interval_text(Interval(10.4, 8.4, 12.4, 3), "interface")
    '10.4 ± 2.0'
    """
    if not math.isfinite(found.mean):
        return "-"
    digits = 1 if name in ("interface", "modules") else 3
    half = (found.high - found.low) / 2
    shown = [found.mean, *([half] if math.isfinite(half) else [])]
    return " ± ".join(_without_zero(f"{value:.{digits}f}") for value in shown)


def _without_zero(text: str) -> str:
    return text[1:] if text.startswith("0.") and text != "0.0" else text


def front_data(front: Front) -> dict[str, Any]:
    """The front as plain data; None where a figure has no meaning."""
    return {
        "ability": front.ability,
        "modularity": front.modularity,
        "points": [
            {
                "line": point.line,
                "lambda": point.strength,
                "plain": point.is_plain,
                "chosen": point.chosen,
                "best": point.best,
                "runs": [record.id for record in point.records],
                "figures": {
                    name: {
                        key: value if math.isfinite(value) else None
                        for key, value in vars(interval).items()
                    }
                    for name, interval in point.means.items()
                },
            }
            for point in front.points
        ],
        "failed": [{"run": record.id, "said": record.failed} for record in front.failed],
    }


def run_rows(records: Iterable[RunRecord]) -> list[dict[str, Any]]:
    """One flat row a run, for a CSV file: settings that matter, then figures or why it failed."""
    return [
        {
            "run": record.id,
            "task": record.config.task,
            "loss": record.config.loss,
            "lambda": record.config.modularity_coefficient,
            "mu": record.config.l1_coefficient,
            "hidden": "-".join(str(width) for width in record.config.hidden),
            "steps": record.config.steps,
            "seed": record.config.seed,
            **{
                field.name: getattr(record.figures, field.name) if record.figures else None
                for field in fields(RunFigures)
            },
            "failed": record.failed,
        }
        for record in records
    ]
