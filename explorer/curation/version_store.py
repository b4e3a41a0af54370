"""Versions in the database: found, inserted, and sought by their words, within a transaction."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, exists, select, text
from sqlalchemy.orm import Session

from explorer.curation.search_words import postgres_query, sqlite_query
from explorer.curation.tables import ParentRow, ScoresRow, VersionRow
from explorer.curation.values import content_id, now
from explorer.curation.versions import Place, Version, as_version, row_words, version_id, written
from explorer.errors import CurationError

_SQLITE_MATCH = text(
    "versions.seq IN (SELECT rowid FROM version_words WHERE version_words MATCH :wanted)"
)
_POSTGRES_MATCH = text(
    "array_to_tsvector(string_to_array(versions.words, ' ')) @@ CAST(:wanted AS tsquery)"
)


def find(session: Session, wanted: str) -> Version:
    """Return the version of an id.

    Raises
    ------
    CurationError
        If there is none.
    """
    row = session.scalar(select(VersionRow).where(VersionRow.id == str(wanted)[:64]))
    if row is None:
        raise CurationError(f"found no version {str(wanted)!r:.40}; expected the id of one")
    return as_version(row)


def select_versions(
    session: Session, chosen: Select[VersionRow], limit: int | None = None
) -> tuple[Version, ...]:
    """Return the versions that a query chooses, the newest first."""
    ordered = chosen.order_by(VersionRow.time.desc(), VersionRow.seq.desc()).limit(limit)
    return tuple(as_version(row) for row in session.scalars(ordered))


def of_place(place: Place) -> Select[VersionRow]:
    """Choose all versions of a part."""
    return select(VersionRow).where(
        VersionRow.network_id == place.network_id,
        VersionRow.partition == place.partition,
        VersionRow.part == place.part,
    )


def is_head() -> ColumnElement[bool]:
    """Choose versions from which no other was made."""
    return ~exists().where(ParentRow.parent == VersionRow.id)


def heads(session: Session, place: Place) -> tuple[Version, ...]:
    """Return the versions of a part from which no other was made, the newest first."""
    return select_versions(session, of_place(place).where(is_head()))


def matching(query: str, is_sqlite: bool) -> Select[VersionRow] | None:
    """Choose versions by the words of a query; None if it has no word."""
    wanted = sqlite_query(query) if is_sqlite else postgres_query(query)
    if not wanted:
        return None
    match = _SQLITE_MATCH if is_sqlite else _POSTGRES_MATCH
    return select(VersionRow).where(match.bindparams(wanted=wanted))


def insert(
    session: Session, row: VersionRow, parents: Sequence[str], scores: str | None
) -> Version:
    """Insert a version, under an id made of its content, with what it was made from."""
    row.id = version_id(row, parents)
    row.words = row_words(row)
    session.add(row)
    session.flush()
    session.add_all(
        ParentRow(child=row.id, parent=parent, position=position)
        for position, parent in enumerate(parents)
    )
    if scores is not None:
        insert_scores(session, row.id, scores)
    session.flush()
    session.refresh(row)
    return as_version(row)


def insert_scores(session: Session, of_version: str, scores: str) -> None:
    """Insert scores of a version."""
    row = ScoresRow(version_id=of_version, scores=scores, time=now())
    row.id = scores_id(row)
    session.add(row)


def scores_id(row: ScoresRow) -> str:
    """Hash of scores, the version that they are of, and their time."""
    return content_id({"version": row.version_id, "scores": row.scores, "time": written(row.time)})
