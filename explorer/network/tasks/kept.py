"""Users' own tasks, kept so that they are found again after a restart.

A task is kept as one file: a line of JSON that says how it was made, then the user's file as it
came. Its name is a hash of both, so a file that was changed since is noticed. Whoever has the name
can open the task; it cannot be guessed.
"""

import contextlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from explorer.errors import TaskError
from explorer.network.atomic import write_atomically
from explorer.network.home import home
from explorer.network.tasks import samples_kept, table_file
from explorer.network.tasks.base import Task
from explorer.network.tasks.sources import Source, content_name, read_source
from explorer.network.tasks.table import task_from_csv
from explorer.network.tasks.text import task_from_text

MAX_KEPT = 100
TRAINABLE = ("csv", "text")
_NAME = re.compile(r"(csv|text|texts|pictures|rows)-[0-9a-f]{16}")
_VERSION = 1
_MAX_HEADER = 10_000


def is_user_task(name: str) -> bool:
    """Tell whether a name is of the form that users' own tasks have.

    Examples
    --------
    >>> is_user_task("csv-0123456789abcdef"), is_user_task("csv-../../etc/passwd")
    (True, False)
    """
    return _NAME.fullmatch(name) is not None


def register(task: Task, source: Source) -> Task:
    """Keep a task of a user's own file, so that its name finds it from now on.

    Of more than a hundred, those that were not used for longest are dropped.

    Parameters
    ----------
    task : Task
        Made by ``task_from_csv`` or ``task_from_text``, or of samples (see ``samples_kept``).
    source : bytes or path
        The file that it was made of; of samples, their packed form.

    Returns
    -------
    Task
        The same.

    Raises
    ------
    TaskError
        If the task was not made of this file, or the file cannot be kept.
    """
    kind = task.name.partition("-")[0]
    data = read_source(source, table_file.MAX_BYTES)
    target = task.heads[0].name if kind == "csv" and task.heads else None
    if not is_user_task(task.name) or content_name(kind, target, data) != task.name:
        raise TaskError(
            f"found the task {task.name!r:.60}, which was not made of this file; expected one made "
            f"of it by task_from_csv or task_from_text"
        )
    header = {"version": _VERSION, "title": task.title, "target": target}
    path = _path(task.name)
    try:
        write_atomically(path, json.dumps(header).encode() + b"\n" + data)
    except OSError as problem:
        raise TaskError(
            f"found no way to keep {task.title} in {path.parent} ({problem.strerror}); expected a "
            f"folder that can be written and a disk with {len(data) / 1e6:.1f} MB left"
        ) from problem
    kept = sorted((_last_used(path), path) for path in path.parent.glob("*.task"))
    for _, old in kept[:-MAX_KEPT]:
        old.unlink(missing_ok=True)
    return task


def kept_task(name: str) -> Task:
    """Find a task that was kept.

    Raises
    ------
    TaskError
        If there is none of this name or its file was damaged.
    """
    path = _path(name)
    if not is_user_task(name) or not path.is_file():
        raise TaskError(
            f"found no task {name!r:.60}; expected that of a file that was opened on this computer"
        )
    with contextlib.suppress(OSError):  # a folder that can only be read
        path.touch()
    return _made(path)


def user_tasks(kinds: Sequence[str] = (*TRAINABLE, *samples_kept.KINDS)) -> dict[str, str]:
    """Names of the tasks that are kept, with their names for people, last used first.

    Parameters
    ----------
    kinds : sequence of str
        ``csv`` and ``text`` can be trained on; ``texts``, ``pictures`` and ``rows`` are what opened
        networks were looked at with.
    """
    found = {}
    for _, path in sorted(
        ((_last_used(path), path) for path in (home() / "tasks").glob("*.task")), reverse=True
    ):
        if is_user_task(path.stem) and path.stem.partition("-")[0] in kinds:
            with contextlib.suppress(OSError, TaskError), path.open("rb") as stream:
                found[path.stem] = _header(path, stream.readline(_MAX_HEADER))[0]
    return found


# A name stands for its content, so what was made once need not be read again.
@lru_cache(maxsize=4)
def _made(path: Path) -> Task:
    name = path.stem
    try:
        with path.open("rb") as stream:
            title, target = _header(path, stream.readline(_MAX_HEADER))
            data = stream.read(table_file.MAX_BYTES + 1)
    except OSError as problem:
        raise TaskError(
            f"found the kept task {name} unreadable ({problem.strerror}); expected a file at {path}"
        ) from problem
    kind = name.partition("-")[0]
    if content_name(kind, target, data) != name:
        raise TaskError(
            f"found the kept task {name} changed; expected {path.name} as it was written"
        )
    if kind in samples_kept.KINDS:
        return samples_kept.task_of_samples(kind, data)
    if kind == "csv":
        return task_from_csv(data, title, target)
    return task_from_text(data, title)


def _header(path: Path, line: bytes) -> tuple[str, str | None]:
    """Title and target that the first line of a kept file names."""
    try:
        found = json.loads(line)
        title, target = found["title"], found["target"]
        sound = found["version"] == _VERSION and isinstance(title, str)
    except (ValueError, TypeError, KeyError, RecursionError):
        sound, title, target = False, "", None
    if not sound or not isinstance(target, str | None):
        raise TaskError(
            f"found the kept task {path.stem} damaged; expected {path.name} as it was written"
        )
    return title, target


def _path(name: str) -> Path:
    return home() / "tasks" / f"{name if is_user_task(name) else 'none'}.task"


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # dropped by another process a moment ago
        return 0.0
