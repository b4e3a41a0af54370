"""Start a sweep in a process of its own, which outlives whoever started it."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from explorer.errors import ExplorerError, SweepError
from explorer.network.home import home
from explorer.sweeps.folder import SweepFolder
from explorer.sweeps.grid import SweepGrid

_NAME = re.compile(r"[a-z0-9][a-z0-9 ._-]{0,60}", re.IGNORECASE)
_SAID = "said.txt"  # what the process printed: nothing before it is up
_TO_START = 60.0  # seconds that it may take


def kept_sweeps() -> tuple[str, ...]:
    """Names of the sweeps that are kept on this computer, the latest first.

    A folder with a name that ``kept_sweep`` refuses is left out.
    """
    found = [path.parent for path in (home() / "sweeps").glob("*/grid.toml")]
    found = [path for path in found if _is_name(path.name)]
    return tuple(path.name for path in sorted(found, key=_changed, reverse=True))


def kept_sweep(name: str) -> SweepFolder:
    """The folder of a sweep that is kept on this computer.

    Raises
    ------
    SweepError
        If this is no name for one.

    Examples
    --------
    >>> kept_sweep("../x")
    Traceback (most recent call last):
    explorer.errors.SweepError: found the name '../x'; expected at most 61 letters, digits, -, _
    """
    if not _is_name(name):
        raise SweepError(f"found the name {name!r:.80}; expected at most 61 letters, digits, -, _")
    return SweepFolder(home() / "sweeps" / name)


def start_sweep(name: str, grid: SweepGrid) -> "subprocess.Popen[bytes]":
    """Start a sweep that is kept on this computer, or go on with it.

    Parameters
    ----------
    name : str
    grid : SweepGrid

    Returns
    -------
    Popen
        The process. It goes on when this one ends.

    Raises
    ------
    SweepError
        If another one is running, the name is that of a sweep of other runs, or the folder cannot
        be written.
    """
    folder = kept_sweep(name)
    if _holds_others(folder, grid):
        raise SweepError(
            f"the sweep {name!r} is kept already and has none of these runs; expected another name"
        )
    for other in kept_sweeps():
        if is_running(kept_sweep(other)):
            raise SweepError(
                f"the sweep {other!r} is running; expected it to be stopped or done first, as two "
                f"would only wait for each other"
            )
    folder.write_grid(grid)
    folder.forget_stop()
    command = [sys.executable, "-m", "explorer.cli", "sweep"]
    command += [str(folder.path / "grid.toml"), "--out", str(folder.path), "--heed-stop"]
    with (folder.path / _SAID).open("wb") as said:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )


def is_running(folder: SweepFolder) -> bool:
    """Tell whether a process runs a sweep, or was started a moment ago and is coming up."""
    if folder.running:
        return True
    try:
        said = (folder.path / _SAID).stat()
    except OSError:
        return False
    return said.st_size == 0 and time.time() - said.st_mtime < _TO_START


def last_words(folder: SweepFolder) -> str | None:
    """Say what ended the last process of a sweep, if it was an error."""
    try:
        lines = (folder.path / _SAID).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    said = next((line for line in reversed(lines) if line.strip()), "")
    return said.removeprefix("explorer: ") if said.startswith("explorer: ") else None


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not name.endswith(".")


def _holds_others(folder: SweepFolder, grid: SweepGrid) -> bool:
    """Tell whether a folder holds a sweep with no run that the grid has too."""
    try:
        kept = folder.grid()
    except ExplorerError:  # none, or a damaged one, which is written anew
        return False
    return kept.by_id.keys().isdisjoint(grid.by_id)


def _changed(path: Path) -> float:
    try:
        return (path / "grid.toml").stat().st_mtime
    except OSError:  # deleted a moment ago
        return 0.0
