"""The live runs of this server: started, found again by their id, and never more than a few.

The registry is one for all visitors. A run is kept in the folder ``runs`` of the place that
``EXPLORER_HOME`` names; here it is only watched and steered.
"""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import LiveRunError
from explorer.network.file_lock import is_locked
from explorer.ui.live.folders import free_folder, kept_folder, kept_network
from explorer.ui.live.process import WorkerProcess
from explorer.ui.live.run import LiveRun

if TYPE_CHECKING:  # torch takes seconds to import
    from explorer.training.config import TrainingConfig

MAX_RUNS = 4  # that train at once
MAX_SOCKETS = 32
MAX_REMEMBERED = 32  # runs that have ended
_REFILL_AFTER = 15.0  # seconds: importing torch takes time from the run that was just started
_SPARE_FOR = 900.0  # seconds for which a process waits for a run


class Registry:
    """All live runs of a server, and a process that waits for the next one.

    Examples
    --------
    >>> Registry().runs()
    []
    """

    def __init__(self) -> None:
        self._runs: dict[str, LiveRun] = {}
        self._spare: WorkerProcess | None = None
        self._timer: threading.Timer | None = None
        self._refill_at = 0.0
        self._sockets = 0
        self._lock = threading.RLock()

    def prepare(self) -> None:
        """Start a process that imports what a run needs, so that the next start is quick."""
        with self._lock:
            if time.monotonic() < self._refill_at:
                return  # the timer will do it
            if self._spare is None or not self._spare.alive:
                with contextlib.suppress(OSError):  # the next start will say so
                    self._spare = WorkerProcess()
            self._later(_SPARE_FOR, self._drop_spare)

    def start_run(
        self, config: "TrainingConfig", name: str, go_on: bool = False, paused: bool = False
    ) -> tuple[str, str]:
        """Start a run.

        Parameters
        ----------
        config : TrainingConfig
        name : str
            What its folder is called after.
        go_on : bool
            Whether it goes on when nobody watches.
        paused : bool
            Whether it waits for its owner before the first step.

        Returns
        -------
        tuple of str
            Id of the run, with which one can watch, and the token of its owner.

        Raises
        ------
        LiveRunError
            If as many runs as there may be are on their way, or no process can be started.
        """
        with self._lock:
            self._refuse_if_many()
            folder = free_folder(name)
            try:
                return self._begin(config, folder, go_on, paused)
            except LiveRunError:
                folder.rmdir()
                raise

    def resume_run(self, name: str, go_on: bool = False) -> tuple[str, str]:
        """Go on with a run that was stopped, from where it was last saved.

        Parameters
        ----------
        name : str
            Of its folder, as in ``runs``.
        go_on : bool

        Returns
        -------
        tuple of str
            Id and owner's token, both new.

        Raises
        ------
        LiveRunError
            If it is on its way already, or as many runs as there may be are.
        RunFolderError, ConfigError
            If there is no such run, or its settings were damaged.
        """
        from explorer.training.run_folder import RunFolder

        folder = kept_folder(name)
        with self._lock:
            self._refuse_if_on_its_way(folder)
            self._refuse_if_many()
            return self._begin(RunFolder(folder).config(), folder, go_on, False)

    def take_over(self, run_id: str) -> str:
        """Let somebody else steer a run that nobody steers now, as its owner's page is closed.

        Returns
        -------
        str
            The owner's token. It stays that of the owner too, who may come back.

        Raises
        ------
        LiveRunError
            If the run has ended, or its owner watches.
        """
        run = self.find(run_id)
        if run is None or run.ended:
            raise LiveRunError("the run has ended; expected one that is on its way")
        if run.is_steered:
            raise LiveRunError(
                f"the run {run.name} is steered by who started it; expected one whose page is "
                f"closed"
            )
        return run.owner

    def delete_run(self, name: str) -> None:
        """Delete a run that has ended, with everything that is kept of it.

        Raises
        ------
        LiveRunError
            If it is on its way, or its folder cannot be deleted.
        """
        folder = kept_folder(name)
        with self._lock:  # nobody resumes it meanwhile
            self._refuse_if_on_its_way(folder)
            if not folder.is_dir():
                return  # deleted by another page
            if is_locked(folder / "lock"):
                raise LiveRunError(
                    f"the run {name:.60} is on its way in another process; expected one that has "
                    f"ended"
                )
            try:
                shutil.rmtree(folder)
            except OSError as problem:
                raise LiveRunError(
                    f"the run {name:.60} cannot be deleted ({problem.strerror}); expected a folder "
                    f"that can be written"
                ) from problem

    def find(self, run_id: str) -> LiveRun | None:
        """Return a run by its id; None where there is none any more."""
        return self._runs.get(run_id)

    def runs(self) -> list[dict[str, Any]]:
        """List all runs of this server, the newest first; see ``LiveRun.summary``."""
        with self._lock:
            return [run.summary() for run in reversed(self._runs.values())]

    def stop_all(self) -> None:
        """Let all processes save their runs and end."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._drop_spare()
            for run in self._runs.values():
                run.end()

    @contextmanager
    def socket(self) -> Iterator[bool]:
        """Count a socket while the block runs; False if there are too many."""
        with self._lock:
            allowed = self._sockets < MAX_SOCKETS
            self._sockets += allowed
        try:
            yield allowed
        finally:
            with self._lock:
                self._sockets -= allowed

    def _begin(
        self, config: "TrainingConfig", folder: Path, go_on: bool, paused: bool
    ) -> tuple[str, str]:
        with self._lock:
            run = LiveRun(folder.name, config, folder, self._process(), kept_network)
            self._runs[run.id] = run
            ended = [old.id for old in self._runs.values() if old.ended]
            for old in ended[:-MAX_REMEMBERED]:
                del self._runs[old]
            run.start(go_on, paused)
            self._refill_at = time.monotonic() + _REFILL_AFTER
            self._later(_REFILL_AFTER + 0.1, self.prepare)
        return run.id, run.owner

    def _refuse_if_many(self) -> None:
        if sum(not run.ended for run in self._runs.values()) >= MAX_RUNS:
            raise LiveRunError(
                f"found {MAX_RUNS} runs on their way on this server; expected fewer: stop one, or "
                f"wait for its end"
            )

    def _refuse_if_on_its_way(self, folder: Path) -> None:
        if any(run.folder == folder and not run.ended for run in self._runs.values()):
            raise LiveRunError(
                f"the run {folder.name:.60} is on its way already; expected one that has ended"
            )

    def _process(self) -> WorkerProcess:
        spare, self._spare = self._spare, None
        if spare is not None and spare.alive:
            return spare
        try:
            return WorkerProcess()
        except OSError as problem:
            raise LiveRunError(
                f"no process can be started ({problem.strerror}); expected a machine with room for "
                f"one more"
            ) from problem

    def _later(self, seconds: float, call: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, call)
        self._timer.daemon = True
        self._timer.start()

    def _drop_spare(self) -> None:
        with self._lock:
            if self._spare is not None:
                self._spare.listen(lambda _: None, lambda _: None)  # waits for its end
                self._spare.end()
                self._spare = None


_REGISTRY = Registry()
prepare = _REGISTRY.prepare
start_run = _REGISTRY.start_run
resume_run = _REGISTRY.resume_run
take_over = _REGISTRY.take_over
delete_run = _REGISTRY.delete_run
find = _REGISTRY.find
runs = _REGISTRY.runs
stop_all = _REGISTRY.stop_all
socket = _REGISTRY.socket
