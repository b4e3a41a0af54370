"""Rows of a table as the inputs of a network, with right answers where a column has them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from explorer.errors import TaskError
from explorer.network.tasks.sources import Source
from explorer.network.tasks.table_file import is_text, read_table, row_number

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 20_000
MIN_ROWS = 10
_MAX_NUMBERS = 25_000_000  # rows times inputs: 100 MB
_LARGEST = 1e30  # of a number, in single precision with room for sums


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of numbers.

    Attributes
    ----------
    inputs : array of float32, shape (rows, inputs)
    names : tuple of str
        Of the columns of inputs.
    labels : array of int64, shape (rows,), or None
        Right answers, where there is a column of them.
    target : str
        Name of that column; empty where there is none.
    classes : tuple of str
        Names of the answers, in the order of the network's outputs.
    found : int
        Rows that there are; of very many, some that lie evenly are taken.
    """

    inputs: NDArray[np.float32]
    names: tuple[str, ...]
    labels: NDArray[np.int64] | None
    target: str
    classes: tuple[str, ...]
    found: int


def rows_of_table(source: Source, inputs: int, outputs: int, target: str | None) -> Rows:
    """Read rows for a network of so many inputs and outputs; see ``task_from_rows``.

    Raises
    ------
    TaskError
        If the table does not fit the network.
    """
    import pandas as pd

    table = read_table(source)
    names = [str(name) for name in table.columns]
    if target is not None and target not in names:
        raise TaskError(f"found no column {target!r:.40}; expected one of {', '.join(names):.200}")
    if target is None and len(names) == inputs + 1:
        target = names[-1]
    columns = [name for name in names if name != target]
    if len(columns) != inputs:
        raise TaskError(
            f"found {len(columns):,} columns of numbers; expected {inputs:,}, as many as the "
            f"network reads, and perhaps one more of right answers"
        )
    for name in columns:
        if is_text(table[name]):
            at = int(pd.to_numeric(table[name], errors="coerce").isna().to_numpy().argmax())
            raise TaskError(
                f"found the text {table[name].iloc[at]!r:.40} in row {row_number(at):,} of the "
                f"column {name!r:.40}; expected numbers, as the network reads them"
            )
    if len(table) < MIN_ROWS:
        raise TaskError(f"found {len(table)} rows; expected at least {MIN_ROWS}")
    most = min(MAX_ROWS, max(MIN_ROWS, _MAX_NUMBERS // inputs))
    chosen = np.arange(min(len(table), most)) * len(table) // min(len(table), most)
    labels, classes = (None, ()) if target is None else _labels(table[target], outputs)
    numbers = table[columns].to_numpy(dtype=np.float64)
    if np.abs(numbers).max(initial=0.0) > _LARGEST:
        row = row_number(int(np.abs(numbers).max(axis=1).argmax()))
        raise TaskError(
            f"found a number beyond {_LARGEST:.0e} in row {row:,}; expected numbers that single "
            f"precision holds"
        )
    return Rows(
        inputs=numbers[chosen].astype(np.float32),
        names=tuple(columns),
        labels=None if labels is None else labels[chosen],
        target=target or "",
        classes=classes,
        found=len(table),
    )


def _labels(column: "pd.Series", outputs: int) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if is_text(column) or column.dtype.kind == "b":
        texts = column.astype(str)
        names = sorted(texts.unique())
        if len(names) != outputs:
            raise TaskError(
                f"found {len(names):,} different answers in the column {column.name!r:.40}; "
                f"expected {outputs:,}, as many as the network has outputs"
            )
        at = {name: place for place, name in enumerate(names)}
        return np.array([at[text] for text in texts], dtype=np.int64), tuple(names)
    values = column.to_numpy(dtype=np.float64)
    first = 1 if values.min() >= 1 and values.max() == outputs else 0
    if (
        (values != np.round(values)).any()
        or not (values - first).min() >= 0
        or not ((values - first).max() < outputs)
    ):
        raise TaskError(
            f"found answers from {values.min():g} to {values.max():g} in the column "
            f"{column.name!r:.40}; expected whole numbers below {outputs:,}, which is how many "
            f"outputs the network has"
        )
    return (values - first).astype(np.int64), tuple(str(n + first) for n in range(outputs))
