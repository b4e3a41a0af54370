"""Rows of a run for TensorBoard, where it is installed."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any


class BoardWriter:
    """Writes the figures of a row as scalars; does nothing without a writer behind it."""

    def __init__(self, writer: Any = None) -> None:
        self._writer = writer

    def add(self, row: Mapping[str, float]) -> None:
        """Write one row; its entry ``step`` counts."""
        if self._writer is not None:
            for name, value in row.items():
                if name != "step":
                    self._writer.add_scalar(name, value, int(row["step"]))


def board_writer(folder: Path) -> BoardWriter:
    """Return a writer of event files in a folder, or one that does nothing."""
    if find_spec("tensorboard") is None:
        return BoardWriter()
    from torch.utils.tensorboard import SummaryWriter

    return BoardWriter(SummaryWriter(log_dir=str(folder / "tensorboard")))
