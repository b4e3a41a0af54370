"""The command line: the verbs of the package without a page."""

import sys

import typer
from typer.main import get_command

from explorer.commands import (
    audit,
    bench,
    bench_agreement,
    bench_audit,
    bench_continued,
    bench_open,
    compare,
    describe,
    explore,
    export,
    measure,
    open_place,
    sweep,
    texts,
    train,
    zoo,
)
from explorer.errors import ExplorerError

app = typer.Typer(
    help="Explore the modules of neural networks.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(explore.networks)
app.command("open")(open_place.open_place)
app.command()(explore.modules)
app.command()(explore.tree)
app.command("graph")(explore.write_graph)
app.command()(compare.compare)
app.command()(export.export)
app.command()(describe.describe)
app.command()(audit.audit)
app.command()(train.train)
app.command()(sweep.sweep)
app.command()(measure.measure)
bench.bench.command("audit")(bench_audit.audit)
bench.bench.command("open")(bench_open.open_networks)
bench.bench.command("continued")(bench_continued.continued)
bench.bench.command("agreement")(bench_agreement.agreement)
app.add_typer(bench.bench, name="bench")
app.add_typer(texts.texts, name="texts")
app.add_typer(zoo.zoo, name="zoo")


def main() -> None:
    """Run the command line; an expected error is one sentence on standard error."""
    command = get_command(app)
    try:
        sys.exit(command.main(standalone_mode=False) or 0)
    except ExplorerError as problem:
        said = str(problem)
    except typer.TyperException as problem:  # options that are unknown, missing or out of range
        said = getattr(problem, "format_message", lambda: "")() or str(problem)
    except typer.Abort:
        said = "stopped"
    typer.echo(f"explorer: {' '.join(said.split())}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
