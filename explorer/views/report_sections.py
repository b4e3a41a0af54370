"""A report as sections of sentences, tables and pictures, to be written as HTML or Markdown."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from explorer.curation.report import Report, ReportPart
from explorer.modularity.partition import Partition
from explorer.observation.parts import name_of
from explorer.observation.record import InterfaceEvidence, ModuleEvidence
from explorer.views.headlines import COMPUTATION, figure_table
from explorer.views.network_text import describe_network
from explorer.views.palette import module_color
from explorer.views.pictures import examples, input_maps
from explorer.views.png import grey_picture, picture
from explorer.views.program import program
from explorer.views.pruning_text import describe_pruning, describe_shortcuts
from explorer.views.report_layers import MAX_BLOCKS, layer_tables
from explorer.views.report_texts import TextBlock, neuron_blocks, text_blocks
from explorer.views.tables import connections_table, parts_table
from explorer.views.text import (
    describe_effect,
    describe_holding,
    describe_inputs,
    describe_interface,
    describe_module,
    describe_split,
    describe_unattached,
    verdict,
)

if TYPE_CHECKING:
    from explorer.modularity.partition import Module

_WEIGHTS = 6  # shown of each kind
_MATRIX = module_color(4)  # pale enough for a dark page, dark enough for a pale one
_ITALIC = re.compile(r"(?<!\*)\*(?!\*)")
_COMPUTATION = _ITALIC.sub("", COMPUTATION.strip())  # bold stays, italics do not


@dataclass(frozen=True)
class Picture:
    """A picture in place, a data URL, and what it shows."""

    title: str
    url: str


@dataclass(frozen=True)
class Table:
    """A table of words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One section of a report, in the order in which it is drawn.

    Attributes
    ----------
    anchor, title : str
    color : str
        That of a module; empty otherwise.
    texts : tuple of TextBlock
    sentences : tuple of str
        ``**`` marks what is bold, and nothing else is Markdown.
    pictures : tuple of (str, tuple of Picture)
        Groups under a title.
    tables : tuple of Table
    """

    anchor: str
    title: str
    color: str = ""
    texts: tuple[TextBlock, ...] = ()
    sentences: tuple[str, ...] = ()
    pictures: tuple[tuple[str, tuple[Picture, ...]], ...] = ()
    tables: tuple[Table, ...] = ()


def report_sections(report: Report) -> tuple[Section, ...]:
    """Return what a report says: the network, its modules, its interfaces, how it was made."""
    return (
        _network(report),
        *(_module(report, part) for part in report.modules),
        *(_interface(report, part) for part in report.interfaces),
        *((_neurons(report),) if report.neurons else ()),
        _making(report),
    )


def title(report: Report) -> str:
    """Return the title of a report."""
    return f"The modules of {report.checkpoint.name}"


def _network(report: Report) -> Section:
    partition = report.partition
    said = (
        _ITALIC.sub("", describe_network(report.checkpoint)),
        describe_pruning(partition.graph.pruning),
        verdict(partition, report.quality),
        describe_unattached(partition),
        describe_shortcuts(partition.graph),
    )
    matrices = _matrices(partition) if len(partition.graph.blocks) <= MAX_BLOCKS else ()
    return Section(
        anchor="network",
        title="The network",
        sentences=tuple(filter(None, said)),
        pictures=(("Weights, sorted by module: blocks are modules", matrices),),
        tables=(
            as_table("Modules and interfaces", parts_table(partition)),
            as_table("Figures beside chance", figure_table(partition, report.quality, {})),
            *(as_table(title, table) for title, table in layer_tables(partition)),
        ),
    )


def _module(report: Report, part: ReportPart) -> Section:
    found = part.evidence
    if found is None:
        return _told(part, "Module", module_color(cast("Module", part.part).index))
    assert isinstance(found, ModuleEvidence)
    partition, task = report.partition, report.checkpoint.task
    color = module_color(found.module.index)
    sentences = [describe_module(partition, found)]
    maps = input_maps(report.checkpoint, found.input_mass)
    if task and task.inputs and not maps:
        sentences.append(describe_inputs(task, found.input_mass))
    if found.effect:
        what = f"module {found.module.name}"
        sentences += [describe_effect(found.effect, what), describe_split(found.effect)]
        sentences.append(describe_holding(found.effect).partition(" Grey:")[0])
    drawn = tuple(Picture(name, picture(values, color)) for name, values in maps)
    pictures, tables = _examples(report, found)
    inside, across = found.inside[:_WEIGHTS], found.across[:_WEIGHTS]
    return Section(
        anchor=f"module-{found.module.name}",
        title=_title("Module", found.module.name, part),
        color=color,
        texts=text_blocks(part),
        sentences=tuple(sentences),
        pictures=((("What it reads: weight from every input", drawn),) if drawn else ()) + pictures,
        tables=(
            *tables,
            as_table("Strongest weights inside", _weights(partition, inside)),
            as_table("Strongest weights to other modules", _weights(partition, across)),
        ),
    )


def _interface(report: Report, part: ReportPart) -> Section:
    found = part.evidence
    if found is None:
        return _told(part, "Interface")
    assert isinstance(found, InterfaceEvidence)
    sentences = [describe_interface(report.partition, found)]
    if found.effect:
        sentences.append(describe_effect(found.effect, f"interface {found.interface.name}"))
    strongest = sorted(found.forward + found.backward, key=lambda one: -one.mass)[:_WEIGHTS]
    pictures, tables = _examples(report, found)
    return Section(
        anchor=f"interface-{found.interface.name}",
        title=_title("Interface", found.interface.name, part),
        texts=text_blocks(part),
        sentences=tuple(sentences),
        pictures=pictures,
        tables=(
            *tables,
            as_table("Strongest weights", _weights(report.partition, tuple(strongest))),
        ),
    )


def _told(part: ReportPart, kind: str, color: str = "") -> Section:
    """A part whose evidence was not gathered: what was written about it."""
    name = name_of(part.part)
    anchor = f"{kind.lower()}-{name}"
    return Section(anchor, _title(kind, name, part), color, texts=text_blocks(part))


def _neurons(report: Report) -> Section:
    blocks, left = neuron_blocks(report)
    said = f"{left:,} more texts are not shown; descriptions.jsonl of an export has all of them."
    return Section("neurons", "Neurons", texts=blocks, sentences=(said,) if left else ())


def _making(report: Report) -> Section:
    checkpoint, graph = report.checkpoint, report.partition.graph
    about = {
        "report made": f"{report.made:%Y-%m-%d %H:%M} UTC",
        "program": program(),
        "network": checkpoint.id,
        "partition": report.partition.id,
        "weighting": graph.weighting,
        "modules": str(report.partition.count),
    }
    return Section(
        anchor="making",
        title="How it was made",
        sentences=tuple(" ".join(part.split()) for part in _COMPUTATION.split("\n\n")),
        tables=tuple(
            table
            for table in (
                _pairs("This report", about),
                _pairs("Training settings, as recorded", checkpoint.config),
                _pairs("Figures at the end of training, as recorded", checkpoint.metrics),
            )
            if table.rows
        ),
    )


def _title(kind: str, name: str, part: ReportPart) -> str:
    return f"{kind} {name}: {part.name}" if part.name else f"{kind} {name}"


def _examples(
    report: Report, found: ModuleEvidence | InterfaceEvidence
) -> tuple[tuple[tuple[str, tuple[Picture, ...]], ...], tuple[Table, ...]]:
    task = report.checkpoint.task
    if task is None or found.activity is None:
        return (), ()
    groups, tables = [], []
    for name, chosen in (("most", found.most), ("least", found.least)):
        heading = f"Examples on which it is {name} active (1 is average)"
        view = examples(task, chosen, [float(found.activity[at]) for at in chosen])
        if view.pictures:
            drawn = zip(view.titles, view.pictures, strict=True)
            groups.append((heading, tuple(Picture(t, grey_picture(p)) for t, p in drawn)))
        elif len(view.table):
            tables.append(as_table(heading, view.table))
    return tuple(groups), tuple(tables)


def _weights(partition: Partition, connections: Sequence[object]) -> pd.DataFrame:
    table = connections_table(partition, tuple(connections))  # type: ignore[arg-type]
    if len(table):
        table["share of weight"] = [f"{share:.2%}" for share in table["share of weight"]]
    return table


def _matrices(partition: Partition) -> tuple[Picture, ...]:
    graph = partition.graph
    pictures = []
    for block in graph.blocks:
        orders = []
        for layer in (block.target, block.source):
            labels = partition.labels[graph.offsets[layer] : graph.offsets[layer + 1]]
            orders.append(np.argsort(labels, kind="stable"))
        mass = np.sqrt(block.part(*orders))
        names = [graph.layers[layer].name for layer in (block.source, block.target)]
        largest = max(float(mass.max(initial=0.0)), np.finfo(float).tiny)
        pictures.append(Picture(" to ".join(names), picture(mass / largest, _MATRIX)))
    return tuple(pictures)


def as_table(heading: str, table: pd.DataFrame) -> Table:
    """Return a table of words."""
    rows = (tuple(_word(value) for value in row) for row in table.itertuples(index=False))
    return Table(heading, tuple(str(column) for column in table.columns), tuple(rows))


def _pairs(heading: str, pairs: Mapping[str, object]) -> Table:
    rows = tuple((str(key), _word(value)) for key, value in pairs.items())
    return Table(heading, ("what", "value"), rows)


def _word(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}"
    return "" if value is None else str(value)
