"""The command that describes the parts of a network."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from explorer.commands.opening import open_partition
from explorer.commands.options import (
    CheckpointArgument,
    CountOption,
    JsonOption,
    KeepOption,
    TaskOption,
    WeightingOption,
    kept_edges,
)
from explorer.commands.working import terminated_like_interrupted

if TYPE_CHECKING:
    from explorer.description.batch import Estimate
    from explorer.description.clients.base import Client
    from explorer.description.description import Description
    from explorer.modularity.partition import Interface, Module, Partition
    from explorer.network.checkpoint import Checkpoint


def describe(
    checkpoint: CheckpointArgument,
    client: Annotated[
        str,
        typer.Option(
            help="Who writes: measured, embedded (Gemma 3 270M), smollm2, path:FOLDER or "
            "path:HUB-ID, endpoint:MODEL (at EXPLORER_ENDPOINT_URL)."
        ),
    ] = "measured",
    part: Annotated[
        list[str] | None,
        typer.Option(help="A module or interface, such as A or A-B; all if not given."),
    ] = None,
    task: TaskOption = None,
    weighting: WeightingOption = None,
    k: CountOption = None,
    keep: KeepOption = None,
    price: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Of a million tokens read and written, for an estimate of the cost."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Describe the modules and interfaces of a network, each claim checked.

    What is written is kept, so that the same command goes on where it was stopped.
    """
    from explorer.description.clients.opening import open_client

    partition = open_partition(checkpoint, weighting, k, kept_edges(keep), task)
    opened = cast("Checkpoint", partition.graph.checkpoint)
    parts = _parts(partition, part or [])
    with terminated_like_interrupted(), _loading() as progress:
        asked = open_client(client, progress)
    made, stopped = _describe(opened, partition, parts, asked, price)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in made], indent=1, ensure_ascii=False))
    else:
        for one in made:
            note = f"  [measured: {one.fell_back}]" if one.fell_back else ""
            typer.echo(f"{one.part:8} {one.text}{note}")
    if stopped:
        typer.echo(
            f"stopped after {len(made)} of {len(parts)} texts; the same command goes on", err=True
        )
        raise typer.Exit(130)


def _parts(partition: "Partition", names: list[str]) -> "tuple[Module | Interface, ...]":
    from explorer.description.batch import parts_of
    from explorer.errors import PartitionError

    found = {part.name: part for part in parts_of(partition)}
    for name in names:
        if name not in found:
            raise PartitionError(f"found no part {name!r:.40}; expected one of {', '.join(found)}")
    return tuple(part for name, part in found.items() if not names or name in names)


def _describe(
    checkpoint: "Checkpoint",
    partition: "Partition",
    parts: "tuple[Module | Interface, ...]",
    client: "Client | None",
    price: tuple[float, float] | None,
) -> "tuple[list[Description], bool]":
    """Return the texts, and whether it was stopped before the end."""
    from explorer.description.batch import describe_facts, estimate
    from explorer.observation.gather_facts import gather_facts

    made: list[Description] = []
    try:
        with terminated_like_interrupted():
            facts = [gather_facts(checkpoint, part) for part in parts]
            expected = estimate(facts, client, (), *(price or (None, None)))
            if client is not None:
                typer.echo(_in_words(expected, client), err=True)
            keep = _keeper(checkpoint, {one.part: one for one in facts})
            with typer.progressbar(
                length=len(parts), label="texts", file=sys.stderr, show_pos=True
            ) as bar:
                for progress in describe_facts(facts, client):
                    if progress.description is not None:
                        made.append(progress.description)
                        if client is not None:
                            keep(progress.description)
                        bar.update(1)
    except KeyboardInterrupt:
        return made, True
    order = {part.name: number for number, part in enumerate(parts)}
    return sorted(made, key=lambda one: order[one.part]), False


def _keeper(checkpoint: "Checkpoint", facts: dict[str, Any]) -> "Callable[[Description], None]":
    """Keep every text in the database of texts, where the pages show it."""
    from explorer.curation.texts import Texts
    from explorer.description.prompts import facts_text

    texts = Texts()

    def keep(made: "Description") -> None:
        texts.keep(made, task=checkpoint.task_name or "", facts_text=facts_text(facts[made.part]))

    return keep


def _in_words(expected: "Estimate", client: "Client") -> str:
    known = expected.texts - expected.asked
    text = f"{client.name}: {expected.asked} texts to write"
    text += f", {known} kept from before" if known else ""
    if client.remote:
        text += (
            f"; about {expected.tokens_read:,} tokens to read and {expected.tokens_written:,} to "
            f"write leave this machine or come back"
        )
        cost = "unknown without --price" if expected.cost is None else f"{expected.cost:.4f}"
        return f"{text}; cost {cost}"
    return f"{text}; about {expected.seconds:.0f} seconds"


@contextmanager
def _loading() -> Iterator[Callable[[float, str], None]]:
    """Show a bar while a language model is converted, and none where it need not be."""
    bar: Any = None

    def tell(share: float, doing: str) -> None:
        nonlocal bar
        if bar is None:
            bar = typer.progressbar(length=1000, label="converting", file=sys.stderr)
            bar.__enter__()
        bar.label = doing
        bar.update(max(0, round(1000 * share) - bar.pos))

    try:
        yield tell
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)
