"""A folder that one process at a time works in: held, asked to stop, written whole or not at all.

::

    lock    held by the process that works
    stop    written to ask that process to stop
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from explorer.errors import ExplorerError, SweepError
from explorer.network.atomic import write_atomically
from explorer.network.file_lock import is_locked, take_lock


class WorkFolder:
    """What the folders of long work have in common.

    Parameters
    ----------
    path : path

    Examples
    --------
    >>> import tempfile
    >>> folder = WorkFolder(tempfile.mkdtemp())
    >>> with folder.held():
    ...     folder.running
    True
    """

    what = "work"  # in messages: what is done there, its parts, and the kind of error
    parts = "parts"
    error: type[ExplorerError] = SweepError

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def ask_to_stop(self) -> None:
        """Ask the process that works here to stop; it does within a second."""
        self._write("stop", b"")

    def forget_stop(self) -> None:
        """Take back what asked to stop."""
        with contextlib.suppress(OSError):
            (self.path / "stop").unlink(missing_ok=True)

    @property
    def asked_to_stop(self) -> bool:
        """Whether someone asked to stop."""
        return (self.path / "stop").exists()

    @property
    def running(self) -> bool:
        """Whether a process of this machine works here."""
        return is_locked(self.path / "lock")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder while the block runs, so that no second process works here.

        The hold ends with the process, however that ends.

        Raises
        ------
        ExplorerError
            If another process holds it, or the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("ab")
        except OSError as problem:
            raise self._unwritable(problem) from problem
        with lock:
            if not take_lock(lock):
                raise self.error(
                    f"the {self.what} in {str(self.path)!r:.200} is already running; expected one "
                    f"process at a time"
                )
            try:
                yield
            finally:
                self.forget_stop()

    def _write(self, name: str, payload: bytes) -> None:
        try:
            write_atomically(self.path / name, payload)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    def _unwritable(self, problem: OSError) -> ExplorerError:
        return self.error(
            f"the folder {str(self.path)!r:.200} cannot be written ({problem.strerror}); "
            f"{self.parts} that were done before are still there"
        )
