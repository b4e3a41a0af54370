"""The one registry of tasks: those that are built in, and those made of a user's own files."""

from typing import TYPE_CHECKING

from explorer.errors import TaskError
from explorer.network.tasks import bits, digits
from explorer.network.tasks.base import Task

if TYPE_CHECKING:
    from explorer.network.architectures import Network

_TASKS: dict[str, Task] = {made.name: made for made in (*digits.TASKS, *bits.TASKS)}


def tasks() -> tuple[str, ...]:
    """Names of all tasks."""
    return tuple(_TASKS)


def task(name: str) -> Task:
    """Look a task up by its name.

    Raises
    ------
    TaskError
        If there is none.
    """
    if name not in _TASKS:
        raise TaskError(f"found task {name!r:.80}; expected one of {', '.join(_TASKS)}")
    return _TASKS[name]


def tasks_that_fit(network: "Network") -> tuple[str, ...]:
    """Names of the tasks whose inputs and outputs a network has."""
    return tuple(name for name, made in _TASKS.items() if made.fits(network))
