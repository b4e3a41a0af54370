"""Pins: what people want to find again beside a part, named, in the order they chose."""

import builtins
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from explorer.curation.database import open_database
from explorer.curation.tables import PinRow
from explorer.curation.values import as_json, checked, now
from explorer.errors import CurationError


@dataclass(frozen=True)
class Pin:
    """Something pinned.

    Attributes
    ----------
    id : str
    network_id : str
    part : str
        Module, interface or node that it belongs to.
    kind : str
        What it is, as in ``snippet``, ``picture`` or ``weight``; the pinner's own word.
    payload : dict
        Plain data; whoever pinned it knows how to draw it.
    name : str
    author : str
    time : datetime
        UTC.
    position : int
        Place among the pins of its part, from 0.
    """

    id: str
    network_id: str
    part: str
    kind: str
    payload: dict[str, Any]
    name: str
    author: str
    time: datetime
    position: int


class Pins:
    """The pins in a database.

    Parameters
    ----------
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> pins = Pins(f"sqlite:///{folder.name}/texts.sqlite")
    >>> pin = pins.add("4d3c", "A", "snippet", {"tokens": ["the", "cat"], "at": 1}, "cats")
    >>> pins.rename(pin.id, "animals").name
    'animals'
    >>> [(pin.name, pin.payload["at"]) for pin in pins.list("4d3c", "A")]
    [('animals', 1)]
    >>> pins.remove(pin.id)
    >>> pins.list("4d3c")
    ()
    >>> folder.cleanup()
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url)

    def add(
        self,
        network_id: str,
        part: str,
        kind: str,
        payload: Mapping[str, Any],
        name: str = "",
        author: str = "",
    ) -> Pin:
        """Pin something, after what is pinned already.

        Raises
        ------
        CurationError
            If the payload is no plain data, or it cannot be kept.
        """
        row = PinRow(
            id=secrets.token_hex(16),
            network_id=checked(network_id, "network", 64, needed=True),
            part=checked(part, "part", 64),
            kind=checked(kind, "kind of pin", 64, needed=True),
            payload=as_json(dict(payload), "payload of a pin"),
            name=checked(name, "name"),
            author=checked(author, "author"),
            time=now(),
        )
        with self._database.writing(_lock(row)) as session:
            last = session.scalar(select(func.max(PinRow.position)).where(*_same_part(row)))
            row.position = 0 if last is None else last + 1
            session.add(row)
        return _pin(row)

    def list(
        self, network_id: str, part: str | None = None, kind: str | None = None
    ) -> tuple[Pin, ...]:
        """Return the pins of a network, by part and position; only of a part or kind if given."""
        chosen = select(PinRow).where(PinRow.network_id == network_id)
        if part is not None:
            chosen = chosen.where(PinRow.part == part)
        if kind is not None:
            chosen = chosen.where(PinRow.kind == kind)
        with self._database.reading() as session:
            rows = session.scalars(chosen).all()
        return tuple(_pin(row) for row in sorted(rows, key=_order))

    def rename(self, pin_id: str, name: str) -> Pin:
        """Give a pin another name.

        Raises
        ------
        CurationError
            If there is no such pin.
        """
        new = checked(name, "name")
        with self._database.writing() as session:
            row = _row(session, pin_id)
            row.name = new
        return _pin(row)

    def remove(self, pin_id: str) -> None:
        """Remove a pin; one that was removed already stays so."""
        with self._database.writing() as session:
            session.execute(delete(PinRow).where(PinRow.id == pin_id))

    def reorder(self, network_id: str, part: str, ids: Sequence[str]) -> tuple[Pin, ...]:
        """Put the pins of a part in this order.

        Pins that are not among ``ids``, as somebody else may have pinned one meanwhile, come after
        them in the order they had; ids that are no longer there are passed over.
        """
        wanted = {pin_id: place for place, pin_id in enumerate(ids)}
        with self._database.writing(f"pins {network_id} {part}") as session:
            rows = builtins.list(
                session.scalars(
                    select(PinRow).where(PinRow.network_id == network_id, PinRow.part == part)
                )
            )
            rows.sort(key=lambda row: (wanted.get(row.id, len(wanted)), *_order(row)))
            for place, row in enumerate(rows):
                row.position = place
        return tuple(_pin(row) for row in rows)


def _row(session: Session, pin_id: str) -> PinRow:
    row = session.scalar(select(PinRow).where(PinRow.id == pin_id))
    if row is None:
        raise CurationError(f"found no pin {pin_id!r:.40}; expected one that was not removed")
    return row


def _same_part(row: PinRow) -> tuple[Any, Any]:
    return PinRow.network_id == row.network_id, PinRow.part == row.part


def _lock(row: PinRow) -> str:
    return f"pins {row.network_id} {row.part}"


def _order(row: PinRow) -> tuple[str, int, int]:
    return row.part, row.position, row.seq


def _pin(row: PinRow) -> Pin:
    return Pin(
        id=row.id,
        network_id=row.network_id,
        part=row.part,
        kind=row.kind,
        payload=json.loads(row.payload),
        name=row.name,
        author=row.author,
        time=row.time,
        position=row.position,
    )
