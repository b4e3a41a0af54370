"""Answers of the reading quiz: whether people tell a part's own description from others."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from explorer.curation.database import open_database
from explorer.curation.tables import AnswerRow
from explorer.curation.values import MAX_TEXT, as_json, checked, content_id, now
from explorer.curation.versions import PERSON, Place, written
from explorer.errors import CurationError

_MOST = 20  # options of a question


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes
    ----------
    id : str
    place : Place
        The part whose evidence was shown.
    options : tuple of str
        The texts to choose from, as shown.
    right, chosen : int
        Index of the part's own text, and of the one that was chosen.
    who : str
        A name, or an anonymous id.
    kind : str
        ``person``, or the name of a language model.
    time : datetime
        UTC.
    """

    id: str
    place: Place
    options: tuple[str, ...]
    right: int
    chosen: int
    who: str
    kind: str
    time: datetime

    @property
    def hit(self) -> bool:
        """Whether it is right."""
        return self.right == self.chosen


@dataclass(frozen=True)
class HitRate:
    """How often a kind of reader is right.

    Attributes
    ----------
    kind : str
        ``person``, or the name of a language model.
    readers : int
        Different readers.
    right, count : int
        Right answers, and all; of every reader only the first to each part counts, since the right
        answer is shown then.
    low, high : float
        Wilson's 95 % interval of the rate.
    chance : float
        What guessing gives: the mean of 1 / options.
    """

    kind: str
    readers: int
    right: int
    count: int
    low: float
    high: float
    chance: float

    @property
    def rate(self) -> float:
        """Share of right answers."""
        return self.right / self.count


class Answers:
    """The answers in a database.

    Parameters
    ----------
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> answers = Answers(f"sqlite:///{folder.name}/texts.sqlite")
    >>> texts = ["left digits", "right digits", "borders", "nothing"]
    >>> for part, chosen in (("A", 0), ("B", 1), ("B", 3)):
    ...     answer = answers.add(Place("4d3c", "77aa", part), texts, 0, chosen, who="5f")
    >>> (people,) = answers.hit_rates()
    >>> people.right, people.count, people.chance, round(people.low, 2), round(people.high, 2)
    (1, 2, 0.25, 0.09, 0.91)
    >>> folder.cleanup()
    """

    def __init__(self, url: str | None = None) -> None:
        self._database = open_database(url)

    def add(
        self,
        place: Place,
        options: Sequence[str],
        right: int,
        chosen: int,
        *,
        who: str = "",
        kind: str = PERSON,
    ) -> Answer:
        """Keep an answer.

        Raises
        ------
        CurationError
            If there are fewer than two options, an index is none of theirs, or it cannot be kept.
        """
        texts = [checked(option, "option", MAX_TEXT) for option in options]
        if not 2 <= len(texts) <= _MOST:
            raise CurationError(f"found {len(texts)} options; expected 2 to {_MOST}")
        for index in (right, chosen):
            if isinstance(index, bool) or not 0 <= index < len(texts):
                raise CurationError(f"found option {index}; expected 0 to {len(texts) - 1}")
        row = AnswerRow(
            network_id=checked(place.network_id, "network", 64, needed=True),
            partition=checked(place.partition, "partition", 64),
            part=checked(place.part, "part", 64, needed=True),
            options=as_json(texts, "options"),
            correct=int(right),
            chosen=int(chosen),
            who=checked(who, "reader") or secrets.token_hex(8),  # each a reader of their own
            kind=checked(kind, "kind of reader", needed=True),
            time=now(),
        )
        row.id = answer_id(row)
        with self._database.writing() as session:
            session.add(row)
        return as_answer(row)

    def list(self, network_id: str | None = None, kind: str | None = None) -> tuple[Answer, ...]:
        """Return answers, the oldest first; only of a network or kind of reader if given."""
        chosen = select(AnswerRow).order_by(AnswerRow.time, AnswerRow.seq)
        if network_id is not None:
            chosen = chosen.where(AnswerRow.network_id == network_id)
        if kind is not None:
            chosen = chosen.where(AnswerRow.kind == kind)
        with self._database.reading() as session:
            return tuple(as_answer(row) for row in session.scalars(chosen))

    def hit_rates(self, network_id: str | None = None) -> tuple[HitRate, ...]:
        """Return how often each kind of reader is right, people first; see ``HitRate``."""
        return hit_rates(self.list(network_id))


def hit_rates(answers: Sequence[Answer]) -> tuple[HitRate, ...]:
    """Count right answers by kind of reader, with Wilson's intervals.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    from explorer.network.tasks.margins import wilson_interval

    first: dict[tuple[str, str, Place], Answer] = {}
    for answer in answers:
        first.setdefault((answer.kind, answer.who, answer.place), answer)
    rates = []
    for kind in sorted(
        {answer.kind for answer in answers}, key=lambda kind: (kind != PERSON, kind)
    ):
        own = [answer for answer in first.values() if answer.kind == kind]
        right = sum(answer.hit for answer in own)
        low, high = wilson_interval(right / len(own), len(own))
        rates.append(
            HitRate(
                kind=kind,
                readers=len({answer.who for answer in own}),
                right=right,
                count=len(own),
                low=low,
                high=high,
                chance=sum(1 / len(answer.options) for answer in own) / len(own),
            )
        )
    return tuple(rates)


def answer_id(row: AnswerRow) -> str:
    """Hash of an answer's content."""
    fields = ("network_id", "partition", "part", "options", "correct", "chosen", "who", "kind")
    content = {field: getattr(row, field) for field in fields}
    return content_id(content | {"time": written(row.time)})


def as_answer(row: AnswerRow) -> Answer:
    """Return a row as a value."""
    return Answer(
        id=row.id,
        place=Place(row.network_id, row.partition, row.part),
        options=tuple(json.loads(row.options)),
        right=row.correct,
        chosen=row.chosen,
        who=row.who,
        kind=row.kind,
        time=row.time,
    )
