"""Gather what an export holds, and say what it leaves out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.curation.report import NULL_COUNT, Report, gather_report
from explorer.exporting.files import ExportFile, text_file
from explorer.exporting.graphs import MAX_EDGES, graph_files
from explorer.exporting.network_file import MAX_BYTES, network_files, size_of
from explorer.exporting.tables import table_files
from explorer.exporting.texts import text_files
from explorer.exporting.trees import tree_files
from explorer.modularity.cut_tree import CutTree, gomory_hu_tree
from explorer.modularity.module_tree import module_tree
from explorer.modularity.partition import Partition
from explorer.modularity.quality import Quality, quality
from explorer.views.report_html import report_html

if TYPE_CHECKING:
    from explorer.description.description import Description
    from explorer.scoring.scores import Scores

FEW_NULLS = 5  # of each kind, for a network whose shuffles take seconds each


@dataclass(frozen=True)
class Gathered:
    """The files of an export, and sentences on what is not among them."""

    files: tuple[ExportFile, ...]
    left_out: tuple[str, ...]


def gather(
    partition: Partition,
    descriptions: "Sequence[Description | tuple[Description, Scores]]",
    tree: CutTree | None,
    found: Quality | None,
    evidence: bool | None,
    progress: Callable[[float], None],
) -> Gathered:
    """Compute what is missing, and list the files, whose contents are made last."""
    graph, checkpoint = partition.graph, partition.graph.checkpoint
    if evidence is None:
        evidence = not graph.is_large and checkpoint is not None
    tree = tree or gomory_hu_tree(graph)
    progress(0.1)
    if found is None:
        count = FEW_NULLS if graph.is_large else NULL_COUNT
        found = quality(graph, partition, count, progress=lambda s: progress(0.1 + 0.3 * s))
    files = table_files(partition, found) + graph_files(partition)
    files += tree_files(tree, module_tree(graph, partition) if partition.count > 1 else None)
    files += network_files(partition)
    if checkpoint is not None:
        report = _report(
            partition, found, evidence, descriptions, lambda s: progress(0.4 + 0.6 * s)
        )
        files += text_files(report, descriptions)
        files += (
            text_file(
                "report.html",
                "a report to read or print: one file, which asks for nothing from anywhere",
                lambda: report_html(report),
            ),
        )
    progress(1.0)
    return Gathered(files, tuple(_left_out(partition, found, evidence)))


def _report(
    partition: Partition,
    found: Quality,
    evidence: bool,
    descriptions: "Sequence[Description | tuple[Description, Scores]]",
    progress: Callable[[float], None],
) -> Report:
    checkpoint = partition.graph.checkpoint
    assert checkpoint is not None
    reads_text = checkpoint.task is not None and checkpoint.task.is_text
    return gather_report(
        checkpoint,
        partition,
        score_all=not reads_text,
        progress=progress,
        quality_found=found,
        evidence=evidence,
        descriptions=descriptions,
    )


def _left_out(partition: Partition, found: Quality, evidence: bool) -> list[str]:
    graph, checkpoint = partition.graph, partition.graph.checkpoint
    said = []
    if not found.layered_modularity.null("all").count:
        said.append("Figures stand alone: shuffled networks were not waited for.")
    if graph.pruning is not None:
        kept = graph.pruning
        said.append(
            f"The graph has {kept.edges:,} of {kept.all_edges:,} edges, which hold {kept.mass:.1%} "
            f"of the weight: see pruning.json."
        )
    if len(graph.edges[0]) > MAX_EDGES:
        said.append(
            f"The graph over neurons is a list of edges alone (graph/edges.csv.gz): with more than "
            f"{MAX_EDGES:,} edges the other formats would take hundreds of megabytes."
        )
    if checkpoint is None:
        said.append("There is no network, text or report: the graph was made by hand.")
        return said
    if size_of(checkpoint) > MAX_BYTES:
        said.append(
            f"The network itself is not here, as its weights take more than "
            f"{MAX_BYTES // 2**20} MB: labels.json has the modules of its neurons."
        )
    if not evidence:
        said.append(
            "The evidence of modules and interfaces was not gathered, so there are no measured "
            "texts: those here, in descriptions.jsonl and in the report, were kept or given."
        )
    if checkpoint.task is None:
        said.append("There is no data for this network, so nothing is told of what modules do.")
    return said
