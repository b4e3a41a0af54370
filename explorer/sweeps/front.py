"""What modularity costs: ability against modularity, a line for every loss, and the lambda to take.

lambda is chosen on the validation split alone; what is reported is measured on the test split.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from scipy.special import stdtrit

from explorer.network.tasks import task
from explorer.sweeps.figures import RunFigures
from explorer.sweeps.folder import RunRecord
from explorer.sweeps.grid import PENALTY_SETTINGS, SweepGrid, as_plain, run_id
from explorer.training.config import TrainingConfig

PLAIN = "plain"
_CONFIDENCE = 0.95
LOWER_IS_BETTER = ("test_loss", "validation_loss", "n_cut", "interface", "cut_boundary")


@dataclass(frozen=True)
class Interval:
    """A mean over seeds, and where the true mean lies with 95 % confidence.

    ``low`` and ``high`` are NaN where there are fewer than two seeds, all are NaN where there is
    none; they may lie outside of what the figure itself can be.
    """

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Point:
    """The runs that differ in nothing but their seed.

    Attributes
    ----------
    line : str
        Name of the line that it is on.
    strength : float
        lambda.
    records : tuple of RunRecord
        Those that have figures, by seed.
    means : mapping of str to Interval
        Of every figure of ``RunFigures``.
    is_plain : bool
        Whether no penalty was at work.
    chosen : bool
        Whether this is the lambda to take, by ``choose_lambda``.
    best : bool
        Whether no other point has both more of the ability and more of the modularity.
    """

    line: str
    strength: float
    records: tuple[RunRecord, ...]
    means: Mapping[str, Interval]
    is_plain: bool = False
    chosen: bool = False
    best: bool = False


@dataclass(frozen=True)
class Front:
    """The points of a sweep.

    Attributes
    ----------
    points : tuple of Point
        Line after line, each by lambda; plain ones first.
    ability : str
        What ability is measured by: ``test_accuracy``, or ``test_loss`` for a text.
    modularity : str
        What modularity is measured by: a figure of ``RunFigures``.
    failed : tuple of RunRecord
        Runs without figures.
    """

    points: tuple[Point, ...]
    ability: str
    modularity: str
    failed: tuple[RunRecord, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Names of the lines, in order."""
        return tuple(dict.fromkeys(point.line for point in self.points))

    def on_line(self, line: str) -> tuple[Point, ...]:
        """The points of one line, by lambda."""
        return tuple(point for point in self.points if point.line == line)


def find_front(grid: SweepGrid, records: Iterable[RunRecord], modularity: str = "q_b") -> Front:
    """Average the runs of a sweep over their seeds, and choose a lambda on every line.

    Parameters
    ----------
    grid : SweepGrid
    records : iterable of RunRecord
    modularity : str
        The figure of ``RunFigures`` to compare ability with.

    Returns
    -------
    Front
    """
    kept = list(records)
    ability = "test_loss" if _is_text(grid.configs) else "test_accuracy"
    made = [record for record in kept if record.figures is not None]
    points: list[Point] = []
    for line, configs in _lines(grid).items():
        wanted = {run_id(config) for config in configs}
        on_line = [record for record in made if record.id in wanted]
        rivals = [r for r in made if r.id in {run_id(as_plain(config)) for config in configs}]
        is_plain = configs[0] == as_plain(configs[0])
        chosen = None if is_plain else choose_lambda(on_line + rivals, grid.tolerance)
        for strength in sorted({r.config.modularity_coefficient for r in on_line}):
            here = [r for r in on_line if r.config.modularity_coefficient == strength]
            here.sort(key=lambda record: record.config.seed)
            points.append(
                Point(line, strength, tuple(here), _means(here), is_plain, strength == chosen)
            )
    signs = [-1.0 if name in LOWER_IS_BETTER else 1.0 for name in (ability, modularity)]
    places = np.array(
        [
            [s * p.means[n].mean for s, n in zip(signs, (ability, modularity), strict=True)]
            for p in points
        ]
    ).reshape(-1, 2)
    best = _undominated(places)
    return Front(
        tuple(replace(p, best=is_best) for p, is_best in zip(points, best, strict=True)),
        ability,
        modularity,
        tuple(record for record in kept if record.figures is None),
    )


def choose_lambda(records: Sequence[RunRecord], tolerance: float = 0.01) -> float | None:
    """Choose the largest lambda that costs no more than the tolerance, on the validation split.

    Parameters
    ----------
    records : sequence of RunRecord
        Of one line, and those of plain runs to compare with.
    tolerance : float
        Accuracy that may be lost on the validation split; of a text, by how much the cross-entropy
        may grow, relative to that of plain runs.

    Returns
    -------
    float or None
        None where there are no plain runs, or no lambda is good enough. A lambda some of whose
        seeds failed or are still to come is not taken: each must have the seeds that plain has.
    """
    made = [(record.config, record.figures) for record in records if record.figures is not None]
    plain = {c.seed: f for c, f in made if c == as_plain(c)}
    text = _is_text(config for config, _ in made)
    name = "validation_loss" if text else "validation_accuracy"

    def mean(found: Iterable[RunFigures]) -> float:
        return _interval([getattr(figures, name) for figures in found]).mean

    if not plain:
        return None
    reference = mean(plain.values())
    # A share is a quotient of counts: 1e-9 keeps a loss of just the tolerance within it.
    worst = reference * (1 + tolerance) + 1e-9 if text else reference - tolerance - 1e-9
    good = []
    for strength in {c.modularity_coefficient for c, _ in made} - {0.0}:
        found = {c.seed: f for c, f in made if c.modularity_coefficient == strength}
        value = mean(found.values())
        if set(found) >= set(plain) and (value <= worst if text else value >= worst):
            good.append(strength)
    return max(good, default=None)


def mean_interval(values: Sequence[float]) -> Interval:
    """Mean and its 95 % interval, by Student's t.

    Examples
    --------
    >>> found = mean_interval([1.0, 2.0, 3.0])
    >>> round(found.mean, 2), round(found.low, 2), round(found.high, 2)
    (2.0, -0.48, 4.48)
    """
    count = len(values)
    mean = float(np.mean(values)) if count else math.nan
    if count < 2:
        return Interval(mean, math.nan, math.nan, count)
    half = float(
        stdtrit(count - 1, (1 + _CONFIDENCE) / 2) * np.std(values, ddof=1) / math.sqrt(count)
    )
    return Interval(mean, mean - half, mean + half, count)


def _interval(values: Iterable[float | None]) -> Interval:
    return mean_interval([value for value in values if value is not None])


def _means(records: Sequence[RunRecord]) -> dict[str, Interval]:
    return {
        field.name: _interval(getattr(record.figures, field.name) for record in records)
        for field in fields(RunFigures)
        if field.name != "checkpoint_id"
    }


def _lines(grid: SweepGrid) -> dict[str, list[TrainingConfig]]:
    """The runs of every line, under a name that says in what lines differ."""
    others = [name for name in grid.vary if name not in ("seed", "modularity_coefficient", "loss")]
    lines: dict[str, list[TrainingConfig]] = {}
    for config in grid.configs:
        if config == as_plain(config):
            name, telling = PLAIN, [other for other in others if other not in PENALTY_SETTINGS]
        else:
            name, telling = _what_works(config), others
        shown = [f"{other} {_short(getattr(config, other))}" for other in telling]
        lines.setdefault(", ".join([name, *shown]), []).append(config)
    return lines


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        return "-".join(_short(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def _what_works(config: TrainingConfig) -> str:
    """Name of the line of runs that are not plain: after the loss, or the one term that counts."""
    changed = [name for _, name, _ in config.changes]
    if config.modularity_coefficient or "modularity_coefficient" in changed:
        return config.loss
    if config.l1_coefficient:
        return "L1 term alone"
    if config.polysemanticity_coefficient:
        return "fewer features alone"
    return "gate alone" if config.gate != "none" else "other terms alone"


def _undominated(places: np.ndarray) -> list[bool]:
    return [
        bool(np.isfinite(p).all()) and not any((q >= p).all() and (q > p).any() for q in places)
        for p in places
    ]


def _is_text(configs: Iterable[TrainingConfig]) -> bool:
    found = list(configs)
    return bool(found) and all(task(config.task).is_text for config in found)
