"""The tables: versions of texts and what they came from, exemplars, answers, verdicts, pins."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DDL, DateTime, Dialect, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 1


class UtcTime(TypeDecorator[datetime]):
    """A moment; SQLite, which knows no time zones, is given it in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return the moment in UTC."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the moment with its zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""


class About(Base):
    """One row: the version of the tables."""

    __tablename__ = "about"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


class VersionRow(Base):
    """One version of the text of a part; never changed."""

    __tablename__ = "versions"
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(String(64))
    partition: Mapped[str] = mapped_column(String(64))
    part: Mapped[str] = mapped_column(String(64))
    task: Mapped[str] = mapped_column(String(200), index=True)
    text: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(Text)
    writer: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcTime)
    key: Mapped[str] = mapped_column(Text)
    facts_text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)  # what search looks in: see search_words
    parents: Mapped[list["ParentRow"]] = relationship(
        foreign_keys="ParentRow.child", order_by="ParentRow.position", lazy="selectin"
    )
    scores: Mapped[list["ScoresRow"]] = relationship(order_by="ScoresRow.seq", lazy="selectin")
    __table_args__ = (Index("versions_of_a_part", "network_id", "partition", "part"),)


class ParentRow(Base):
    """Which version was made from which; a merge has two parents."""

    __tablename__ = "parents"
    child: Mapped[str] = mapped_column(ForeignKey("versions.id"), primary_key=True)
    parent: Mapped[str] = mapped_column(ForeignKey("versions.id"), primary_key=True, index=True)
    position: Mapped[int]


class ScoresRow(Base):
    """How a version scored; the latest counts."""

    __tablename__ = "scores"
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"), index=True)
    scores: Mapped[str] = mapped_column(Text)  # JSON
    time: Mapped[datetime] = mapped_column(UtcTime)


class ExemplarRow(Base):
    """An exemplar that a person wrote."""

    __tablename__ = "exemplars"
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    task: Mapped[str] = mapped_column(String(200), index=True)
    facts_text: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn: Mapped[datetime | None] = mapped_column(UtcTime)


class AnswerRow(Base):
    """One answer in the reading quiz."""

    __tablename__ = "answers"
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(String(64), index=True)
    partition: Mapped[str] = mapped_column(String(64))
    part: Mapped[str] = mapped_column(String(64))
    options: Mapped[str] = mapped_column(Text)  # JSON
    correct: Mapped[int]
    chosen: Mapped[int]
    who: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcTime)


class VerdictRow(Base):
    """One verdict on a network that was shown blind; newer than the other tables."""

    __tablename__ = "verdicts"
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(String(64), index=True)
    case: Mapped[str] = mapped_column(String(64))
    regime: Mapped[str] = mapped_column(String(64))
    planted: Mapped[int]  # 0 or 1, as the two below
    said: Mapped[int]
    asked: Mapped[int]
    parts: Mapped[str] = mapped_column(String(64))
    carrier: Mapped[str] = mapped_column(String(64))
    sure: Mapped[int]  # percent
    who: Mapped[str] = mapped_column(Text, index=True)
    time: Mapped[datetime] = mapped_column(UtcTime)


class PinRow(Base):
    """Something that a person wants to find again."""

    __tablename__ = "pins"
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(String(64))
    part: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[str] = mapped_column(Text)  # JSON
    name: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcTime)
    position: Mapped[int]
    __table_args__ = (Index("pins_of_a_part", "network_id", "part"),)


# Versions are found by their words, and nobody changes or removes one.
_SQLITE = (
    "CREATE VIRTUAL TABLE version_words USING fts5("
    "words, content='versions', content_rowid='seq', tokenize='ascii')",
    "CREATE TRIGGER versions_are_found AFTER INSERT ON versions BEGIN "
    "INSERT INTO version_words(rowid, words) VALUES (new.seq, new.words); END",
    "CREATE TRIGGER versions_stay AFTER UPDATE ON versions BEGIN "
    "SELECT RAISE(ABORT, 'a version is never changed'); END",
    "CREATE TRIGGER versions_remain BEFORE DELETE ON versions BEGIN "
    "SELECT RAISE(ABORT, 'a version is never removed'); END",
)
_POSTGRES = (
    "CREATE INDEX versions_are_found ON versions USING gin "
    "(array_to_tsvector(string_to_array(words, ' ')))",
    "CREATE OR REPLACE FUNCTION version_stays() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'a version is never changed or removed'; END $$",
    "CREATE TRIGGER versions_stay BEFORE UPDATE OR DELETE ON versions "
    "FOR EACH ROW EXECUTE FUNCTION version_stays()",
)
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRES)):
    for _statement in _statements:
        event.listen(
            VersionRow.__table__,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
        )
