"""The texts about parts of networks, every version of them, with author, time and source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from explorer.curation import version_store
from explorer.curation.curated_exemplars import Exemplars
from explorer.curation.database import open_database
from explorer.curation.saving import beside, inherit, lock_of, new_row
from explorer.curation.score_data import scores_as_data
from explorer.curation.tables import VersionRow
from explorer.curation.values import as_json, checked
from explorer.curation.versions import (
    ACCEPTED,
    DRAFT,
    PERSON,
    REJECTED,
    PartTexts,
    Place,
    Saved,
    Version,
    current,
)
from explorer.errors import CurationError

if TYPE_CHECKING:
    from explorer.description.description import Description
    from explorer.description.exemplars import Exemplar
    from explorer.scoring.scores import Scores

__all__ = ["MAX_FOUND", "Texts"]

MAX_FOUND = 500


class Texts:
    """The texts in a database.

    Versions are added and never changed. A version says which it was made from; where two people
    save from the same one, both stay, and the second is told and sees both.

    Parameters
    ----------
    url : str, optional
        Of the database; by default that of ``EXPLORER_DATABASE_URL``, and without that the file
        ``texts.sqlite`` in ``home()``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> folder = TemporaryDirectory()
    >>> texts = Texts(f"sqlite:///{folder.name}/texts.sqlite")
    >>> place = Place("4d3c", "77aa", "A")
    >>> first = texts.add(place, "reads the left digit", source="Gemma 3 270M").version
    >>> ann = texts.add(place, "The left digit.", author="Ann", parents=[first.id])
    >>> ben = texts.add(place, "Left digits, 3 above all", author="Ben", parents=[first.id])
    >>> ann.conflict, [other.author for other in ben.others]
    (False, ['Ann'])
    >>> both = [ann.version.id, ben.version.id]
    >>> joined = texts.merge(place, "The left digit, 3 above all", both, author="Ben")
    >>> texts.accept(joined.version.id, author="Ann").version.status
    'accepted'
    >>> texts.current(place).text, len(texts.versions(place)), len(texts.heads(place))
    ('The left digit, 3 above all', 5, 1)
    >>> [found.author for found in texts.search("digit abov")]
    ['Ann']
    >>> folder.cleanup()
    """

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._database = open_database(url)

    @property
    def where(self) -> str:
        """Where the texts are kept, for people; never a password."""
        return self._database.name

    def add(
        self,
        place: Place,
        text: str,
        *,
        author: str = "",
        source: str = PERSON,
        parents: Sequence[str] = (),
        name: str | None = None,
        status: str = DRAFT,
        task: str = "",
        key: str = "",
        facts_text: str = "",
        scores: "Scores | Mapping[str, Any] | None" = None,
    ) -> Saved:
        """Add a version of the text of a part.

        Parameters
        ----------
        place : Place
        text : str
        author : str
            Who wrote it; leave it empty for what no person has touched.
        source : str
            ``person``, ``measured`` or the name of a language model.
        parents : sequence of str
            Ids of the versions that it was made from: what the author saw when starting to edit.
        name : str, optional
            What the part is to be called; by default as in the first parent.
        status : {"draft", "accepted", "rejected"}
        task, facts_text : str
            By default as in the first parent.
        key : str
        scores : Scores or mapping, optional

        Returns
        -------
        Saved
            With the versions by other people that now stand beside it.

        Raises
        ------
        CurationError
            If the text is empty or too long, a parent is none of this part's, or it cannot be
            kept.
        """
        row = new_row(place, text, author, source, status, task, key, facts_text)
        data = None if scores is None else as_json(scores_as_data(scores), "scores")
        origins = tuple(dict.fromkeys(parents))
        with self._database.writing(lock_of(place)) as session:
            before = [version_store.find(session, origin) for origin in origins]
            inherit(row, before)
            row.name = before[0].name if name is None and before else checked(name or "", "name")
            saved = version_store.insert(session, row, origins, data)
            heads = version_store.heads(session, place)
        return Saved(saved, beside(saved, heads))

    def keep(
        self,
        description: "Description",
        *,
        task: str = "",
        facts_text: str = "",
        scores: "Scores | None" = None,
    ) -> Saved:
        """Add what a describer wrote as a draft, once: the same text by the same key is known.

        Scores of a known text are added to it.
        """
        place = Place(description.checkpoint_id, description.partition_id, description.part)
        for known in self.versions(place):
            same = (known.key, known.text) == (description.key, description.text.strip())
            if same and not known.by_person:
                if scores is None or known.scores == scores_as_data(scores):
                    return Saved(known, ())
                return Saved(self.add_scores(known.id, scores), ())
        return self.add(
            place,
            description.text,
            source=description.describer,
            task=task,
            key=description.key,
            facts_text=facts_text,
            scores=scores,
        )

    def merge(
        self, place: Place, text: str, parents: Sequence[str], *, author: str, name: str = ""
    ) -> Saved:
        """Join versions that stand beside each other into one that was made from all of them.

        Raises
        ------
        CurationError
            If there are fewer than two.
        """
        if len(set(parents)) < 2:
            raise CurationError(f"found {len(set(parents))} versions to join; expected two or more")
        return self.add(place, text, author=author, parents=parents, name=name or None)

    def accept(self, version_id: str, author: str) -> Saved:
        """Accept a version: a new one with the same text, and that status."""
        return self._judge(version_id, author, ACCEPTED)

    def reject(self, version_id: str, author: str) -> Saved:
        """Reject a version: a new one with the same text, and that status."""
        return self._judge(version_id, author, REJECTED)

    def rename(self, version_id: str, name: str, author: str) -> Saved:
        """Give the part another name: a new version with the same text and status."""
        found = self.get(version_id)
        return self._again(found, author, name=name, status=found.status)

    def add_scores(self, version_id: str, scores: "Scores | Mapping[str, Any]") -> Version:
        """Keep how a version scored; the latest scores count, and earlier ones are kept."""
        data = as_json(scores_as_data(scores), "scores")
        with self._database.writing() as session:
            version = version_store.find(session, version_id)
            version_store.insert_scores(session, version_id, data)
        return replace(version, scores=scores_as_data(scores))

    def get(self, version_id: str) -> Version:
        """Return one version.

        Raises
        ------
        CurationError
            If there is none of this id.
        """
        with self._database.reading() as session:
            return version_store.find(session, version_id)

    def versions(self, place: Place) -> tuple[Version, ...]:
        """Return all versions of the text of a part, the oldest first."""
        with self._database.reading() as session:
            return version_store.select_versions(session, version_store.of_place(place))[::-1]

    def heads(self, place: Place) -> tuple[Version, ...]:
        """Return the versions from which no other was made, the newest first."""
        with self._database.reading() as session:
            return version_store.heads(session, place)

    def current(self, place: Place) -> Version | None:
        """Return the text to show: accepted, else by a person, else generated, the newest."""
        return current(self.heads(place))

    def parts(
        self, network_id: str | None = None, partition: str | None = None
    ) -> tuple[PartTexts, ...]:
        """Return what is now said of every part; only of a network or partition if given."""
        chosen = select(VersionRow).where(version_store.is_head())
        if network_id is not None:
            chosen = chosen.where(VersionRow.network_id == network_id)
        if partition is not None:
            chosen = chosen.where(VersionRow.partition == partition)
        grouped: dict[Place, list[Version]] = {}
        with self._database.reading() as session:
            for version in version_store.select_versions(session, chosen):
                grouped.setdefault(version.place, []).append(version)
        order = sorted(grouped, key=lambda p: (p.network_id, p.partition, len(p.part), p.part))
        return tuple(PartTexts(at, current(grouped[at]), tuple(grouped[at])) for at in order)

    def search(
        self,
        query: str,
        network_id: str | None = None,
        history: bool = False,
        limit: int = MAX_FOUND,
    ) -> tuple[Version, ...]:
        """Find texts and names in which every word of a query begins a word; the newest first.

        Case and accents do not matter; whatever else a query holds is passed over, and one without
        a word finds nothing.

        Parameters
        ----------
        query : str
        network_id : str, optional
        history : bool
            Search in all versions, and not only in those from which no other was made.
        limit : int
        """
        chosen = version_store.matching(query, self._database.is_sqlite)
        if chosen is None:
            return ()
        if network_id is not None:
            chosen = chosen.where(VersionRow.network_id == network_id)
        if not history:
            chosen = chosen.where(version_store.is_head())
        with self._database.reading() as session:
            return version_store.select_versions(session, chosen, min(max(limit, 0), MAX_FOUND))

    def exemplars(self, task: str, limit: int = 3, leave_out: str = "") -> tuple["Exemplar", ...]:
        """Return exemplars to describe by, people's own first; see ``Exemplars.choose``."""
        return Exemplars(self._url).choose(task, limit, leave_out)

    def _judge(self, version_id: str, author: str, status: str) -> Saved:
        found = self.get(version_id)
        return self._again(found, author, name=found.name, status=status)

    def _again(self, found: Version, author: str, name: str, status: str) -> Saved:
        if (found.name, found.status) == (name, status):
            return Saved(found, beside(found, self.heads(found.place)))
        return self.add(
            found.place,
            found.text,
            author=checked(author, "author", needed=True),
            source=found.source,
            parents=[found.id],
            name=name,
            status=status,
            key=found.key,
            scores=found.scores,
        )
