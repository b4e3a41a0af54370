"""The log of a run: one row every so many steps, also for TensorBoard where that is installed."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from explorer.network.atomic import write_atomically
from explorer.training.tensorboard import BoardWriter, board_writer


class RunLog:
    """Rows of figures in a CSV file.

    Its methods raise ``OSError`` where the file cannot be read or written.

    Parameters
    ----------
    path : Path
        The file; its folder is made if it is not there.

    Examples
    --------
    >>> import tempfile
    >>> log = RunLog(Path(tempfile.mkdtemp()) / "log.csv")
    >>> log.add({"step": 20, "task_loss": 0.5})
    >>> log.add({"step": 40, "task_loss": 0.25})
    >>> log.trim(20)
    >>> log.path.read_text().splitlines()
    ['step,task_loss', '20,0.5']
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._board: BoardWriter | None = None

    def add(self, row: Mapping[str, float]) -> None:
        """Append a row, of which the first figure is the step."""
        names = list(row)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            writer.writerow(names)
        writer.writerow([f"{row[name]:.6g}" for name in names])
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(text.getvalue())
        self._board = self._board or board_writer(self.path.parent)
        self._board.add(row)

    def trim(self, steps_done: int) -> None:
        """Drop rows of steps that will be made again, and what a killed process half wrote."""
        try:
            lines = self.path.read_text("utf-8", errors="replace").splitlines(keepends=True)
        except FileNotFoundError:
            return
        if not lines or not lines[0].endswith("\n"):
            self.path.unlink()  # not even the names were written
            return
        kept = [*lines[:1], *(line for line in lines[1:] if _is_row(line, lines[0], steps_done))]
        if kept != lines:
            write_atomically(self.path, "".join(kept).encode())


def _is_row(line: str, header: str, steps_done: int) -> bool:
    """Tell whether a line is whole, and of a step that was made."""
    step = line.partition(",")[0]
    whole = line.endswith("\n") and line.count(",") == header.count(",")
    try:
        return whole and float(step) <= steps_done  # 1e+06 is a step too
    except ValueError:
        return False
