"""The curves of a run, kept short however long the run is."""

import math
import struct
from collections.abc import Mapping
from typing import Any

from explorer.training.live import wire

COLUMNS = (
    "step",
    "task_loss",
    "penalty",
    "strength",
    "modularity_coefficient",
    "learning_rate",
    "accuracy",
    "validation_loss",
    "layered_modularity",
    "inside",
    "interface_count",
    "trivial_share",
)
MAX_ROWS = 800
MAX_CHANGES = 200
_TABLE = wire.offsets()
_LETTERS = {"u1": "B", "u2": "H", "u4": "I", "f4": "f"}
_FIELDS = tuple(
    (struct.Struct("<" + _LETTERS[_TABLE[name][1]]), _TABLE[name][0]) for name in COLUMNS
)
_CHANGE_MERGES = 0.01  # of the steps: a slider that is drawn makes one change, not fifty


class History:
    """Rows of the figures of a run, and the settings that changed on the way.

    When there are too many rows, every other one is dropped and from then on only every second
    frame makes a row, and so on.

    Examples
    --------
    >>> history = History()
    >>> history.add(wire.build_frame("running", step=3, task_loss=0.5))
    >>> history.to_dict()["rows"][0][:2]
    [3, 0.5]
    """

    def __init__(self) -> None:
        self.rows: list[list[float | None]] = []
        self.changes: list[dict[str, Any]] = []
        self._every = 1
        self._skipped = 0

    def add(self, frame: bytes) -> None:
        """Take over the figures of a frame, if the run has moved on since the last."""
        self._skipped += 1
        row = [_plain(reader.unpack_from(frame, at)[0]) for reader, at in _FIELDS]
        step = row[0] or 0
        if self.rows and step <= (self.rows[-1][0] or 0):
            # Set back after it diverged, or the same step with newer figures.
            while self.rows and (self.rows[-1][0] or 0) >= step:
                self.rows.pop()
        elif step == 0 or self._skipped < self._every:
            return
        self._skipped = 0
        self.rows.append(row)
        if len(self.rows) > MAX_ROWS:
            self.rows = self.rows[::2]
            self._every *= 2

    def add_change(self, step: int, name: str, value: float, steps: int) -> None:
        """Note a setting that changed in mid-run; a change soon after another replaces it."""
        last = self.changes[-1] if self.changes else None
        if last and last["name"] == name and step - last["step"] <= _CHANGE_MERGES * steps:
            last["value"] = value
            return
        self.changes.append({"step": step, "name": name, "value": value})
        del self.changes[:-MAX_CHANGES]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: ``columns``, ``rows``, ``changes``."""
        return {
            "columns": list(COLUMNS),
            "rows": [list(row) for row in self.rows],
            "changes": [dict(change) for change in self.changes],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "History":
        """Take over what ``to_dict`` gave; what is no history is taken for an empty one."""
        made = cls()
        rows, changes = values.get("rows"), values.get("changes")
        if values.get("columns") == list(COLUMNS) and isinstance(rows, list):
            made.rows = [list(row) for row in rows if len(row) == len(COLUMNS)]
            made.changes = [dict(change) for change in changes or ()]
            made._every = max(1, 2 * len(made.rows) // MAX_ROWS)
        return made


def _plain(value: float) -> float | None:
    if isinstance(value, int):
        return value
    # Six digits are what the four bytes of a frame hold.
    return float(f"{value:.6g}") if math.isfinite(value) else None
