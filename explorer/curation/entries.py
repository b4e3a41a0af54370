"""One entry of an exported file: made of a row, and checked before it becomes one again."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from explorer.curation.answers import answer_id
from explorer.curation.curated_exemplars import exemplar_id
from explorer.curation.tables import (
    AnswerRow,
    ExemplarRow,
    PinRow,
    ScoresRow,
    VerdictRow,
    VersionRow,
)
from explorer.curation.values import MAX_NAME, MAX_TEXT, as_json, checked
from explorer.curation.verdicts import LEAST_SURE, MOST_SURE, verdict_id
from explorer.curation.version_store import find, insert, scores_id
from explorer.curation.versions import IMPORT, STATUSES, Place, version_id, written
from explorer.errors import CurationError

Row = Any  # one of the tables below
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Kind:
    """A kind of entry.

    Attributes
    ----------
    table : type
    fields : dict
        What turns the value of a field in a file into that in a row, by the field's name.
    make_id : callable or None
        Hash of a row's content; None where an id is drawn by chance.
    """

    table: Any
    fields: dict[str, Callable[[Any, str], Any]]
    make_id: Callable[[Row], str] | None


def _text(value: Any, what: str, limit: int = MAX_NAME, needed: bool = False) -> str:
    found = checked(value, what, limit, needed)
    if found != value:
        raise CurationError(f"found white space around the {what}; expected none")
    return found


def _json(value: Any, what: str) -> str:
    if not isinstance(value, dict):
        raise CurationError(f"found {type(value).__name__} as {what}; expected {{...}}")
    return as_json(value, what)


def _options(value: Any, what: str) -> str:
    if not isinstance(value, list) or len(value) < 2:
        raise CurationError("found no options; expected a list of two or more texts")
    return as_json([checked(option, "option", MAX_TEXT) for option in value], what)


def _whole(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**6:
        raise CurationError(f"found {value!r:.20} as {what}; expected a whole number from 0")
    return value


def _yes(value: Any, what: str) -> int:
    if value not in (0, 1):
        raise CurationError(f"found {value!r:.20} as {what}; expected 0 or 1")
    return int(value)


def _sure(value: Any, what: str) -> int:
    found = _whole(value, what)
    if not LEAST_SURE <= found <= MOST_SURE:
        raise CurationError(f"found {found} as {what}; expected {LEAST_SURE} to {MOST_SURE}")
    return found


def _time(value: Any, what: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise CurationError(
            f"found {value!r:.40} as {what}; expected a moment as in "
            f"2026-11-24T19:30:00.000000+00:00"
        ) from None


def _maybe_time(value: Any, what: str) -> datetime | None:
    return None if value is None else _time(value, what)


def _status(value: Any, what: str) -> str:
    if value not in STATUSES:
        raise CurationError(f"found {what} {value!r:.20}; expected one of {', '.join(STATUSES)}")
    return str(value)


def _source(value: Any, what: str) -> str:
    return _text(value, what) or IMPORT


def _ids(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or any(not isinstance(item, str) for item in value):
        raise CurationError(f"found {value!r:.20} as {what}; expected a list of ids")
    if len(set(value)) < len(value):
        raise CurationError(f"found one of the {what} twice; expected each once")
    return value


_short = partial(_text, limit=64)
_key = partial(_text, limit=64, needed=True)
_long = partial(_text, limit=MAX_TEXT)
_needed = partial(_text, limit=MAX_TEXT, needed=True)
_named = partial(_text, needed=True)

KINDS = {
    "version": Kind(
        VersionRow,
        {
            "network_id": _key,
            "partition": _short,
            "part": _key,
            "task": _text,
            "text": _needed,
            "name": _text,
            "status": _status,
            "author": _text,
            "writer": _text,
            "source": _source,
            "time": _time,
            "key": _text,
            "facts_text": _long,
            "parents": _ids,
        },
        None,  # see _insert_version: it depends on the parents
    ),
    "scores": Kind(ScoresRow, {"version_id": _key, "scores": _json, "time": _time}, scores_id),
    "exemplar": Kind(
        ExemplarRow,
        {
            "task": _named,
            "facts_text": _needed,
            "text": _needed,
            "author": _named,
            "time": _time,
            "withdrawn": _maybe_time,
        },
        exemplar_id,
    ),
    "answer": Kind(
        AnswerRow,
        {
            "network_id": _key,
            "partition": _short,
            "part": _key,
            "options": _options,
            "correct": _whole,
            "chosen": _whole,
            "who": _named,
            "kind": _named,
            "time": _time,
        },
        answer_id,
    ),
    "verdict": Kind(
        VerdictRow,
        {
            "network_id": _key,
            "case": _key,
            "regime": _key,
            "planted": _yes,
            "said": _yes,
            "asked": _yes,
            "parts": _short,
            "carrier": _short,
            "sure": _sure,
            "who": _named,
            "time": _time,
        },
        verdict_id,
    ),
    "pin": Kind(
        PinRow,
        {
            "network_id": _key,
            "part": _short,
            "kind": _key,
            "payload": _json,
            "name": _text,
            "author": _text,
            "time": _time,
            "position": _whole,
        },
        None,
    ),
}


def as_entry(kind: str, row: Row) -> dict[str, Any]:
    """Return a row as plain data."""
    entry = {"entry": kind, "id": row.id}
    for field, read in KINDS[kind].fields.items():
        value = getattr(row, field)
        if field == "parents":
            entry[field] = [parent.parent for parent in value]
        elif read in (_json, _options):
            entry[field] = json.loads(value)
        elif isinstance(value, datetime):
            entry[field] = written(value)
        else:
            entry[field] = value
    return entry


def insert_entry(session: Session, entry: dict[str, Any]) -> bool:
    """Insert an entry unless its id is there already; whether it is new.

    Raises
    ------
    CurationError
        If it is no entry, its id is not that of its content, or what it belongs to is nowhere.
    """
    name = entry.get("entry")
    if not isinstance(name, str) or name not in KINDS:
        raise CurationError(f"found entry {name!r:.40}; expected one of {', '.join(KINDS)}")
    kind = KINDS[name]
    unknown = sorted(set(entry) - set(kind.fields) - {"entry", "id"})
    missing = sorted(set(kind.fields) - set(entry))
    if unknown or missing:
        raise CurationError(
            f"found a {name} with the fields {unknown or 'of none'!s:.60} more and without "
            f"{missing or 'none'!s:.60}; expected {', '.join(kind.fields)}"
        )
    values = {field: read(entry[field], field) for field, read in kind.fields.items()}
    parents = values.pop("parents", [])
    row = kind.table(**values)
    _check(session, row)
    row.id = _identity(name, row, parents, entry.get("id"))
    if session.scalar(select(kind.table.id).where(kind.table.id == row.id)) is not None:
        return False
    if isinstance(row, VersionRow):
        place = Place(row.network_id, row.partition, row.part)
        for parent in parents:
            if find(session, parent).place != place:
                raise CurationError(
                    f"found version {parent} of another part among the parents; expected versions "
                    f"of the same part"
                )
        insert(session, row, parents, None)
    else:
        session.add(row)
        session.flush()
    return True


def _check(session: Session, row: Row) -> None:
    if isinstance(row, AnswerRow):
        most = len(json.loads(row.options)) - 1
        if max(row.correct, row.chosen) > most:
            raise CurationError(f"found an answer beyond the options; expected 0 to {most}")
    if isinstance(row, ScoresRow):
        find(session, row.version_id)


def _identity(name: str, row: Row, parents: list[str], given: Any) -> str:
    make_id = KINDS[name].make_id
    if name == "pin":
        if not isinstance(given, str) or not _ID.fullmatch(given):
            raise CurationError(f"found id {given!r:.40}; expected 32 digits from 0 to f")
        return given
    own = version_id(row, parents) if make_id is None else make_id(row)
    if given is not None and given != own:
        raise CurationError(
            f"found id {given!r:.40}; expected {own}, the hash of the content: the entry was "
            f"changed (leave the id out to add it as a new one)"
        )
    return own
