"""Commands on what people make of descriptions: export, import, report and search."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from explorer.commands.opening import open_partition
from explorer.commands.options import (
    CheckpointArgument,
    CountOption,
    KeepOption,
    TaskOption,
    WeightingOption,
    kept_edges,
)

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint

texts = typer.Typer(
    help="The texts about the parts of networks, in the database of EXPLORER_DATABASE_URL.",
    no_args_is_help=True,
)
NetworkOption = Annotated[
    str | None, typer.Option("--network", help="Only of this network: its id.")
]


@texts.command("export")
def export_texts(
    out: Annotated[Path, typer.Option(help="The file to write, one JSON object a line.")],
    network: NetworkOption = None,
) -> None:
    """Write all versions, scores, exemplars, answers and pins to a file."""
    from explorer.curation.exchange import export_file

    count = export_file(out, network_id=network)
    typer.echo(f"{out}: {count} entries")


@texts.command("import")
def import_texts(
    file: Annotated[Path, typer.Argument(help="A file that was exported.")],
) -> None:
    """Read a file into the database; nothing that is there is overwritten."""
    from explorer.curation.exchange import import_file

    found = import_file(file)
    typer.echo(f"{file}: {found.added} entries added, {found.skipped} were there already")


@texts.command()
def search(
    query: Annotated[str, typer.Argument(help="Words, or how words begin.")],
    network: NetworkOption = None,
    history: Annotated[bool, typer.Option(help="Search in earlier versions too.")] = False,
) -> None:
    """Find texts by their words, the newest first."""
    from explorer.curation.texts import Texts

    for version in Texts().search(query, network, history):
        place = version.place
        who = version.author or version.source
        text = " ".join(version.text.split())
        typer.echo(f"{place.network_id} {place.part:6} {version.status:8} {who}: {text}")


@texts.command()
def report(
    checkpoint: CheckpointArgument,
    out: Annotated[Path, typer.Option(help="The file to write; ends in .html or .md.")],
    weighting: WeightingOption = None,
    k: CountOption = None,
    keep: KeepOption = None,
    task: TaskOption = None,
    scores: Annotated[
        bool, typer.Option(help="Score texts that were not scored yet: minutes for a text network.")
    ] = True,
) -> None:
    """Write a report of a network: its modules and interfaces, their texts and scores."""
    from explorer.errors import CurationError
    from explorer.network.atomic import write_atomically

    if out.suffix not in (".html", ".md"):
        raise CurationError(f"found {out.name!r:.60}; expected a name that ends in .html or .md")
    from explorer.curation.report import gather_report
    from explorer.views.report_html import report_html
    from explorer.views.report_markdown import report_markdown

    partition = open_partition(checkpoint, weighting, k, kept_edges(keep), task)
    opened = cast("Checkpoint", partition.graph.checkpoint)
    found = gather_report(opened, partition, score_all=scores)
    written = report_html(found) if out.suffix == ".html" else report_markdown(found)
    try:
        write_atomically(out, written.encode())
    except OSError as problem:
        raise CurationError(
            f"{out} cannot be written ({problem.strerror}); expected a folder with room in it"
        ) from None
    typer.echo(f"{out}: {len(found.modules)} modules, {len(found.interfaces)} interfaces")
