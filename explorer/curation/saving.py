"""What a version takes over from those it was made from, and what it stands beside."""

from collections.abc import Sequence
from datetime import timedelta

from explorer.curation.tables import VersionRow
from explorer.curation.values import MAX_TEXT, checked, now
from explorer.curation.versions import PERSON, REJECTED, STATUSES, Place, Version
from explorer.errors import CurationError


def new_row(
    place: Place,
    text: str,
    author: str,
    source: str,
    status: str,
    task: str,
    key: str,
    facts_text: str,
) -> VersionRow:
    """Return a version to insert, checked.

    Raises
    ------
    CurationError
        If a field is too long, empty or of no known value.
    """
    if status not in STATUSES:
        raise CurationError(f"found status {status!r:.40}; expected one of {', '.join(STATUSES)}")
    return VersionRow(
        network_id=checked(place.network_id, "network", 64, needed=True),
        partition=checked(place.partition, "partition", 64),
        part=checked(place.part, "part", 64, needed=True),
        task=checked(task, "task"),
        text=checked(text, "text", MAX_TEXT, needed=True),
        status=status,
        author=checked(author, "author"),
        source=checked(source, "source", needed=True),
        time=now(),
        key=checked(key, "key"),
        facts_text=checked(facts_text, "facts", MAX_TEXT),
    )


def inherit(row: VersionRow, parents: Sequence[Version]) -> None:
    """Take over from the first parent what was not given, and be later than all of them.

    Raises
    ------
    CurationError
        If a parent is none of the same part.
    """
    for parent in parents:
        if parent.place != Place(row.network_id, row.partition, row.part):
            raise CurationError(
                f"found version {parent.id} of part {parent.place.part} as what a text of part "
                f"{row.part} was made from; expected a version of the same part and network"
            )
        row.time = max(row.time, parent.time + timedelta(microseconds=1))
    row.writer = row.author if row.source == PERSON else ""
    if parents and parents[0].text == row.text:  # a verdict or a name
        row.writer = parents[0].writer
    if parents:
        row.task = row.task or parents[0].task
        row.facts_text = row.facts_text or parents[0].facts_text


def beside(saved: Version, heads: Sequence[Version]) -> tuple[Version, ...]:
    """Return the versions by people that stand beside one that was saved."""
    return tuple(
        head for head in heads if head.id != saved.id and head.by_person and head.status != REJECTED
    )


def lock_of(place: Place) -> str:
    """Return the lock under which the versions of a part are written."""
    return f"texts {place.network_id} {place.partition} {place.part}"
