"""Read a table from a CSV file, and say in one sentence what is wrong with it."""

import csv
import io
import re
import warnings
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import TaskError
from explorer.network.tasks.sources import Source, decoded, read_source

if TYPE_CHECKING:
    import pandas as pd

MAX_BYTES = 200_000_000
MAX_COLUMNS = 1_000
MAX_CELLS = 50_000_000
_EXPECTED = "a table as comma-separated text in UTF-8"
_MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "?")
_DELIMITERS = ",;\t|"
_HEAD = 1_000_000  # bytes in which the header must end
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def read_table(source: Source) -> "pd.DataFrame":
    """Read a table; every cell of it is there, and every number in it is finite.

    The first row names the columns. Cells are parted by commas, semicolons, tabs or bars, whichever
    gives the header most columns.

    Parameters
    ----------
    source : bytes or path

    Returns
    -------
    DataFrame
        Of numbers, booleans and stripped texts.

    Raises
    ------
    TaskError
        If the file is no such table.
    """
    import pandas as pd

    data = read_source(source, MAX_BYTES).removeprefix(b"\xef\xbb\xbf")
    decoded(data, _EXPECTED)
    names, delimiter = _header(data[:_HEAD].decode("utf-8", errors="ignore"))
    cells = len(names) * max(data.count(b"\n"), data.count(b"\r"))
    if cells > MAX_CELLS:
        raise TaskError(f"found about {cells:,} cells; expected at most {MAX_CELLS:,}")
    try:
        with warnings.catch_warnings():
            # Rows that are longer than the header are cut with a warning only.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(
                io.BytesIO(data),
                sep=delimiter,
                header=0,
                names=names,
                index_col=False,
                skipinitialspace=True,
                keep_default_na=False,
                na_values=list(_MISSING),
                low_memory=False,
            )
    except pd.errors.ParserWarning as problem:
        raise TaskError(
            f"found rows of more than {len(names)} cells; expected as many as the header has"
        ) from problem
    except (pd.errors.ParserError, ValueError, OverflowError) as problem:
        reason = " ".join(str(problem).split()).removeprefix("Error tokenizing data. C error: ")
        raise TaskError(
            f"found no readable table ({reason[:120]}); expected rows of {len(names)} cells each"
        ) from problem
    if table.empty:
        raise TaskError("found a header and no rows; expected rows of data under it")
    _check_missing(table)
    for name in table.columns:
        if is_text(table[name]):
            texts = table[name].astype(str).str.strip()
            numbers = pd.to_numeric(texts, errors="coerce")  # such as integers of over 64 bits
            table[name] = texts if numbers.isna().any() else numbers.astype(np.float64)
    _check_finite(table)
    return table


def is_text(column: "pd.Series") -> bool:
    """Tell whether a column holds texts."""
    return column.dtype.kind not in "iufb"


def row_number(index: int) -> int:
    """Row of a table as a spreadsheet counts it: the header is row 1."""
    return int(index) + 2


def _header(head: str) -> tuple[list[str], str]:
    """Names of the columns, and what parts them."""
    try:
        found = [
            (next((row for row in csv.reader(io.StringIO(head, ""), delimiter=mark) if row), []))
            for mark in _DELIMITERS
        ]
    except csv.Error as problem:
        raise TaskError(f"found no header ({problem}); expected {_EXPECTED}") from problem
    columns = max(map(len, found))
    if not columns:
        raise TaskError(f"found no header; expected {_EXPECTED}")
    delimiter = next(m for m, row in zip(_DELIMITERS, found, strict=True) if len(row) == columns)
    names = [name.strip() for name in found[_DELIMITERS.index(delimiter)]]
    numbers = [bool(_NUMBER.fullmatch(name)) for name in names]
    fractions = [name for name, is_number in zip(names, numbers, strict=True)
                 if is_number and not name.lstrip("+-").isdigit()]  # fmt: skip
    if all(numbers) or fractions:
        raise TaskError(
            f"found no header, for the first row holds {(fractions or names)[0]!r:.40}; expected "
            f"the names of the columns there"
        )
    if len(names) < 2:
        raise TaskError(
            f"found one column, {names[0]!r:.40}; expected at least one of inputs and one to tell"
        )
    if len(names) > MAX_COLUMNS:
        raise TaskError(f"found {len(names):,} columns; expected at most {MAX_COLUMNS:,}")
    if "" in names:
        raise TaskError(f"found no name of column {names.index('') + 1}; expected one in row 1")
    for name in names:
        if names.count(name) > 1:
            raise TaskError(
                f"found {names.count(name)} columns named {name!r:.40}; expected a name for each"
            )
    return names, delimiter


def _check_missing(table: "pd.DataFrame") -> None:
    missing = table.isna()
    total = int(missing.to_numpy().sum())
    if total:
        name = next(name for name in table.columns if missing[name].any())
        row = row_number(int(missing[name].to_numpy().argmax()))
        counted = "a missing value" if total == 1 else f"{total:,} missing values, the first"
        raise TaskError(
            f"found {counted} in row {row:,} of the column {name!r:.40}; expected a value in every "
            f"cell"
        )


def _check_finite(table: "pd.DataFrame") -> None:
    for name in table.columns:
        column = table[name]
        if column.dtype.kind == "f" and not np.isfinite(column.to_numpy()).all():
            row = row_number(int((~np.isfinite(column.to_numpy())).argmax()))
            raise TaskError(
                f"found an infinite number in row {row:,} of the column {name!r:.40}; expected "
                f"finite numbers"
            )
