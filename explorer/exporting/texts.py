"""What was written and measured about the parts of a network, as lines of JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from explorer.curation.score_data import scores_as_data
from explorer.description.description import MEASURED, Description
from explorer.exporting.files import ExportFile, as_json, text_file
from explorer.observation.parts import name_of

if TYPE_CHECKING:
    from explorer.curation.report import Report
    from explorer.scoring.scores import Scores


def text_files(
    report: "Report", descriptions: "Sequence[Description | tuple[Description, Scores]]"
) -> tuple[ExportFile, ...]:
    """Return the descriptions, and the evidence that they rest on, one part a line."""
    files = [
        text_file(
            "descriptions.jsonl",
            "what was written about the parts, one text a line, with its scores where it has some",
            lambda: _lines([*_given(descriptions), *_kept(report)]),
        )
    ]
    if any(part.evidence for part in report.parts):
        files.append(
            text_file(
                "evidence.jsonl",
                "the measured facts of every module and interface, one a line: on what it is "
                "active, for what it is needed, what it reads, with the examples on which it is "
                "most and least active",
                lambda: _lines(_evidence(report)),
            )
        )
    return tuple(files)


def _lines(values: "Sequence[dict[str, Any]] | Iterator[dict[str, Any]]") -> str:
    return "".join(f"{as_json(value)}\n" for value in values)


def _given(
    descriptions: "Sequence[Description | tuple[Description, Scores]]",
) -> Iterator[dict[str, Any]]:
    for entry in descriptions:
        one, scores = (entry, None) if isinstance(entry, Description) else entry
        yield {
            "part": one.part,
            "by": one.describer,
            "text": one.text,
            "status": "",
            "scores": None if scores is None else scores_as_data(scores),
            "description": one.id,
            "claims": [asdict(claim) for claim in one.claims],
        }


def _kept(report: "Report") -> Iterator[dict[str, Any]]:
    for part in report.parts:
        for text in part.texts:
            measured = part.evidence is not None and text.source == MEASURED
            if text.time is None and not measured:
                continue  # given, and so a line already
            yield {
                "part": name_of(part.part),
                "name": part.name,
                "by": text.writer or text.source,
                "text": text.text,
                "status": text.status,
                "current": text.is_current,
                "time": text.time.isoformat() if text.time else None,
                "scores": None if text.scores is None else scores_as_data(text.scores),
            }


def _evidence(report: "Report") -> Iterator[dict[str, Any]]:
    from explorer.views.pictures import examples

    task = report.checkpoint.task
    for part in report.parts:
        found = part.evidence
        if found is None:
            continue
        line: dict[str, Any] = asdict(found.facts)
        for name, chosen in (("most", found.most), ("least", found.least)):
            if task is None or found.activity is None:
                continue
            values = [float(found.activity[row]) for row in chosen]
            view = examples(task, chosen, values)
            said = view.titles or view.table.to_dict("records")
            line[name] = [
                {"row": row, "activity": value, "example": words}
                for row, value, words in zip(chosen, values, said, strict=True)
            ]
        yield line
