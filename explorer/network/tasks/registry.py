"""The one registry of tasks: those that are built in, and those made of a user's own files."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from explorer.errors import TaskError
from explorer.network.tasks import (
    bits,
    digits,
    gridworld,
    idx,
    marked_digits,
    modular_addition,
    plane,
    stories,
    text,
)
from explorer.network.tasks.base import Task
from explorer.network.tasks.kept import is_user_task, kept_task, register, user_tasks
from explorer.network.tasks.planted.base import CaseName
from explorer.network.tasks.planted.cases import case_task

if TYPE_CHECKING:
    from explorer.network.architectures import Network

__all__ = ["register", "task", "tasks", "tasks_that_fit", "user_tasks"]

_TASKS: dict[str, Task] = {
    made.name: made
    for made in (
        *plane.TASKS,
        *bits.TASKS,
        *digits.TASKS,
        *marked_digits.TASKS,
        *gridworld.TASKS,
        *idx.TASKS,
        *modular_addition.TASKS,
        *text.TASKS,
        *stories.TASKS,
    )
}
_SPIRAL = re.compile(r"spiral-([0-9]{1,2})")


def tasks() -> tuple[str, ...]:
    """Names of all tasks that are built in; ``user_tasks`` lists the others."""
    return tuple(_TASKS)


def task(name: str) -> Task:
    """Look a task up by its name.

    Besides the names that ``tasks`` lists there are spirals of up to 12 arms, such as ``spiral-7``,
    the tasks of users' own files (see ``register``), and planted failures with their controls such
    as ``backdoor-corner-17`` (see ``explorer.network.tasks.planted``).

    Raises
    ------
    TaskError
        If there is none, or the kept file of a user's task was damaged.
    """
    if name in _TASKS:
        return _TASKS[name]
    if is_user_task(name):
        return kept_task(name)
    case = CaseName.read(name)
    if case is not None:
        return case_task(case)
    arms = _SPIRAL.fullmatch(name)
    if arms and name == f"spiral-{int(arms[1])}" and 2 < int(arms[1]) <= plane.MAX_ARMS:
        return _spiral(int(arms[1]))
    raise TaskError(f"found task {name!r:.80}; expected one of {', '.join(_TASKS)}")


_spiral = lru_cache(maxsize=plane.MAX_ARMS)(plane.spiral)


def tasks_that_fit(network: "Network") -> tuple[str, ...]:
    """Names of the built-in tasks whose inputs and outputs a network has."""
    return tuple(name for name, made in _TASKS.items() if made.fits(network))
