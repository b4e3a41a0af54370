"""The folder of a run: its settings, its state, its log and the network that came out.

::

    settings.toml        the settings it was started with
    state.safetensors    the run at its last save; replaced as a whole, every so many seconds
    log.csv              one row every so many steps
    lock                 held by the process that trains
    network.safetensors  the trained network, once the run has come to its end
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from explorer.errors import ConfigError, RunFolderError, TrainingDivergedError
from explorer.network.atomic import write_atomically
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.file_lock import take_lock
from explorer.network.load import load
from explorer.network.threads import single_threaded
from explorer.training.config import TrainingConfig
from explorer.training.loop import Step, Training
from explorer.training.run_log import RunLog
from explorer.training.settings_file import read_settings, settings_text
from explorer.training.state import load_state, save_state
from explorer.training.stopping import stop_noted

COLUMNS = ("step", "task_loss", "penalty", "strength", "learning_rate")
SAVE_SECONDS = 10.0
_LOG_EVERY = 20  # steps


class RunFolder:
    """A run that can be stopped and resumed: ``folder`` holds all there is of it.

    Parameters
    ----------
    path : path

    Examples
    --------
    >>> import tempfile
    >>> folder = RunFolder(tempfile.mkdtemp())
    >>> folder.exists, folder.finished
    (False, False)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._log = RunLog(self.path / "log.csv")

    @property
    def name(self) -> str:
        """Name of the run: that of its folder."""
        return self.path.name

    @property
    def exists(self) -> bool:
        """Whether a run was started here."""
        return self._settings.is_file()

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return self._network.is_file()

    @property
    def steps_done(self) -> int:
        """Steps of the run as it was last saved; 0 if it never was."""
        return load_state(self._state).steps_done if self._state.is_file() else 0

    @property
    def log_path(self) -> Path:
        """The file of logged rows."""
        return self._log.path

    @property
    def _settings(self) -> Path:
        return self.path / "settings.toml"

    @property
    def _state(self) -> Path:
        return self.path / "state.safetensors"

    @property
    def _network(self) -> Path:
        return self.path / "network.safetensors"

    def begin(self, config: TrainingConfig) -> Training:
        """Start a run here, or go on with the one that is here.

        A run that never made a step gives way to one with other settings.

        Raises
        ------
        ConfigError
            If a run with other settings is here.
        RunFolderError
            If the folder cannot be written.
        FileFormatError
            If what is here was damaged.
        """
        if self.exists and (self.config() == config or self.steps_done > 0):
            found = self.config()
            if found != config:
                odd = next(k for k, v in config.to_dict().items() if found.to_dict()[k] != v)
                raise ConfigError(
                    f"{self.name} holds a run with {odd} = {found.to_dict()[odd]!r:.60}; expected "
                    f"{config.to_dict()[odd]!r:.60}: give another folder, or the same settings"
                )
            return self.resume()
        training = Training(config)  # settings of which nothing can be made are not kept
        for name in (self._state.name, "latest.safetensors", "history.json"):
            (self.path / name).unlink(missing_ok=True)  # of other settings, at step 0
        self._write(self._settings, settings_text(config).encode())
        self._trim_log(training)
        return training

    def config(self) -> TrainingConfig:
        """Settings that the run was started with."""
        if not self.exists:
            raise RunFolderError(f"found no run in {str(self.path)!r:.200}; expected settings.toml")
        return read_settings(self._settings)

    def resume(self) -> Training:
        """Go on where the run was last saved; from the start if it never was."""
        config = self.config()
        training = Training(config, load_state(self._state) if self._state.is_file() else None)
        self._trim_log(training)
        return training

    def save(self, training: Training) -> None:
        """Write the state of the run.

        Raises
        ------
        RunFolderError
            If it cannot be written; the last state is then still there.
        """
        try:
            save_state(training.state(), self._state)
        except OSError as problem:
            raise self.unwritable(problem) from problem

    def log(self, row: Mapping[str, float]) -> None:
        """Append one row to the log, and to TensorBoard's where that is installed."""
        try:
            self._log.add(row)
        except OSError as problem:
            raise self.unwritable(problem) from problem

    @contextlib.contextmanager
    def held(self, patience: float = 0.0) -> Iterator[None]:
        """Hold the folder while the block runs, so that no second process trains here.

        The hold ends with the process, however that ends; ``patience`` is how many seconds to wait
        for another's end. Where a file system knows no locks, nothing is held.

        Raises
        ------
        RunFolderError
            If another process holds it, or the folder cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("ab")
        except OSError as problem:
            raise self.unwritable(problem) from problem
        with lock:
            if not take_lock(lock, patience):
                raise RunFolderError(
                    f"the run in {str(self.path)!r:.200} is on its way in another process; "
                    f"expected one at a time"
                )
            yield

    def finish(self, training: Training) -> Checkpoint:
        """Measure the network and write it; the run is then finished."""
        self.save(training)
        checkpoint = training.checkpoint(self.name, measured=True)
        try:
            save(checkpoint, self._network)
        except OSError as problem:
            raise self.unwritable(problem) from problem
        return checkpoint

    def network(self) -> Checkpoint:
        """Open the trained network.

        Raises
        ------
        RunFolderError
            If the run has not come to its end.
        """
        if not self.finished:
            raise RunFolderError(
                f"the run in {str(self.path)!r:.200} has not come to its end; expected "
                f"network.safetensors"
            )
        return load(self._network)

    def _trim_log(self, training: Training) -> None:
        try:
            self._log.trim(training.steps_done)
        except OSError as problem:
            raise self.unwritable(problem) from problem

    def _write(self, path: Path, payload: bytes) -> None:
        try:
            write_atomically(path, payload)
        except OSError as problem:
            raise self.unwritable(problem) from problem

    def unwritable(self, problem: OSError) -> RunFolderError:
        """Say that nothing can be written here."""
        return RunFolderError(
            f"the folder {str(self.path)!r:.200} cannot be written ({problem.strerror}); "
            + (
                "what was saved before is still there"
                if self._state.is_file()
                else "nothing of the run was saved"
            )
        )


def run_in_folder(
    config: TrainingConfig,
    path: str | os.PathLike[str],
    progress: Callable[[Step], Any] | None = None,
    save_seconds: float = SAVE_SECONDS,
) -> Checkpoint:
    """Train to the end in a folder, resuming a run that was stopped there.

    Parameters
    ----------
    config : TrainingConfig
    path : path
        The folder; made if it is not there.
    progress : callable, optional
        Called with every step.
    save_seconds : float
        The state is written every so many seconds, and at the end or when anything stops the run.

    Returns
    -------
    Checkpoint

    Raises
    ------
    ConfigError, RunFolderError, FileFormatError
        See ``RunFolder``.
    TrainingDivergedError
        If the loss is no finite number any more; the last good state is then saved.
    KeyboardInterrupt
        If it was stopped by Ctrl+C or SIGTERM: after the step that was under way, and saved.
    """
    folder = RunFolder(path)
    stop = threading.Event()
    with single_threaded(), folder.held(), stop_noted(stop.set):
        if folder.finished and folder.exists and folder.config() == config:
            return folder.network()
        training = folder.begin(config)
        saved = time.monotonic()
        whole = True  # whether no step is half done: only then there is something to save
        try:
            while not training.done and not stop.is_set():
                whole = False
                try:
                    step = training.step()
                except TrainingDivergedError:
                    whole = True  # set back
                    raise
                whole = True
                if step.number % _LOG_EVERY == 0:
                    folder.log({name: getattr(step, _FIELD.get(name, name)) for name in COLUMNS})
                if progress is not None:
                    progress(step)
                if time.monotonic() - saved >= save_seconds:
                    folder.save(training)
                    saved = time.monotonic()
        finally:
            if whole:
                folder.save(training)
        if not training.done:
            raise KeyboardInterrupt(
                f"stopped after step {training.steps_done:,} of {config.steps:,}, which was saved "
                f"in {folder.path}; the same command goes on from there"
            )
        return folder.finish(training)


_FIELD = {"step": "number"}
