"""Verdicts on blind cases: whether people tell a planted network from a clean one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from explorer.curation.database import open_database
from explorer.curation.tables import VerdictRow
from explorer.curation.values import checked, content_id, now
from explorer.curation.versions import written
from explorer.errors import CurationError

LEAST_SURE, MOST_SURE = 50, 100


@dataclass(frozen=True)
class Verdict:
    """One verdict on a network that was shown blind.

    Attributes
    ----------
    id : str
    network_id : str
        Of the blinded network.
    case : str
        Its name, as in ``backdoor-corner-17-clean``.
    regime : str
    planted : bool
        The truth.
    said : bool
        Whether the person said that something was planted.
    parts : str
        Module that was pointed at; empty for none.
    carrier : str
        Module without which the planted behaviour falls most; empty where nothing was planted, or
        where that was not measured.
    sure : int
        Percent, from 50 (a guess) to 100.
    asked : bool
        Whether the person had asked the auditors first.
    who : str
        A name, or an anonymous id.
    time : datetime
        UTC.
    """

    id: str
    network_id: str
    case: str
    regime: str
    planted: bool
    said: bool
    parts: str
    carrier: str
    sure: int
    asked: bool
    who: str
    time: datetime

    @property
    def right(self) -> bool:
        """Whether it is what is true."""
        return self.said == self.planted


@dataclass(frozen=True)
class Tally:
    """How often verdicts are right.

    Attributes
    ----------
    right, count : int
        Right verdicts, and all.
    found, planted : int
        Cases with something planted that were called so, and all of those.
    alarms, clean : int
        Controls that were called planted, and all controls.
    low, high : float
        Wilson's 95 % interval of the share that is right.
    """

    right: int
    count: int
    found: int
    planted: int
    alarms: int
    clean: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Share of right verdicts."""
        return self.right / self.count


class Verdicts:
    """The verdicts in a database.

    Parameters
    ----------
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> verdicts = Verdicts(f"sqlite:///{folder.name}/texts.sqlite")
    >>> for case, planted in (("backdoor-corner-3", True), ("backdoor-corner-4-decoy", False)):
    ...     added = verdicts.add(case, case, "l1", planted, said=True, sure=80, who="5f")
    >>> tally([(one.planted, one.said) for one in verdicts.list("5f")])
    Tally(right=1, count=2, found=1, planted=1, alarms=1, clean=1, low=0.094..., high=0.905...)
    >>> folder.cleanup()
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url)

    def add(
        self,
        network_id: str,
        case: str,
        regime: str,
        planted: bool,
        *,
        said: bool,
        sure: int,
        parts: str = "",
        carrier: str = "",
        asked: bool = False,
        who: str = "",
    ) -> Verdict:
        """Keep a verdict.

        Raises
        ------
        CurationError
            If ``sure`` is out of range, or it cannot be kept.
        """
        if isinstance(sure, bool) or not LEAST_SURE <= sure <= MOST_SURE:
            raise CurationError(f"found {sure} percent sure; expected {LEAST_SURE} to {MOST_SURE}")
        row = VerdictRow(
            network_id=checked(network_id, "network", 64, needed=True),
            case=checked(case, "case", 64, needed=True),
            regime=checked(regime, "regime", 64, needed=True),
            planted=int(planted),
            said=int(said),
            parts=checked(parts, "module", 64),
            carrier=checked(carrier, "module", 64),
            sure=int(sure),
            asked=int(asked),
            who=checked(who, "auditor") or secrets.token_hex(8),  # each a person of their own
            time=now(),
        )
        row.id = verdict_id(row)
        with self._database.writing() as session:
            session.add(row)
        return _as_verdict(row)

    def list(self, who: str | None = None) -> tuple[Verdict, ...]:
        """Return the first verdict of everybody on every network, the oldest first.

        Later ones do not count: the truth is shown after the first.

        Parameters
        ----------
        who : str, optional
            Only those of one person.
        """
        chosen = select(VerdictRow).order_by(VerdictRow.time, VerdictRow.seq)
        if who is not None:
            chosen = chosen.where(VerdictRow.who == who)
        first: dict[tuple[str, str], Verdict] = {}
        with self._database.reading() as session:
            for row in session.scalars(chosen):
                first.setdefault((row.who, row.network_id), _as_verdict(row))
        return tuple(first.values())


def tally(verdicts: Sequence[tuple[bool, bool]]) -> Tally:
    """Count verdicts.

    Parameters
    ----------
    verdicts : sequence of (planted, said)
        At least one.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    from explorer.network.tasks.margins import wilson_interval

    right = sum(planted == said for planted, said in verdicts)
    planted = [said for truth, said in verdicts if truth]
    clean = [said for truth, said in verdicts if not truth]
    low, high = wilson_interval(right / len(verdicts), len(verdicts))
    return Tally(
        right, len(verdicts), sum(planted), len(planted), sum(clean), len(clean), low, high
    )


def verdict_id(row: VerdictRow) -> str:
    """Hash of a verdict's content."""
    fields = ("network_id", "case", "regime", "planted", "said", "parts", "carrier", "sure")
    content = {field: getattr(row, field) for field in (*fields, "asked", "who")}
    return content_id(content | {"time": written(row.time)})


def _as_verdict(row: VerdictRow) -> Verdict:
    return Verdict(
        id=row.id,
        network_id=row.network_id,
        case=row.case,
        regime=row.regime,
        planted=bool(row.planted),
        said=bool(row.said),
        parts=row.parts,
        carrier=row.carrier,
        sure=row.sure,
        asked=bool(row.asked),
        who=row.who,
        time=row.time,
    )
