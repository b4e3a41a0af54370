"""Texts, scores, exemplars, answers and pins as lines of JSON, out of one database into another.

The first line says what the file is; every other is one entry with its kind and id, in the order in
which they were kept, so that a version stands after those that it was made from. What is read in
never overwrites: entries of an id that is there already are skipped and counted.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from explorer.curation.database import open_database
from explorer.curation.entries import KINDS, as_entry, insert_entry
from explorer.curation.tables import VersionRow
from explorer.errors import CurationError
from explorer.network.atomic import write_atomically

FORMAT, FORMAT_VERSION = "modular-network-explorer texts", 1
MAX_LINE = 2_000_000  # characters
MAX_LINES = 1_000_000


@dataclass(frozen=True)
class Imported:
    """What came of reading a file in.

    Attributes
    ----------
    added, skipped : int
        Entries that are new, and entries that were there already.
    """

    added: int
    skipped: int


def export_lines(url: str | None = None, network_id: str | None = None) -> Iterator[str]:
    r"""Write a database as lines of JSON.

    Parameters
    ----------
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``.
    network_id : str, optional
        Only what belongs to one network; exemplars that people wrote belong to none.

    Yields
    ------
    str
        One line without its end.

    Raises
    ------
    CurationError
        If the database cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from explorer.curation.texts import Texts
    >>> from explorer.curation.versions import Place
    >>> folder = TemporaryDirectory()
    >>> here, there = (f"sqlite:///{folder.name}/{name}.sqlite" for name in ("here", "there"))
    >>> saved = Texts(here).add(Place("4d3c", "77aa", "A"), "left digits", author="Ann")
    >>> lines = list(export_lines(here))
    >>> lines[0]
    '{"format":"modular-network-explorer texts","version":1}'
    >>> import_lines(lines, there), import_lines(lines, there)
    (Imported(added=1, skipped=0), Imported(added=0, skipped=1))
    >>> list(export_lines(there)) == lines
    True
    >>> folder.cleanup()
    """
    yield _line({"format": FORMAT, "version": FORMAT_VERSION})
    with open_database(url).reading() as session:
        for kind, about in KINDS.items():
            table = about.table
            chosen = select(table).order_by(table.seq)
            if network_id is not None:
                if kind == "exemplar":
                    continue
                own = VersionRow.network_id == network_id
                if kind == "scores":
                    chosen = chosen.join(VersionRow, VersionRow.id == table.version_id).where(own)
                else:
                    chosen = chosen.where(table.network_id == network_id)
            for row in session.scalars(chosen.execution_options(yield_per=500)):
                yield _line(as_entry(kind, row))


def import_lines(lines: Iterable[str], url: str | None = None) -> Imported:
    """Read lines of JSON into a database: all of them, or none if one is not right.

    Parameters
    ----------
    lines : iterable of str
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``.

    Returns
    -------
    Imported

    Raises
    ------
    CurationError
        If a line is no entry, its id is not that of its content, or it was made from a version
        that is nowhere; the sentence gives its number.
    """
    added = skipped = 0
    with open_database(url).writing("import") as session:
        number = 0
        for number, line in enumerate(lines, start=1):
            try:
                new = _read(session, number, line)
            except CurationError as problem:
                raise CurationError(f"line {number}: {problem}") from None
            if new is not None:
                added, skipped = added + new, skipped + (not new)
        if number == 0:
            raise CurationError(f"found an empty file; expected one that begins with {_HEADER}")
    return Imported(added, skipped)


def export_file(path: Path, url: str | None = None, network_id: str | None = None) -> int:
    """Write a database as a file, which appears whole or not at all; the number of its entries.

    Raises
    ------
    CurationError
        If the database cannot be read or the file cannot be written.
    """
    lines = list(export_lines(url, network_id))
    try:
        write_atomically(path, "".join(f"{line}\n" for line in lines).encode())
    except OSError as problem:
        raise CurationError(
            f"{path} cannot be written ({problem.strerror}); expected a folder with room in it"
        ) from None
    return len(lines) - 1


def import_file(path: Path, url: str | None = None) -> Imported:
    """Read a file into a database; see ``import_lines``.

    Raises
    ------
    CurationError
        If the file cannot be read, besides what ``import_lines`` refuses.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as stream:
            return import_lines(iter(lambda: stream.readline(MAX_LINE + 1), ""), url)
    except UnicodeDecodeError:
        raise CurationError(f"{path} is no text in UTF-8; expected one that was exported") from None
    except OSError as problem:
        raise CurationError(
            f"{path} cannot be read ({problem.strerror}); expected a file that was exported"
        ) from None


def _read(session: Session, number: int, line: str) -> bool | None:
    """Insert what a line holds; whether it is new, None where there is nothing."""
    if len(line) > MAX_LINE or number > MAX_LINES:
        raise CurationError(
            f"found {len(line):,} characters; expected at most {MAX_LINE:,} in a line and "
            f"{MAX_LINES:,} lines"
        )
    if not line.strip():
        return None
    try:
        found = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise CurationError("found no JSON; expected one entry a line") from None
    if not isinstance(found, dict):
        raise CurationError(f"found {type(found).__name__}; expected an entry, {{...}}")
    if number == 1:
        if found.get("format") != FORMAT:
            raise CurationError(f"found another kind of file; expected {_HEADER}")
        if found.get("version") != FORMAT_VERSION:
            raise CurationError(
                f"found a file of version {found.get('version')!r:.20}; expected {FORMAT_VERSION}"
            )
        return None
    return insert_entry(session, found)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _line(value: dict[str, object]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


_HEADER = _line({"format": FORMAT, "version": FORMAT_VERSION})
