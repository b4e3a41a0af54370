"""The table of measured networks: a CSV file, one row a network, written as the rows come."""

import contextlib
import csv
import fcntl
import io
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from explorer.errors import SweepError
from explorer.network.atomic import write_atomically


@dataclass(frozen=True)
class MeasuredNetwork:
    """Figures of one network; of one that failed, the sentence that says why.

    Attributes
    ----------
    place : str
        Where it was opened from.
    version, settings : str
        Of its files, and how it was measured, to tell whether it must be measured again.
    id, name, architecture, shape, task : str
    weighting : str
    nodes, edges, all_edges : int or None
        ``edges`` are those that were kept.
    keep : str
        What was kept of the edges: ``all``, a number for every neuron, or a share.
    kept_mass : float or None
        Share of the weight on them.
    modules : int or None
    q_b : float or None
        Layered modularity.
    null_mean, null_low, null_high : float or None
        Of the same search in shuffled networks; between the last two lie 95 %.
    nulls : int or None
        How many those were.
    inside : float or None
        Share of the weight inside modules.
    trivial_share : float or None
        Share of the cuts in the cut tree that isolate one node.
    seconds : float or None
        From opening to the last figure.
    failed : str
        Empty where it has figures.
    """

    place: str
    version: str
    settings: str
    id: str = ""
    name: str = ""
    architecture: str = ""
    shape: str = ""
    task: str = ""
    weighting: str = ""
    nodes: int | None = None
    edges: int | None = None
    all_edges: int | None = None
    keep: str = ""
    kept_mass: float | None = None
    modules: int | None = None
    q_b: float | None = None
    null_mean: float | None = None
    null_low: float | None = None
    null_high: float | None = None
    nulls: int | None = None
    inside: float | None = None
    trivial_share: float | None = None
    seconds: float | None = None
    failed: str = ""


_COLUMNS = tuple(field.name for field in fields(MeasuredNetwork))
_INTEGERS = ("nodes", "edges", "all_edges", "modules", "nulls")
_NUMBERS = (
    *("kept_mass", "q_b", "null_mean", "null_low", "null_high", "inside", "trivial_share"),
    "seconds",
)


class MeasuringTable:
    """A table on disk.

    A row is appended as it comes, so that nothing is lost whenever the process ends; of several
    rows of one place the last counts, and ``tidy`` leaves only that.

    Parameters
    ----------
    path : path
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def rows(self) -> dict[str, MeasuredNetwork]:
        """Read the rows, by place.

        Raises
        ------
        SweepError
            If it cannot be read, or is another kind of file.
        """
        try:
            text = self.path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as problem:
            raise SweepError(
                f"{str(self.path)!r:.200} cannot be read ({problem}); expected a table of networks"
            ) from problem
        reader = csv.DictReader(io.StringIO(text, newline=""))
        if text and tuple(reader.fieldnames or ()) != _COLUMNS:
            raise SweepError(
                f"found another file at {str(self.path)!r:.200}; expected a new one, or a table of "
                f"networks with the columns {', '.join(_COLUMNS[:4])}, ..."
            )
        found = {}
        for cells in reader:
            with contextlib.suppress(ValueError, TypeError):  # cut short as it was written
                row = _row(cells)
                found[row.place] = row
        return found

    def add(self, row: MeasuredNetwork) -> None:
        """Append a row.

        Raises
        ------
        SweepError
            If it cannot be written.
        """
        try:
            with self.path.open("a", encoding="utf-8", newline="") as stream:
                if stream.tell() == 0:
                    stream.write(_line(_COLUMNS))
                stream.write(_line(_cells(row)))
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def tidy(self, places: Sequence[str]) -> None:
        """Leave one row a place: these in their order, then what else is there."""
        known = self.rows()
        order = [*(place for place in places if place in known), *known]
        text = _line(_COLUMNS) + "".join(
            _line(_cells(known[place])) for place in dict.fromkeys(order)
        )
        try:
            write_atomically(self.path, text.encode())
        except OSError as problem:
            raise self._unwritable(problem) from problem

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the table while the block runs, so that no second process writes it.

        Raises
        ------
        SweepError
            If another process does, or it cannot be written.
        """
        beside = self.path.parent / f".{self.path.name}.lock"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = beside.open("ab")
        except OSError as problem:
            raise self._unwritable(problem) from problem
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as problem:
                raise SweepError(
                    f"{str(self.path)!r:.200} is being written; expected one process at a time"
                ) from problem
            try:
                yield
            finally:
                beside.unlink(missing_ok=True)

    def _unwritable(self, problem: OSError) -> SweepError:
        return SweepError(
            f"{str(self.path)!r:.200} cannot be written ({problem.strerror}); what was measured "
            f"before is still there"
        )


def _row(cells: dict[str, str]) -> MeasuredNetwork:
    values: dict[str, Any] = dict(cells)
    if None in values.values():
        raise ValueError("a row that was cut short")
    for name in _INTEGERS:
        values[name] = int(cells[name]) if cells[name] else None
    for name in _NUMBERS:
        values[name] = float(cells[name]) if cells[name] else None
    return MeasuredNetwork(**values)


def _cells(row: MeasuredNetwork) -> list[str]:
    return [_cell(getattr(row, name)) for name in _COLUMNS]


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return str(value)


def _line(cells: Sequence[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()
