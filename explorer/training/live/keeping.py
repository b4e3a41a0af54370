"""Writes down a live run: log, state and curves, so that it can go on and be looked at later."""

import json
import time
from collections.abc import Callable
from typing import Any

from explorer.errors import RunFolderError
from explorer.network.atomic import write_atomically
from explorer.network.checkpoint import save
from explorer.training.live.history import History
from explorer.training.live.plain_json import to_json
from explorer.training.loop import Step, Training
from explorer.training.run_folder import COLUMNS, SAVE_SECONDS, RunFolder

HISTORY_FILE = "history.json"
LATEST_FILE = "latest.safetensors"  # the network of a run that was stopped
_LOG_EVERY = 20  # steps
_MAX_BYTES = 2_000_000


class Keeper:
    """Keeps one run in its folder.

    What cannot be written, for example because the disk is full, is said once, and the run goes on.

    Parameters
    ----------
    folder : RunFolder
    training : Training
    history : History
        Takes over the curves of the run up to here.
    event : callable
        Takes the name and values of an event.
    """

    def __init__(
        self,
        folder: RunFolder,
        training: Training,
        history: History,
        event: Callable[..., None],
    ) -> None:
        self.folder, self.training, self.history, self.event = folder, training, history, event
        self._saved = time.monotonic()
        self._complained = False
        earlier = kept_history(folder)
        history.rows, history.changes = earlier.rows, earlier.changes

    def after(self, step: Step) -> None:
        """Log a step; save the run if it is time."""
        if step.number % _LOG_EVERY == 0:
            values = {**vars(step), "step": step.number}
            self._try(lambda: self.folder.log({name: values[name] for name in COLUMNS}))
        if time.monotonic() - self._saved >= SAVE_SECONDS:
            self._saved = time.monotonic()
            if self._try(self._save):
                self._complained = False
                self.event("saved", step=step.number)

    def finish(self) -> None:
        """Measure and write the network.

        Raises
        ------
        RunFolderError
            If it cannot be written.
        """
        self._write_history()
        self.folder.finish(self.training)
        (self.folder.path / LATEST_FILE).unlink(missing_ok=True)

    def stop(self) -> None:
        """Save the run, and the network as it is now.

        Raises
        ------
        RunFolderError
            If it cannot be written.
        """
        self._save()
        try:
            save(self.training.checkpoint(self.folder.name), self.folder.path / LATEST_FILE)
        except OSError as problem:
            raise self.folder.unwritable(problem) from problem

    def _save(self) -> None:
        self.folder.save(self.training)
        self._write_history()

    def _write_history(self) -> None:
        try:
            write_atomically(self.folder.path / HISTORY_FILE, to_json(self.history.to_dict()))
        except OSError as problem:
            raise self.folder.unwritable(problem) from problem

    def _try(self, write: Callable[[], Any]) -> bool:
        try:
            write()
        except RunFolderError as problem:
            if not self._complained:
                self._complained = True
                self.event("unsaved", step=self.training.steps_done, message=f"{problem}.")
            return False
        return True


def kept_history(folder: RunFolder) -> History:
    """Read the curves of a run; empty where there are none, or the file was damaged."""
    try:
        with (folder.path / HISTORY_FILE).open("rb") as stream:
            found = json.loads(stream.read(_MAX_BYTES))
        return History.from_dict(found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return History()
