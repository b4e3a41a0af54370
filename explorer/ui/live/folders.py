"""Folders of live runs, and their networks where pages can open them."""

import contextlib
import re
from pathlib import Path

from explorer.errors import ExplorerError, LiveRunError
from explorer.network.home import home

_NAME = re.compile(r"[^a-z0-9]+")


def run_name(name: str) -> str:
    """Make a name of a folder of whatever people call a run.

    Examples
    --------
    >>> run_name("My run: spiral!"), run_name("../../etc")
    ('my-run-spiral', 'etc')
    """
    return _NAME.sub("-", name.lower()).strip("-")[:60] or "run"


def kept_folder(name: str) -> Path:
    """Return the folder of a run: as it is called, or as ``run_name`` would call it."""
    folders = home() / "runs"
    known = name not in ("", ".", "..") and Path(name).name == name and (folders / name).is_dir()
    return folders / (name if known else run_name(name))


def free_folder(name: str) -> Path:
    """Return a folder for a run that is not there yet: numbered if the name is taken.

    It is made, so that nobody else takes it.

    Raises
    ------
    LiveRunError
        If it cannot be made.
    """
    base = run_name(name)
    for number in range(1, 10_000):
        folder = home() / "runs" / (base if number == 1 else f"{base}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as problem:
            raise LiveRunError(
                f"the folder {str(folder)!r:.200} cannot be made ({problem.strerror}); expected a "
                f"place that can be written (EXPLORER_HOME names it)"
            ) from problem
        return folder
    raise LiveRunError(f"found 10,000 runs called {base}; expected another name")


def kept_network(path: Path) -> str | None:
    """Keep the network of a run, so that pages can open it; None if it cannot be."""
    from explorer import store
    from explorer.network.load import load_bytes

    with contextlib.suppress(ExplorerError, OSError):
        return store.keep(load_bytes(path.read_bytes(), path.name, recorded_name=True))
    return None
