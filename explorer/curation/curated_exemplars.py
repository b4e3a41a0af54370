"""Exemplars that people made: written by them, or generated texts that they accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from explorer.curation.database import open_database
from explorer.curation.tables import ExemplarRow, VersionRow
from explorer.curation.values import MAX_TEXT, checked, content_id, now
from explorer.curation.version_store import is_head, select_versions
from explorer.curation.versions import ACCEPTED
from explorer.curation.versions import written as written_time
from explorer.errors import CurationError

if TYPE_CHECKING:
    from explorer.description.exemplars import Exemplar


@dataclass(frozen=True)
class WrittenExemplar:
    """An exemplar that a person wrote.

    Attributes
    ----------
    id, task : str
    facts_text : str
        Facts as a describer reads them.
    text : str
        What to say of them.
    author : str
    time : datetime
        UTC.
    """

    id: str
    task: str
    facts_text: str
    text: str
    author: str
    time: datetime


class Exemplars:
    """The exemplars in a database.

    Parameters
    ----------
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> exemplars = Exemplars(f"sqlite:///{folder.name}/texts.sqlite")
    >>> facts = "active: left 3 x2.1"
    >>> own = exemplars.add("pair", facts, "The left digit, 3 above all.", author="Ann")
    >>> [exemplar.text for exemplar in exemplars.choose("pair")]
    ['The left digit, 3 above all.']
    >>> exemplars.withdraw(own.id)
    >>> exemplars.list("pair")
    ()
    >>> folder.cleanup()
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url)

    def choose(self, task: str, limit: int = 3, leave_out: str = "") -> tuple["Exemplar", ...]:
        """Return exemplars to describe by: those that people wrote, then accepted texts.

        Parameters
        ----------
        task : str
            Key of the task; exemplars are of the same kind of data.
        limit : int
        leave_out : str
            Id of a network whose texts are left out: the one to describe, which would otherwise be
            shown what it is to say.

        Returns
        -------
        tuple of Exemplar
            The newest first; every text once.
        """
        from explorer.description.exemplars import Exemplar

        accepted = select(VersionRow).where(
            VersionRow.task == task,
            VersionRow.status == ACCEPTED,
            VersionRow.facts_text != "",
            VersionRow.network_id != leave_out,
            is_head(),
        )
        with self._database.reading() as session:
            pairs = [(row.facts_text, row.text) for row in _rows(session, task)]
            pairs += [(v.facts_text, v.text) for v in select_versions(session, accepted)]
        unique: dict[str, str] = {}
        for facts, text in pairs:
            unique.setdefault(" ".join(text.split()), facts)
        found = [Exemplar(facts, text) for text, facts in unique.items()]
        return tuple(found[: max(limit, 0)])

    def add(self, task: str, facts_text: str, text: str, *, author: str) -> WrittenExemplar:
        """Keep an exemplar that a person wrote: facts as a describer reads them, and a text.

        Raises
        ------
        CurationError
            If one of them is empty or too long, or it cannot be kept.
        """
        row = ExemplarRow(
            task=checked(task, "task", needed=True),
            facts_text=checked(facts_text, "facts", MAX_TEXT, needed=True),
            text=checked(text, "text", MAX_TEXT, needed=True),
            author=checked(author, "author", needed=True),
            time=now(),
        )
        row.id = exemplar_id(row)
        with self._database.writing() as session:
            session.add(row)
        return _as_exemplar(row)

    def list(self, task: str | None = None) -> tuple[WrittenExemplar, ...]:
        """Return what people wrote and did not withdraw, the newest first; of a task if given."""
        with self._database.reading() as session:
            return tuple(_as_exemplar(row) for row in _rows(session, task))

    def withdraw(self, wanted: str) -> None:
        """Use an exemplar no longer; it stays in the database.

        Raises
        ------
        CurationError
            If there is none of this id.
        """
        with self._database.writing() as session:
            row = session.scalar(select(ExemplarRow).where(ExemplarRow.id == wanted))
            if row is None:
                raise CurationError(f"found no exemplar {wanted!r:.40}; expected the id of one")
            row.withdrawn = row.withdrawn or now()


def exemplar_id(row: ExemplarRow) -> str:
    """Hash of an exemplar's content."""
    fields = ("task", "facts_text", "text", "author")
    content = {field: getattr(row, field) for field in fields}
    return content_id(content | {"time": written_time(row.time)})


def _rows(session: Session, task: str | None) -> list[ExemplarRow]:
    rows = select(ExemplarRow).where(ExemplarRow.withdrawn.is_(None))
    if task is not None:
        rows = rows.where(ExemplarRow.task == task)
    newest = rows.order_by(ExemplarRow.time.desc(), ExemplarRow.seq.desc())
    return list(session.scalars(newest))


def _as_exemplar(row: ExemplarRow) -> WrittenExemplar:
    return WrittenExemplar(row.id, row.task, row.facts_text, row.text, row.author, row.time)
