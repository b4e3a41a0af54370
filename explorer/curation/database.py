"""The database of what people make of descriptions: SQLite by default, Postgres by its URL.

The environment variable ``EXPLORER_DATABASE_URL`` names it, as in
``postgresql://user:password@host/database`` or ``sqlite:////folder/texts.sqlite``; by default it is
the file ``texts.sqlite`` in ``home()``. Passwords are never shown: not in errors, not in ``repr``.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool

from explorer.curation.database_errors import in_one_sentence
from explorer.curation.tables import SCHEMA_VERSION, About, Base
from explorer.errors import CurationError
from explorer.network.home import home

__all__ = ["VARIABLE", "Database", "open_database"]

VARIABLE = "EXPLORER_DATABASE_URL"
_WAIT = 20.0  # seconds to wait for somebody else's writing
_TIMEOUT, _CONNECT = "connect_timeout", 5  # seconds to wait for a server
_opened: dict[str, "Database"] = {}
_opening = threading.Lock()


class Database:
    """A database, its tables made when it is first used.

    Every reading and writing is one transaction: what was written is there whole or not at all.
    It can be used by many threads at once, and after a fork.

    Parameters
    ----------
    url : str
        Of SQLite or Postgres.

    Raises
    ------
    CurationError
        If the URL names no file and no server of these two kinds.
    """

    def __init__(self, url: str) -> None:
        self._url = _checked(url)
        self._engines: dict[int, Engine] = {}  # by process: a fork must not share connections
        self._lock = threading.RLock()
        self._ready: int | None = None

    def __repr__(self) -> str:
        return f"<Database {self.name}>"

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file and no server."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def name(self) -> str:
        """What to call it: the path of a file, or server and database; never a password."""
        if self.is_sqlite:
            return str(self._path)
        port = f":{self._url.port}" if self._url.port else ""
        return f"{self._url.host or 'this machine'}{port}/{self._url.database or ''}"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read in one transaction: all that is read was so at one moment.

        Raises
        ------
        CurationError
            If the database cannot be reached or read.
        """
        with self._telling():
            self._prepare()
            with self._snapshot() as session:
                yield session

    @contextmanager
    def writing(self, lock: str = "") -> Iterator[Session]:
        """Write in one transaction, which is kept when the block ends and undone if it fails.

        Parameters
        ----------
        lock : str
            Nobody else who writes under the same lock comes in between what is read and what is
            written here. (In SQLite nobody who writes at all does.)

        Raises
        ------
        CurationError
            If the database cannot be reached or written; nothing was written then.
        """
        with self._telling():
            self._prepare()
            with self._transaction() as session:
                if lock:
                    self._hold(session, lock)
                yield session

    def close(self) -> None:
        """Close its connections; it opens new ones when it is used again."""
        with self._lock:
            for engine in self._engines.values():
                engine.dispose()

    @property
    def _path(self) -> Path:
        return Path(self._url.database or "").expanduser()

    @property
    def _engine(self) -> Engine:
        process = os.getpid()
        with self._lock:
            if process not in self._engines:
                self._engines[process] = _engine(self._url, self.is_sqlite)
            return self._engines[process]

    def _snapshot(self) -> Session:
        # What is read in one block was so at one moment; SQLite sees to that by itself.
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        return Session(self._engine.execution_options(**options))

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with (
            Session(self._engine.execution_options(writes=True), expire_on_commit=False) as session,
            session.begin(),
        ):
            if not self.is_sqlite:
                session.execute(text(f"SET LOCAL lock_timeout = {int(1000 * _WAIT)}"))
            yield session

    def _hold(self, session: Session, lock: str) -> None:
        if not self.is_sqlite:
            session.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))"), {"lock": lock}
            )

    def _prepare(self) -> None:
        """Make the tables if they are not there; once a process, or when the file is a new one."""
        if self.is_sqlite:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            if self._ready is not None and self._ready == self._place():
                return
            if not self._has_tables():
                with self._transaction() as session:
                    self._hold(session, "schema")
                    Base.metadata.create_all(session.connection())
                    if session.get(About, 1) is None:  # nobody was quicker
                        session.add(About(id=1, version=SCHEMA_VERSION))
            self._ready = self._place()

    def _has_tables(self) -> bool:
        with self._snapshot() as session:
            there = set(inspect(session.connection()).get_table_names())
            if About.__tablename__ not in there:
                return False
            about = session.get(About, 1)
        if about is None or about.version != SCHEMA_VERSION:
            raise CurationError(
                f"found tables of version {about.version if about else 0} in {self.name}; expected "
                f"version {SCHEMA_VERSION}: another version of this program made them"
            )
        # A table that came later is added to a database that was made before; the others stay.
        return there >= set(Base.metadata.tables)

    def _place(self) -> int:
        """Tell whether a file is still the same one."""
        if not self.is_sqlite:
            return os.getpid()
        return self._path.stat().st_ino if self._path.exists() else -1

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OSError) as problem:
            said = in_one_sentence(problem, self.name, self._url)
            raise CurationError(said) from None


def open_database(url: str | None = None) -> Database:
    """Open the database of a URL, by default that of ``EXPLORER_DATABASE_URL``; one a process."""
    wanted = url or os.environ.get(VARIABLE) or f"sqlite:///{home() / 'texts.sqlite'}"
    with _opening:
        if wanted not in _opened:
            _opened[wanted] = Database(wanted)
        return _opened[wanted]


def _checked(url: str) -> URL:
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise CurationError(
            f"{VARIABLE} is no URL of a database; expected one such as "
            f"postgresql://user:password@host/database or sqlite:////folder/texts.sqlite"
        ) from None
    kind = found.drivername.split("+")[0]
    if kind in ("postgresql", "postgres"):
        return found.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise CurationError(f"found a database of kind {kind!r:.20}; expected sqlite or postgresql")
    path = found.database or ""
    if path in ("", ":memory:") or path.startswith("file:"):
        raise CurationError(
            "found an SQLite database without a file, which would be lost at the end; expected "
            "one such as sqlite:////folder/texts.sqlite"
        )
    return URL.create("sqlite", database=str(Path(path).expanduser()))


def _engine(url: URL, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        try:
            return create_engine(
                url,
                poolclass=QueuePool,
                pool_size=5,
                max_overflow=20,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={}
                if "connect_timeout" in url.query
                else {"connect_timeout": _CONNECT},
            )
        except ImportError:
            raise CurationError(
                "found no package psycopg to reach Postgres with; expected it to be installed: "
                "pip install 'psycopg[binary]'"
            ) from None
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": _WAIT}
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where it says so below
        connection.execute("PRAGMA foreign_keys = ON")
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode != "wal":  # readers then never wait for a writer
            connection.execute("PRAGMA journal_mode = WAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # IMMEDIATE: whoever is going to write waits at the beginning, and not in the middle.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
