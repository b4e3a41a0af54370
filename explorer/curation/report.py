"""What a report of a network says, gathered: its parts, their evidence, their texts and scores."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from explorer.curation.score_data import scores_from_data
from explorer.curation.texts import Texts
from explorer.curation.values import now
from explorer.curation.versions import REJECTED, PartTexts, Place, Version
from explorer.errors import CurationError, PartitionError

if TYPE_CHECKING:
    from explorer.description.description import Description
    from explorer.modularity.partition import Interface, Module, Partition
    from explorer.modularity.quality import Quality
    from explorer.network.checkpoint import Checkpoint
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
    """A module or interface in a report.

    Attributes
    ----------
    part : Module or Interface
    name : str
        What people called it; empty if they did not.
    evidence : ModuleEvidence or InterfaceEvidence
    texts : tuple of ReportText
        The measured one first.
    """

    part: "Module | Interface"
    name: str
    evidence: "ModuleEvidence | InterfaceEvidence"
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
    made : datetime
        UTC.
    """

    checkpoint: "Checkpoint"
    partition: "Partition"
    quality: "Quality"
    modules: tuple[ReportPart, ...]
    interfaces: tuple[ReportPart, ...]
    made: datetime


def gather_report(
    checkpoint: "Checkpoint",
    partition: "Partition",
    url: str | None = None,
    null_count: int = NULL_COUNT,
    score_all: bool = True,
    progress: Callable[[float], None] | None = None,
    quality_found: "Quality | None" = None,
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
    from explorer.description.measured import measured_description
    from explorer.modularity.quality import quality
    from explorer.observation.record import interface_evidence, module_evidence

    if partition.graph.checkpoint_id != checkpoint.id:
        raise PartitionError(
            f"found a partition of the network {partition.graph.checkpoint_id}; expected one of "
            f"{checkpoint.id}"
        )
    kept = {part.place: part for part in Texts(url).parts(checkpoint.id, partition.id)}
    parts: tuple[Module | Interface, ...] = (*partition.modules, *partition.interfaces)
    found: list[ModuleEvidence | InterfaceEvidence] = [
        *(module_evidence(checkpoint, module) for module in partition.modules),
        *(interface_evidence(checkpoint, interface) for interface in partition.interfaces),
    ]
    measured = [measured_description(one.facts) for one in found]
    scored = score_all and checkpoint.task is not None  # without data there is nothing to judge on
    gathered = []
    for at, part in enumerate(parts):
        if progress:
            progress(at / (len(parts) + 1))
        # A module is told from other modules, an interface from other interfaces.
        modules = at < partition.count
        own = range(partition.count) if modules else range(partition.count, len(parts))
        others = [measured[other] for other in own if other != at]
        judge = _judge(measured[at], found[at], others if scored else None)
        gathered.append(_part(part, found[at], measured[at], judge, kept.get(Place.of(part))))
    if quality_found is None:
        quality_found = quality(partition.graph, partition, null_count)
    if progress:
        progress(1.0)
    return Report(
        checkpoint=checkpoint,
        partition=partition,
        quality=quality_found,
        modules=tuple(gathered[: partition.count]),
        interfaces=tuple(gathered[partition.count :]),
        made=now(),
    )


def _part(
    part: "Module | Interface",
    found: "ModuleEvidence | InterfaceEvidence",
    measured: "Description",
    judge: Callable[[str], "Scores | None"],
    kept: PartTexts | None,
) -> ReportPart:
    shown = kept.current if kept else None
    own = judge(measured.text)
    texts = [ReportText(measured.text, measured.describer, "", "", "", None, own, shown is None)]
    for version in kept.heads if kept else ():
        if version.status != REJECTED and version.text != measured.text:
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
    return ReportPart(part, shown.name if shown else "", found, tuple(texts))


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
