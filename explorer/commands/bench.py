"""Commands that measure what the README claims."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from explorer.commands.options import JsonOption, WorkersOption, read_seeds
from explorer.commands.working import percent

bench = typer.Typer(help="Measure what the README claims.", no_args_is_help=True)


@bench.command("pages")
def bench_pages(
    pictures: Annotated[
        Path | None, typer.Option(help="Save the README's pictures in this folder instead.")
    ] = None,
    gemma: Annotated[bool, typer.Option("--gemma", help="Those of Gemma 3 270M, too.")] = False,
) -> None:
    """Time the pages in a browser: first paint, and click to details."""
    from explorer.benchmarks.pages import measure_pages, take_pictures

    if pictures is not None:
        for path in take_pictures(pictures):
            typer.echo(path)
        return
    for timing in measure_pages(gemma):
        typer.echo(
            f"{timing.what:24} median {timing.median:.3f} s, worst {timing.worst:.3f} s of "
            f"{timing.runs}"
        )


@bench.command("modules")
def bench_modules(
    seeds: Annotated[int, typer.Option(help="Graphs of each family.", min=1)] = 5,
    as_json: JsonOption = False,
) -> None:
    """Compare the methods of finding modules where the modules are known."""
    from explorer.benchmarks.modules import measure_modules, table

    scores = measure_modules(seeds)
    if as_json:
        typer.echo(json.dumps([asdict(score) for score in scores], indent=1, allow_nan=False))
        return
    for line in table(scores):
        typer.echo(line.rstrip())


@bench.command("cut-tree")
def bench_cut_tree(
    as_json: JsonOption = False,
    budget: Annotated[
        float, typer.Option(help="Seconds for each other library on each graph.", min=0.0)
    ] = 2.0,
    small: Annotated[bool, typer.Option("--small", help="Small graphs only, in seconds.")] = False,
) -> None:
    """Time cut trees side by side with other libraries."""
    from explorer.benchmarks import cut_tree
    from explorer.benchmarks.cut_tree_graphs import FAMILIES, SMALL_FAMILIES

    where, timings = cut_tree.machine(), []
    if not as_json:
        typer.echo(cut_tree.machine_line(where) + "\n")
        typer.echo("\n".join(cut_tree.table_head()))
    for timing in cut_tree.measure_cut_trees(SMALL_FAMILIES if small else FAMILIES, budget):
        timings.append(timing)
        if not as_json:
            typer.echo(cut_tree.table_line(timing))
    if as_json:
        data = cut_tree.as_data(timings, where, budget)
        typer.echo(json.dumps(data, indent=1, allow_nan=False))
        return
    typer.echo("\n" + "\n".join(cut_tree.legend(timings, budget)))


@bench.command("training")
def bench_training(
    small: Annotated[
        bool, typer.Option("--small", help="One seed and two lambda: minutes, not most of an hour.")
    ] = False,
    tasks: Annotated[
        str, typer.Option(help="Some of pair, xor4 and digits, with commas between them.")
    ] = "pair,xor4,digits",
    losses: Annotated[
        str | None, typer.Option(help="Some losses, with commas between them; all by default.")
    ] = None,
    seeds: Annotated[str, typer.Option(help="Seeds, with commas between them.")] = "10,11,12",
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train every loss on pair, xor4 and digits: what it costs and what it gives."""
    from explorer.benchmarks.training import COMPARED, TRIALS, measure_training, table
    from explorer.benchmarks.training_checks import checks_table, measure_checks

    trials = {name: TRIALS[name] for name in _chosen("task", tasks, TRIALS)}
    compared = COMPARED if losses is None else _chosen("loss", losses, COMPARED)
    numbers = read_seeds(seeds)
    with percent("runs") as advance:
        rows = measure_training(small, workers, trials, compared, advance, numbers)
    checks = measure_checks(small)
    if as_json:
        data = {"rows": [asdict(row) for row in rows], "checks": [asdict(c) for c in checks]}
        typer.echo(json.dumps(data, indent=1))
        return
    typer.echo("\n".join([*table(rows), "", *checks_table(checks)]))


@bench.command("stories")
def bench_stories(
    seeds: Annotated[
        str, typer.Option(help="Seeds, with commas between them; nothing was tuned on 40 to 45.")
    ] = "43,44,45",
    rows: Annotated[
        str | None,
        typer.Option(help="Some of the rows, with semicolons between them; all by default."),
    ] = None,
) -> None:
    """Train the small GPT on stories: modular ones, rivals and nulls, a minute or two each."""
    from explorer.benchmarks.stories import PATHS, ROWS, measure_stories, table

    known = (*ROWS, *PATHS)
    chosen = known if rows is None else _chosen("row", rows, known, ";")
    numbers, scores = read_seeds(seeds), []
    with percent("runs") as advance:
        for score in measure_stories(numbers, chosen):
            scores.append(score)
            advance(len(scores) / (len(numbers) * len(chosen)))
    typer.echo("\n".join(table(scores)))


@bench.command("polysemanticity")
def bench_polysemanticity(
    tasks: Annotated[
        str, typer.Option(help="Some of pair and digits, with a comma between them.")
    ] = "pair,digits",
) -> None:
    """Train with and without the penalty for few features: what it gives and costs, in minutes."""
    from explorer.benchmarks.polysemanticity import CONFIGS, measure_polysemanticity, table

    configs = {name: CONFIGS[name] for name in _chosen("task", tasks, CONFIGS)}
    with percent("runs") as advance:
        rows = list(measure_polysemanticity(configs, progress=advance))
    typer.echo("\n".join(table(rows)))


@bench.command("descriptions")
def bench_descriptions(
    client: Annotated[
        str, typer.Option(help="Who describes: measured, embedded, smollm2, path:..., endpoint:...")
    ] = "embedded",
    seeds: Annotated[int, typer.Option(help="Networks of each task, from seed 30 on.", min=1)] = 5,
    as_json: JsonOption = False,
) -> None:
    """Describe the modules of new networks and hold the texts to the marks."""
    from explorer.benchmarks.description_cases import FIRST_SEED, trained_cases
    from explorer.benchmarks.description_marks import mark_rows, table
    from explorer.benchmarks.descriptions import measure_descriptions
    from explorer.description.clients.opening import open_client

    with percent("networks") as advance:
        cases = trained_cases(range(FIRST_SEED, FIRST_SEED + seeds), progress=advance)
    model = open_client(client)
    with percent("texts and scores") as advance:
        found = measure_descriptions(cases, model, advance)
    rows = list(mark_rows(found))
    if as_json:
        data = {"rows": [asdict(r) for r in rows], "texts": [list(case.texts) for case in found]}
        typer.echo(json.dumps(data, indent=1, allow_nan=False))
        return
    typer.echo("\n".join(table(rows)))


@bench.command("live")
def bench_live() -> None:
    """Time the live page in a browser: frames, latency, and what watching costs."""
    from explorer.benchmarks.live import measure_live, table

    typer.echo("\n".join(table(measure_live())))


@bench.command("spare")
def bench_spare(
    seeds: Annotated[int, typer.Option(help="Networks over the four usual kinds.", min=1)] = 50,
    trusted: Annotated[int, typer.Option(help="Trusted examples for every method.", min=1)] = 200,
    first: Annotated[
        int, typer.Option(help="Number of the first case; below 1000 settings were chosen.", min=0)
    ] = 1_000,
    attempts: Annotated[
        bool, typer.Option("--attempts", help="Other attempts instead: the word GPT and proxies.")
    ] = False,
    workers: WorkersOption = None,
    out: Annotated[Path | None, typer.Option(help="Write every network's figures here.")] = None,
) -> None:
    """Remove backdoors by the spare and by its rivals: what is left, and what it costs."""
    from explorer.auditing.removal.methods import Removal
    from explorer.auditing.removal.summary import removal_rows, write_removals
    from explorer.benchmarks.spare import measure_removals, removal_jobs, table
    from explorer.commands.working import work

    if attempts:
        _bench_attempts(first, workers)
        return
    jobs = removal_jobs(seeds, trusted, first)
    found: list[Removal] = []
    stopped = work(
        lambda executor, ahead: measure_removals(jobs, executor, ahead, found),
        len(jobs),
        "cases",
        workers,
    )
    if out is not None:
        write_removals(found, out)
    typer.echo("\n".join(table(tuple(removal_rows(found)), trusted)))
    if stopped:
        raise typer.Exit(130)


def _bench_attempts(first: int, workers: int | None) -> None:
    from explorer.benchmarks.spare_attempts import (
        Attempt,
        attempt_cases,
        attempts_table,
        measure_attempts,
    )
    from explorer.commands.working import work

    cases, found = attempt_cases(first=first), list[Attempt]()
    stopped = work(
        lambda executor, ahead: measure_attempts(cases, executor, ahead, found),
        len(cases),
        "cases",
        workers,
    )
    typer.echo("\n".join(attempts_table(found)))
    if stopped:
        raise typer.Exit(130)


@bench.command("language-auditor")
def bench_language_auditor(
    client: Annotated[
        str, typer.Option(help="Who reads and chooses: embedded, smollm2 or path:...")
    ] = "embedded",
    networks: Annotated[
        int, typer.Option(help="Planted networks, and as many controls.", min=2)
    ] = 12,
    first: Annotated[
        int, typer.Option(help="Number of the first case; below 50 the way of asking was chosen.")
    ] = 1_000,
) -> None:
    """Let a language model read the modules' texts and name the one that should not be there."""
    from explorer.benchmarks.language_auditor import read_networks, rows, table
    from explorer.description.clients.opening import open_client
    from explorer.network.threads import single_threaded

    model = open_client(client)
    if model is None:
        raise typer.BadParameter("found no language model; expected one that reads")
    found = []
    with (
        percent("networks") as advance,
        single_threaded(),
    ):
        for one in read_networks(model, networks, first):
            found.append(one)
            advance(min(1.0, len(found) / (2 * networks * 4)))
    typer.echo("\n".join(table(rows(found))))


def _chosen(what: str, given: str, known: Iterable[str], between: str = ",") -> tuple[str, ...]:
    names, allowed = tuple(name.strip() for name in given.split(between)), tuple(known)
    for name in names:
        if name not in allowed:
            raise typer.BadParameter(
                f"found {what} {name!r:.40}; expected some of {(between + ' ').join(allowed)}"
            )
    return names
