"""What a report of a network says, gathered: its parts, their evidence, their texts and scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from explorer.curation.score_data import scores_from_data
from explorer.curation.texts import Texts
from explorer.curation.values import now
from explorer.curation.versions import REJECTED, PartTexts, Version
from explorer.errors import CurationError, PartitionError
from explorer.observation.parts import name_of

if TYPE_CHECKING:
    from explorer.description.description import Description
    from explorer.modularity.partition import Interface, Module, Partition
    from explorer.modularity.quality import Quality
    from explorer.network.checkpoint import Checkpoint
    from explorer.observation.parts import Part
    from explorer.observation.record import InterfaceEvidence, ModuleEvidence
    from explorer.scoring.scores import Scores

NULL_COUNT = 20


@dataclass(frozen=True)
class ReportText:
    """A text of a part in a report.

    Attributes
    ----------
    text : str
    source : str
        ``measured``, ``person`` or the name of a language model.
    writer : str
        Who wrote it, of a person's text.
    author, status : str
        Who judged it and how; of a draft, who made it.
    time : datetime or None
        None for the measured text, which is made anew every time.
    scores : Scores or None
        None if it was not scored.
    is_current : bool
        Whether it is the one that is shown where there is room for one.
    """

    text: str
    source: str
    writer: str
    author: str
    status: str
    time: datetime | None
    scores: "Scores | None"
    is_current: bool


@dataclass(frozen=True)
class ReportPart:
    """A part in a report.

    Attributes
    ----------
    part : Module, Interface or int
        An int is the node of a neuron, head or dimension.
    name : str
        What people called it; empty if they did not.
    evidence : ModuleEvidence, InterfaceEvidence or None
        None where it was not gathered.
    texts : tuple of ReportText
        The measured one first, if it was made.
    """

    part: "Part"
    name: str
    evidence: "ModuleEvidence | InterfaceEvidence | None"
    texts: tuple[ReportText, ...]


@dataclass(frozen=True)
class Report:
    """All that a report of a network shows.

    Attributes
    ----------
    checkpoint : Checkpoint
    partition : Partition
    quality : Quality
    modules, interfaces : tuple of ReportPart
        Without evidence, those of which there are texts.
    made : datetime
        UTC.
    neurons : tuple of ReportPart
        Those of which there are texts.
    """

    checkpoint: "Checkpoint"
    partition: "Partition"
    quality: "Quality"
    modules: tuple[ReportPart, ...]
    interfaces: tuple[ReportPart, ...]
    made: datetime
    neurons: tuple[ReportPart, ...] = ()

    @property
    def parts(self) -> tuple[ReportPart, ...]:
        """Modules, interfaces and neurons."""
        return (*self.modules, *self.interfaces, *self.neurons)


def gather_report(
    checkpoint: "Checkpoint",
    partition: "Partition",
    url: str | None = None,
    null_count: int = NULL_COUNT,
    score_all: bool = True,
    progress: Callable[[float], None] | None = None,
    quality_found: "Quality | None" = None,
    evidence: bool | None = None,
    descriptions: "Sequence[Description | tuple[Description, Scores]]" = (),
) -> Report:
    """Gather what a report shows.

    Parameters
    ----------
    checkpoint : Checkpoint
    partition : Partition
        Of its graph.
    url : str, optional
        Of the database of texts; by default that of ``EXPLORER_DATABASE_URL``.
    null_count : int
        Shuffled networks for each of the two ways of shuffling.
    score_all : bool
        Score texts that were not scored yet, by rules alone: a second for most networks, minutes
        for one that reads text.
    progress : callable, optional
        Called with the share that is done.
    quality_found : Quality, optional
        Figures of the partition, where they are known.
    evidence : bool, optional
        Whether to gather the evidence of every module and interface, for pictures and measured
        texts; by default unless the network is large, for which it takes hours.
    descriptions : sequence of Description, or of pairs of Description and Scores
        Besides the measured ones, and those that are kept in the database.

    Returns
    -------
    Report

    Raises
    ------
    PartitionError
        If the partition is that of another network.
    CurationError
        If the database cannot be read.
    """
    from explorer.modularity.quality import quality

    if partition.graph.checkpoint_id != checkpoint.id:
        raise PartitionError(
            f"found a partition of the network {partition.graph.checkpoint_id}; expected one of "
            f"{checkpoint.id}"
        )
    places, texts = (partition.id, ""), Texts(url)  # of neurons no partition is named
    told = [one for place in places for one in texts.parts(checkpoint.id, place)]
    said = _Said({one.place.part: one for one in told}, _given(descriptions))
    parts: tuple[Module | Interface, ...] = (*partition.modules, *partition.interfaces)
    if evidence is None:
        evidence = not partition.graph.is_large
    if evidence:
        scored = score_all and checkpoint.task is not None  # without data nothing to judge on
        gathered = _with_evidence(checkpoint, partition, parts, scored, said, progress)
    else:
        gathered = [said.of(part) for part in parts]
    nodes = [int(key) for key in said.keys if key.isdecimal()]
    neurons = [said.of(node) for node in sorted(nodes) if node < partition.graph.node_count]
    if quality_found is None:
        quality_found = quality(partition.graph, partition, null_count)
    if progress:
        progress(1.0)
    return Report(
        checkpoint=checkpoint,
        partition=partition,
        quality=quality_found,
        modules=tuple(one for one in gathered[: partition.count] if evidence or one.texts),
        interfaces=tuple(one for one in gathered[partition.count :] if evidence or one.texts),
        made=now(),
        neurons=tuple(one for one in neurons if one.texts),
    )


def _with_evidence(
    checkpoint: "Checkpoint",
    partition: "Partition",
    parts: "Sequence[Module | Interface]",
    scored: bool,
    said: "_Said",
    progress: Callable[[float], None] | None,
) -> list[ReportPart]:
    from explorer.description.measured import measured_description
    from explorer.observation.record import interface_evidence, module_evidence

    found: list[ModuleEvidence | InterfaceEvidence] = [
        *(module_evidence(checkpoint, module) for module in partition.modules),
        *(interface_evidence(checkpoint, interface) for interface in partition.interfaces),
    ]
    measured = [measured_description(one.facts) for one in found]
    gathered = []
    for at, part in enumerate(parts):
        if progress:
            progress(at / (len(parts) + 1))
        # A module is told from other modules, an interface from other interfaces.
        modules = at < partition.count
        own = range(partition.count) if modules else range(partition.count, len(parts))
        others = [measured[other] for other in own if other != at]
        judge = _judge(measured[at], found[at], others if scored else None)
        gathered.append(said.of(part, found[at], measured[at], judge))
    return gathered


@dataclass(frozen=True)
class _Said:
    """What is kept in the database and what was given, by the name of the part."""

    kept: Mapping[str, PartTexts]
    given: Mapping[str, Sequence[ReportText]]

    @property
    def keys(self) -> set[str]:
        """Names of the parts of which there are texts."""
        return {*self.kept, *self.given}

    def of(
        self,
        part: "Part",
        found: "ModuleEvidence | InterfaceEvidence | None" = None,
        measured: "Description | None" = None,
        judge: "Callable[[str], Scores | None]" = lambda text: None,
    ) -> ReportPart:
        """Return a part with all its texts, each once."""
        kept = self.kept.get(name_of(part))
        shown = kept.current if kept else None
        texts = []
        if measured is not None:
            own = judge(measured.text)
            source = measured.describer
            texts = [ReportText(measured.text, source, "", "", "", None, own, shown is None)]
        for version in kept.heads if kept else ():
            if version.status != REJECTED and version.text not in {text.text for text in texts}:
                texts.append(
                    ReportText(
                        version.text,
                        version.source,
                        version.writer,
                        version.author,
                        version.status,
                        version.time,
                        _kept_scores(version) or judge(version.text),
                        version == shown,
                    )
                )
        for text in self.given.get(name_of(part), ()):
            if text.text not in {other.text for other in texts}:
                texts.append(replace(text, scores=text.scores or judge(text.text)))
        return ReportPart(part, shown.name if shown else "", found, tuple(texts))


def _given(
    descriptions: "Sequence[Description | tuple[Description, Scores]]",
) -> dict[str, list[ReportText]]:
    found: dict[str, list[ReportText]] = {}
    for entry in descriptions:
        one, scores = entry if isinstance(entry, tuple) else (entry, None)
        text = ReportText(one.text, one.describer, "", "", "", None, scores, False)
        found.setdefault(one.part, []).append(text)
    return found


def _judge(
    measured: "Description",
    found: "ModuleEvidence | InterfaceEvidence",
    others: list["Description"] | None,
) -> Callable[[str], "Scores | None"]:
    """Return what scores a text about a part; nothing does where there are no others."""
    from explorer.scoring.score import score

    def judge(text: str) -> "Scores | None":
        if others is None:
            return None
        return score(replace(measured, text=text, written=text), found, others)

    return judge


def _kept_scores(version: Version) -> "Scores | None":
    try:
        return scores_from_data(version.scores) if version.scores else None
    except CurationError:  # from a file that another program wrote
        return None
