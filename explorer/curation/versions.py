"""Values of curation: where a text belongs, one version of it, and what saving it found."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from explorer.curation.search_words import indexed
from explorer.curation.tables import VersionRow
from explorer.curation.values import content_id
from explorer.errors import CurationError

if TYPE_CHECKING:
    from explorer.modularity.partition import Interface, Module

PERSON, MEASURED, IMPORT = "person", "measured", "import"
DRAFT, ACCEPTED, REJECTED = STATUSES = ("draft", "accepted", "rejected")


@dataclass(frozen=True)
class Place:
    """Where a text belongs.

    Attributes
    ----------
    network_id : str
    partition : str
        Id of the partition; or weighting and number of modules, as in ``activity-4``; empty for a
        neuron.
    part : str
        ``A``, ``A-B``, or the number of a node.
    """

    network_id: str
    partition: str
    part: str

    @classmethod
    def of(cls, part: "Module | Interface") -> "Place":
        """Return the place of a module or interface.

        Raises
        ------
        CurationError
            If it is part of a graph that was made by hand, which has no network.
        """
        network = part.partition.graph.checkpoint_id
        if network is None:
            raise CurationError("found a graph made by hand; expected one made from a checkpoint")
        return cls(network, part.partition.id, part.name)

    @classmethod
    def of_neuron(cls, network_id: str, node: int) -> "Place":
        """Return the place of a neuron."""
        return cls(network_id, "", str(node))


@dataclass(frozen=True)
class Version:
    """One version of the text of a part. Versions are added and never changed.

    Attributes
    ----------
    id : str
        Hash of all that follows but the scores.
    place : Place
    text : str
    name : str
        What the part is called; empty if it has no name.
    status : {"draft", "accepted", "rejected"}
    author : str
        Who made this version: wrote, named, accepted or rejected it; empty for what no person has
        touched.
    source : str
        ``person``, ``measured``, ``import``, or the name of the language model that wrote it.
    time : datetime
        UTC.
    task : str
        Key of the network's task; empty where it is not known.
    key : str
        That of the description (see ``Description.key``); empty for what a person wrote.
    facts_text : str
        The facts as a describer reads them, so that it can serve as an exemplar.
    parents : tuple of str
        Ids of the versions that it was made from: none, one, or for a merge two or more.
    scores : dict or None
        Plain data of its latest scores, by name; None if it has none.
    writer : str
        The person who wrote the text, whoever judged it since; empty for a generated one.
    """

    id: str
    place: Place
    text: str
    name: str
    status: str
    author: str
    source: str
    time: datetime
    task: str
    key: str
    facts_text: str
    parents: tuple[str, ...]
    scores: dict[str, Any] | None
    writer: str = ""

    @property
    def by_person(self) -> bool:
        """Whether a person wrote it or judged it."""
        return self.source == PERSON or bool(self.author)


@dataclass(frozen=True)
class Saved:
    """What was saved, and what stands beside it.

    Attributes
    ----------
    version : Version
    others : tuple of Version
        Latest versions by people that this one was not made from: somebody else saved meanwhile.
        Both are kept; a version made from both (``Texts.merge``) joins them again.
    """

    version: Version
    others: tuple[Version, ...]

    @property
    def conflict(self) -> bool:
        """Whether somebody else's version stands beside it."""
        return bool(self.others)


@dataclass(frozen=True)
class PartTexts:
    """All that is now said of one part.

    Attributes
    ----------
    place : Place
    current : Version or None
        See ``current``.
    heads : tuple of Version
        Versions from which no other was made, the newest first.
    """

    place: Place
    current: Version | None
    heads: tuple[Version, ...]

    @property
    def branches(self) -> tuple[Version, ...]:
        """The heads by people that are not rejected: more than one must be joined by somebody."""
        return tuple(v for v in self.heads if v.by_person and v.status != REJECTED)


def current(heads: Sequence[Version]) -> Version | None:
    """Return the text to show of some heads: accepted, else by a person, else generated.

    Of equals the newest; measured texts come last and rejected ones never.
    """
    standing = [version for version in heads if version.status != REJECTED]
    return max(standing, key=_rank, default=None)


def _rank(version: Version) -> tuple[bool, bool, bool, datetime, str]:
    return (
        version.status == ACCEPTED,
        version.by_person,
        version.source != MEASURED,
        version.time,
        version.id,
    )


def version_id(version: VersionRow, parents: Sequence[str]) -> str:
    """Hash of a version's content, without its scores."""
    fields = (
        "network_id",
        "partition",
        "part",
        "task",
        "text",
        "name",
        "status",
        "author",
        "writer",
    )
    content = {field: getattr(version, field) for field in (*fields, "source", "key", "facts_text")}
    return content_id(content | {"time": written(version.time), "parents": list(parents)})


def row_words(row: VersionRow) -> str:
    """Return the words that a version is found by: those of its text and name."""
    return indexed(row.text, row.name)


def written(time: datetime) -> str:
    """Write a moment in UTC as in ``2026-11-24T19:30:00.123456+00:00``."""
    return time.isoformat(timespec="microseconds")


def as_version(row: VersionRow) -> Version:
    """Return a row as a value."""
    return Version(
        id=row.id,
        place=Place(row.network_id, row.partition, row.part),
        text=row.text,
        name=row.name,
        status=row.status,
        author=row.author,
        source=row.source,
        time=row.time,
        task=row.task,
        key=row.key,
        facts_text=row.facts_text,
        parents=tuple(parent.parent for parent in row.parents),
        scores=json.loads(row.scores[-1].scores) if row.scores else None,
        writer=row.writer,
    )
