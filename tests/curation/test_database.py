"""The database: made when first used, one sentence for what goes wrong, no password anywhere."""

import logging
import sqlite3
import subprocess
import sys
import traceback

import psycopg
import pytest
from sqlalchemy import event

from explorer.curation import database
from explorer.curation.database import VARIABLE, Database, open_database
from explorer.curation.pins import Pins
from explorer.curation.texts import Texts
from explorer.errors import CurationError
from tests.curation.conftest import PLACE
from tests.curation.postgres_server import PASSWORD

SECRETS = (PASSWORD, "pw-%C3%84hre%2F%40%3A3", "hre%2F")


def refused(call, *arguments, **named) -> str:
    """Message of the CurationError that a call ends in: one sentence, without a password."""
    with pytest.raises(CurationError) as caught:
        call(*arguments, **named)
    said = str(caught.value)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "\n" not in said
    assert len(said) < 400
    for secret in SECRETS:
        assert secret not in shown
    return said


def test_default_is_a_file_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "new" / "home"))
    monkeypatch.delenv(VARIABLE, raising=False)
    texts = Texts()
    texts.add(PLACE, "left digits", author="Ann")
    assert (tmp_path / "new" / "home" / "texts.sqlite").exists()
    assert texts.where == str(tmp_path / "new" / "home" / "texts.sqlite")
    assert Texts().current(PLACE).text == "left digits"


def test_the_environment_names_it(url, monkeypatch):
    Texts(url).add(PLACE, "left digits", author="Ann")
    monkeypatch.setenv(VARIABLE, url)
    assert Texts().current(PLACE).author == "Ann"


def test_one_a_process(tmp_path):
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    assert open_database(url) is open_database(url)


def test_sqlite_lets_readers_read_while_somebody_writes(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    pins = Pins(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with opened.writing():
        assert pins.list("4d3c") == ()
    with sqlite3.connect(tmp_path / "a.sqlite") as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


def test_a_failed_block_changes_nothing(texts):
    texts.add(PLACE, "left digits", author="Ann")
    with pytest.raises(CurationError, match="no version 'nowhere'"):
        texts.add(PLACE, "other", author="Ben", parents=["nowhere"])
    assert len(texts.versions(PLACE)) == 1


def test_a_file_that_was_removed_is_made_again(tmp_path):
    texts = Texts(f"sqlite:///{tmp_path / 'a.sqlite'}")
    texts.add(PLACE, "left digits", author="Ann")
    for path in tmp_path.glob("a.sqlite*"):
        path.unlink()
    assert texts.versions(PLACE) == ()
    texts.add(PLACE, "left digits", author="Ann")
    assert len(texts.versions(PLACE)) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no url at all", "is no URL of a database"),
        ("postgresql://ann:pw-%C3%84hre%2F@host:port/x", "is no URL of a database"),
        ("mysql://ann:pw-%C3%84hre%2F@host/x", "found a database of kind 'mysql'"),
        ("sqlite://", "without a file"),
        ("sqlite:///:memory:", "without a file"),
    ],
)
def test_urls_that_are_none(url, said):
    assert said in refused(Texts, url)


def test_damaged_file(tmp_path):
    (tmp_path / "a.sqlite").write_bytes(b"no database at all, but long enough to look" * 100)
    texts = Texts(f"sqlite:///{tmp_path / 'a.sqlite'}")
    assert "damaged or no SQLite file" in refused(texts.versions, PLACE)
    assert "damaged or no SQLite file" in refused(texts.add, PLACE, "x", author="Ann")


def test_damaged_in_the_middle(tmp_path):
    path = tmp_path / "a.sqlite"
    texts = Texts(f"sqlite:///{path}")
    for number in range(12):
        texts.add(PLACE, f"text {number} " + "x" * 8000, author="Ann")
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 4096] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    assert "damaged" in refused(texts.versions, PLACE)


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    texts = Texts(f"sqlite:///{tmp_path / 'file' / 'a.sqlite'}")
    assert "cannot be opened" in refused(texts.versions, PLACE)
    (tmp_path / "folder.sqlite").mkdir()
    texts = Texts(f"sqlite:///{tmp_path / 'folder.sqlite'}")
    assert "cannot be opened" in refused(texts.add, PLACE, "x", author="Ann")


def test_read_only_file_can_still_be_read(tmp_path):
    """Whoever only reads need not be able to write."""
    path = tmp_path / "a.sqlite"
    Texts(f"sqlite:///{path}").add(PLACE, "left digits", author="Ann")
    texts = Texts(f"sqlite:///{path}")
    engine = texts._database._engine

    @event.listens_for(engine, "connect")
    def forbid(connection, _):
        connection.execute("PRAGMA query_only = ON")

    assert texts.current(PLACE).text == "left digits"
    said = refused(texts.add, PLACE, "x", author="Ann")
    assert "read-only" in said


def test_locked_file(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0.1)
    path = tmp_path / "a.sqlite"
    texts = Texts(f"sqlite:///{path}")
    saved = texts.add(PLACE, "left digits", author="Ann")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    said = refused(texts.add, PLACE, "x", author="Ann")
    assert "locked by another program" in said
    assert texts.versions(PLACE) == (saved.version,)  # reading goes on
    other.close()
    assert not texts.add(PLACE, "x", author="Ann", parents=[saved.version.id]).conflict


def test_full_disk(tmp_path):
    path = tmp_path / "a.sqlite"
    texts = Texts(f"sqlite:///{path}")
    first = texts.add(PLACE, "left digits", author="Ann").version

    @event.listens_for(texts._database._engine, "connect")
    def little_room(connection, _):
        connection.execute("PRAGMA max_page_count = 40")

    kept = [first]
    with pytest.raises(CurationError, match="no room on the disk"):
        for _ in range(100):
            kept.append(texts.add(PLACE, "x" * 5000, author="Ann").version)
    assert len(kept) > 1
    assert texts.versions(PLACE) == tuple(kept)


def test_tables_of_another_version(url):
    texts = Texts(url)
    texts.add(PLACE, "left digits", author="Ann")
    with texts._database.writing() as session:
        session.get(database.About, 1).version = 99
    again = Database(url)
    assert "found tables of version 99" in refused(again.writing().__enter__)
    again.close()


def test_no_server():
    texts = Texts("postgresql://ann:pw-%C3%84hre%2F%40%3A3@127.0.0.1:9/texts")
    assert "no Postgres server answers at 127.0.0.1:9/texts" in refused(texts.versions, PLACE)


def test_wrong_password_and_database(postgres_url, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = postgres_url.replace("explorer:", "nobody:")
    assert "refused the user or password" in refused(Texts(wrong).versions, PLACE)
    nowhere = postgres_url.replace("/postgres?", "/nowhere?")
    assert "found no such database" in refused(Texts(nowhere).versions, PLACE)
    in_query = postgres_url.replace("explorer:pw-%C3%84hre%2F%40%3A3@", "explorer@")
    in_query += "&password=pw-%25"
    assert "refused the user or password" in refused(Texts(in_query).versions, PLACE)
    assert "pw-%" not in repr(open_database(in_query))
    for secret in SECRETS:
        assert secret not in caplog.text


def test_password_is_not_shown(postgres_url, caplog):
    caplog.set_level(logging.DEBUG)
    texts = Texts(postgres_url)
    texts.add(PLACE, "left digits", author="Ann")
    for shown in (texts.where, repr(texts), repr(texts._database), caplog.text):
        for secret in SECRETS:
            assert secret not in shown


def test_server_that_went_away_and_came_back(postgres_url):
    texts = Texts(postgres_url)
    texts.add(PLACE, "left digits", author="Ann")
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    assert texts.current(PLACE).text == "left digits"


def test_locked_table(postgres_url, monkeypatch):
    monkeypatch.setattr(database, "_WAIT", 0.1)
    texts = Texts(postgres_url)
    texts.add(PLACE, "left digits", author="Ann")
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE versions IN ACCESS EXCLUSIVE MODE")
        assert "locked by another program" in refused(texts.add, PLACE, "x", author="Ann")
    assert len(texts.versions(PLACE)) == 1


def test_read_only_server(postgres_url):
    Texts(postgres_url).add(PLACE, "left digits", author="Ann")
    texts = Texts(f"{postgres_url}%20-cdefault_transaction_read_only%3Don")
    assert "read-only" in refused(texts.add, PLACE, "x", author="Ann")
    assert len(texts.versions(PLACE)) == 1


def test_without_psycopg(tmp_path):
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from explorer.curation.texts import Texts\n"
        "from explorer.curation.versions import Place\n"
        "try: Texts('postgresql://a:b@127.0.0.1:9/x').versions(Place('a', 'b', 'c'))\n"
        "except ValueError as problem: print(problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'psycopg[binary]'" in done.stdout


def test_nothing_is_ever_changed_or_removed(texts):
    texts.add(PLACE, "left digits", author="Ann")
    for statement in ("UPDATE versions SET text = 'x'", "DELETE FROM versions"):

        def change(statement=statement):
            with texts._database.writing() as session:
                session.connection().exec_driver_sql(statement)

        assert "a version is never" in refused(change)
    assert [version.text for version in texts.versions(PLACE)] == ["left digits"]


def test_no_streamlit_and_no_torch_until_needed():
    code = (
        "import sys, explorer.curation.pins, explorer.curation.texts, explorer.curation.answers\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"streamlit", "psycopg", "torch"} & set(done.stdout.split())


def test_postgres_missing_is_said_and_not_skipped(monkeypatch):
    from tests.curation import postgres_server as server

    monkeypatch.setattr(server.shutil, "which", lambda name: None)
    monkeypatch.setattr(server.Path, "glob", lambda *_: iter(()))
    with pytest.raises(RuntimeError, match="found no Postgres server on this machine"):
        server.binaries()
