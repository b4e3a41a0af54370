"""Commands that build a zoo of networks with planted failures, list it and audit it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from explorer.commands.options import JsonOption, WorkersOption
from explorer.commands.working import work

if TYPE_CHECKING:
    from explorer.auditing.zoo.folder import ZooContent

zoo = typer.Typer(
    help="Networks with planted failures and their controls, to measure auditors on.",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Argument(help="Folder of a zoo, built or half built.")]


@zoo.command("build")
def zoo_build(
    plan: Annotated[str, typer.Argument(help="Such as tiny, development, calibration or report.")],
    out: Annotated[
        Path, typer.Option(help="Folder of the zoo; one that is there is gone on with.")
    ],
    first: Annotated[
        int | None, typer.Option(help="Only so many of the plan's networks, in its order.", min=1)
    ] = None,
    workers: WorkersOption = None,
) -> None:
    """Train every network of a plan that is not there yet."""
    from explorer.auditing.zoo import plans
    from explorer.auditing.zoo.build import build_zoo
    from explorer.auditing.zoo.folder import ZooFolder

    members, folder = plans.plan(plan)[:first], ZooFolder(out)
    folder.forget_stop()
    stopped = work(
        lambda executor, ahead: (
            progress.done + progress.failed
            for progress in build_zoo(members, folder, executor, ahead)
        ),
        len(members),
        "networks",
        workers,
    )
    content = folder.content()
    typer.echo("\n".join(zoo_lines(content)))
    if stopped:
        typer.echo(
            f"stopped after {len(content.records)} of {len(members)} networks; the same command "
            f"goes on",
            err=True,
        )
        raise typer.Exit(130)


@zoo.command("list")
def zoo_list(folder: Folder, as_json: JsonOption = False) -> None:
    """Say what is in a zoo: accuracy and success by kind and regime, and what is not there."""
    from explorer.auditing.zoo.folder import ZooFolder

    content = ZooFolder(folder).content()
    if as_json:
        data: dict[str, Any] = {
            "members": [record.to_dict() for record in content.records.values()],
            "failed": {str(member): why for member, why in content.failed.items()},
            "damaged": {str(member): why for member, why in content.damaged.items()},
            "missing": content.missing,
        }
        typer.echo(json.dumps(data, indent=1, allow_nan=False))
        return
    typer.echo("\n".join(zoo_lines(content)))


@zoo.command("audit")
def zoo_audit(
    folder: Folder,
    out: Annotated[
        Path, typer.Option(help="File of results, a line a network; one that is there is gone on.")
    ],
    auditors: Annotated[
        str | None, typer.Option(help="Some auditors, with commas between them; all by default.")
    ] = None,
    first: Annotated[
        int | None, typer.Option(help="Only so many of the zoo's networks, in its order.", min=1)
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Let them look again where they have looked before.")
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(help="Write the results here too, as short as those that come along."),
    ] = None,
    workers: WorkersOption = None,
) -> None:
    """Let auditors look at every network of a zoo that is there."""
    from explorer.auditing.results import brief, read_results, write_results
    from explorer.auditing.zoo.folder import ZooFolder
    from explorer.auditing.zoo.measuring import measure_zoo, usual_auditors

    names = usual_auditors() if auditors is None else tuple(auditors.split(","))
    zoo_folder = ZooFolder(folder)
    members = zoo_folder.members()[:first]
    content = zoo_folder.content(members)
    said: list[str] = []

    def steps(executor: Any, ahead: Any) -> Iterator[int]:
        for progress in measure_zoo(zoo_folder, out, names, executor, ahead, members=members):
            if progress.said:
                said.append(progress.said)
            yield progress.done + progress.skipped

    stopped = work(steps, len(content.records), "networks", workers)
    results, damaged = read_results(out)
    if not stopped:
        write_results(results, out)  # each network once
        if bundle is not None:
            write_results([brief(result) for result in results], bundle)
    typer.echo(f"{len(results)} networks with results in {out}")
    typer.echo("".join(f"skipped {sentence}\n" for sentence in said), nl=False)
    if content.partial:
        typer.echo(content.partial)
    if damaged:
        typer.echo(f"{damaged} damaged lines of an earlier run were left out")
    if stopped:
        typer.echo("stopped; the same command goes on", err=True)
        raise typer.Exit(130)


def zoo_lines(content: "ZooContent") -> list[str]:
    """Put what is in a zoo into lines of text: one a kind and regime, then what is not there."""
    groups: dict[tuple[str, str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for member, record in content.records.items():
        kind = f"{member.case.family} {member.case.kind if member.is_planted else 'controls'}"
        key = (kind, member.case.control, member.regime)
        groups[key].append((record.accuracy, record.success, record.seconds))
    lines = [
        f"{'kind':24} {'control':8} {'regime':10} {'networks':>8} {'accuracy':>8} {'success':>8} "
        f"{'seconds':>8}"
    ]
    for (kind, control, regime), rows in groups.items():
        accuracy, success, seconds = (sum(values) / len(rows) for values in zip(*rows, strict=True))
        lines.append(
            f"{kind:24} {control or '-':8} {regime:10} {len(rows):8d} {accuracy:8.3f} "
            f"{success:8.3f} {seconds:8.2f}"
        )
    lines += [f"failed: {member}: {why}" for member, why in content.failed.items()]
    lines += [f"damaged: {why}" for why in content.damaged.values()]
    return [*lines, content.partial] if content.partial else lines
