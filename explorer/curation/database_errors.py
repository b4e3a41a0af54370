"""What went wrong with a database, in one sentence that tells no password."""

import sqlite3

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, TimeoutError

# The words of SQLite and Postgres, what was found, and what was expected. The first that fits wins.
_SENTENCES = (
    (
        ("is locked", "lock timeout", "deadlock detected", "is busy"),
        "found {name} locked by another program for too long; expected it to be free for a moment",
    ),
    (
        ("is full", "no space left", "could not extend file", "temp_file_limit"),
        "found no room on the disk of {name}; expected some, and nothing was changed",
    ),
    (
        ("readonly", "read-only"),
        "found {name} read-only; expected a database that can be written",
    ),
    (
        ("not a database", "malformed", "file is encrypted"),
        "found {name} damaged or no SQLite file; expected a database that this program made: move "
        "it away, and an empty one is made",
    ),
    (
        ("unable to open", "permission denied", "not a directory", "file exists", "is a directory"),
        "{name} cannot be opened ({short}); expected a folder that can be read and written",
    ),
    (
        ("password authentication failed", "no password supplied", "authentication failed"),
        "the server of {name} refused the user or password; expected those it knows",
    ),
    (
        ("too many connections", "too many clients", "queuepool limit"),
        "the server of {name} has no connection free; expected one within half a minute",
    ),
    (
        ("does not exist",),
        "found no such database, user or table at {name} ({short}); expected one that exists",
    ),
    (
        ("connection", "timeout", "could not translate host", "terminating", "server closed"),
        "no Postgres server answers at {name}; expected one that is running and can be reached",
    ),
)


def in_one_sentence(problem: Exception, name: str, url: URL) -> str:
    """Say what went wrong with a database, without its password."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    lines = str(cause).strip().splitlines() or [type(cause).__name__]
    short = _without_secrets(lines[0], url)[:160]
    if isinstance(problem, OSError) and problem.strerror:
        short = problem.strerror
    if isinstance(problem, IntegrityError):
        return f"found an entry that does not go with the others in {name} ({short})"
    words = str(cause).lower()
    if isinstance(problem, TimeoutError):
        words = "queuepool limit"
    for fragments, sentence in _SENTENCES:
        if any(fragment in words for fragment in fragments):
            return sentence.format(name=name, short=short)
    kind = "SQLite" if isinstance(cause, sqlite3.Error) else "the database"
    return f"{kind} did not do it: {short} ({name}); expected it to read and write texts"


def _without_secrets(line: str, url: URL) -> str:
    secrets = [str(url.password or "")]
    for value in url.query.values():
        secrets.extend([value] if isinstance(value, str) else value)
    for secret in secrets:
        if len(secret) > 1:
            line = line.replace(secret, "***")
    return line
