"""The command that trains a network: a bundled one again, or one of your own settings."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.network.checkpoint import Checkpoint
    from explorer.training.config import TrainingConfig


def train(
    settings: Annotated[
        str,
        typer.Argument(
            metavar="SETTINGS", help="Name of a bundled network, or a TOML file of settings."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="A .safetensors file for the network alone, or a folder for the whole run, which "
            "a second call resumes. By default the folder runs/NAME."
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="A network to continue from: a bundled name or a file.")
    ] = None,
    save_seconds: Annotated[
        float, typer.Option(help="Write the state of the run every so many seconds.", min=0.0)
    ] = 10.0,
) -> None:
    """Train a network by a TOML file of settings, or a bundled network again."""
    from dataclasses import replace

    config, name = _settings(settings)
    if start is not None:
        config = replace(config, start=start)
    target = out or Path("runs") / name
    alone = target.suffix == ".safetensors"
    parent = next(p for p in target.absolute().parents if p.exists() or p == p.parent)
    if not os.access(parent, os.W_OK) or (alone and not target.absolute().parent.is_dir()):
        raise ExplorerError(
            f"{str(target)!r} cannot be written: its folder is missing or read-only"
        )
    try:
        is_folder = target.is_dir()
    except OSError as problem:  # such as a name that is too long
        raise ExplorerError(
            f"{str(target)!r:.200} cannot be written ({problem.strerror})"
        ) from problem
    if alone and is_folder:
        raise ExplorerError(f"{str(target)!r:.200} is a folder; expected a file, or another name")
    try:
        checkpoint = _run(config, name, target, alone, save_seconds)
    except KeyboardInterrupt as stopped:
        kept = "a network alone is written at the end only"
        if not alone:
            kept = f"the same command goes on from what was last saved in {target}"
        typer.echo(str(stopped) or f"stopped; {kept}", err=True)
        raise typer.Exit(130) from stopped
    shown = ", ".join(
        f"{key.removeprefix('test_').replace('_', ' ')} {value:.3f}"
        for key, value in checkpoint.metrics.items()
        if key in ("test_accuracy", "test_loss")
    )
    typer.echo(f"{target}: {shown}, id {checkpoint.id}")


def _settings(settings: str) -> "tuple[TrainingConfig, str]":
    """Settings and a name for the run."""
    from explorer.training.recipes import recipe
    from explorer.training.settings_file import read_settings

    if settings.endswith(".toml"):
        return read_settings(settings), Path(settings).stem
    return recipe(settings), settings


def _run(
    config: "TrainingConfig", name: str, target: Path, alone: bool, save_seconds: float
) -> "Checkpoint":
    from explorer import save
    from explorer.training.loop import train as train_once
    from explorer.training.run_folder import RunFolder, run_in_folder

    done = 0 if alone else RunFolder(target).steps_done
    with typer.progressbar(length=config.steps, label=name, file=sys.stderr) as bar:
        bar.update(done)
        if not alone:
            return run_in_folder(config, target, lambda step: bar.update(1), save_seconds)
        checkpoint = train_once(config, name, progress=lambda step: bar.update(1))
    try:
        save(checkpoint, target)
    except OSError as problem:
        raise ExplorerError(f"{str(target)!r} cannot be written ({problem.strerror})") from problem
    return checkpoint
