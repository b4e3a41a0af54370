"""One file of an export: what it is called, what it is, how it is written."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.curation.values import finite


@dataclass(frozen=True)
class ExportFile:
    """A file of an export.

    Attributes
    ----------
    name : str
        Path inside the folder, with ``/``.
    about : str
        What it is, in one sentence without its end, for people.
    content : callable
        Makes the bytes; called when the file is written, so that one at a time is in memory.
    """

    name: str
    about: str
    content: Callable[[], bytes]


def text_file(name: str, about: str, text: Callable[[], str]) -> ExportFile:
    """Make a file of text in UTF-8."""
    return ExportFile(name, about, lambda: text().encode())


def json_file(
    name: str, about: str, value: Callable[[], Any], indent: int | None = 1
) -> ExportFile:
    """Make a file of JSON; a number that is not finite, for which JSON has no word, is null."""
    return text_file(name, about, lambda: as_json(value(), indent) + "\n")


def as_json(value: Any, indent: int | None = None) -> str:
    """Write plain data as JSON."""
    return json.dumps(finite(value), indent=indent, allow_nan=False, ensure_ascii=False)


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV: what holds commas, quotes or line ends stands in quotes.

    Examples
    --------
    >>> as_csv(["node", "name"], [(0, "x"), (1, "x,y")]).splitlines()
    ['node,name', '0,x', '1,"x,y"']
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()
