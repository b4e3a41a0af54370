"""Describe all parts of a network in a process of its own, which outlives page and server.

::

    job.json    what is described, by whom, since when, and the number of the process
    lock        held by the process, however it ends
    said.txt    what it printed

What is done is not in this folder but in the database of texts: a text is kept as soon as it is
written, so that whenever the process ends, nothing is lost, and the next one goes on.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

from explorer.errors import DescriberError
from explorer.network.atomic import write_atomically
from explorer.network.bundled import networks
from explorer.network.file_lock import is_locked
from explorer.network.home import home


@dataclass(frozen=True)
class Batch:
    """A batch that was started.

    Attributes
    ----------
    network : str
        A bundled name, or the id of a network that is kept.
    weighting : str
    k : int or None
    spec : str
        Of the client.
    name : str
        Of the language model, under which its texts are kept.
    process : int
    began : float
        Seconds since 1970.
    """

    network: str
    weighting: str
    k: int | None
    spec: str
    name: str
    process: int
    began: float


class BatchFolder:
    """The batch of one partition, on disk.

    Parameters
    ----------
    partition : str
        Its id.

    Examples
    --------
    >>> BatchFolder("0123456789abcdef").running
    False
    """

    def __init__(self, partition: str) -> None:
        self.path = home() / "describing" / partition

    def last(self) -> Batch | None:
        """Return what was started last; None if nothing was."""
        try:
            return Batch(**json.loads((self.path / "job.json").read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        return is_locked(self.path / "lock")

    def start(
        self,
        network: str,
        weighting: str,
        k: int | None,
        spec: str,
        name: str,
        keep: int | float | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start the process; it goes on where the last one ended.

        Raises
        ------
        DescriberError
            If one is running, or the folder cannot be written.
        """
        command = describe_command(network, weighting, k, spec, keep)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with (
                (self.path / "lock").open("ab") as lock,
                (self.path / "said.txt").open("wb") as said,
            ):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # The process inherits the lock, which ends with it, however that ends.
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                    pass_fds=(lock.fileno(),),
                    env=os.environ | {"PYTHONUNBUFFERED": "1"},
                )
            batch = Batch(network, weighting, k, spec, name, process.pid, time.time())
            write_atomically(self.path / "job.json", json.dumps(asdict(batch)).encode())
        except BlockingIOError as problem:
            raise DescriberError(
                "the texts of this network are being written already; expected one batch at a time"
            ) from problem
        except OSError as problem:
            raise DescriberError(
                f"the folder {str(self.path)!r:.200} cannot be written ({problem.strerror}); "
                f"expected room to say how far it is"
            ) from problem
        return process

    def stop(self) -> None:
        """End the process; what is written is kept."""
        last = self.last()
        if last is not None and self.running:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(last.process, signal.SIGTERM)

    def last_words(self) -> str:
        """Return the sentence in which the last process ended, if that was an error."""
        try:
            lines = (self.path / "said.txt").read_text("utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return said.removeprefix("explorer: ") if said.startswith("explorer: ") else ""


def describe_command(
    network: str, weighting: str, k: int | None, spec: str, keep: int | float | None = None
) -> list[str]:
    """Return the command line that describes all parts of a network.

    Examples
    --------
    >>> describe_command("pair-modular", "activity", 2, "embedded")[3:]
    ['describe', 'pair-modular', '--client', 'embedded', '--weighting', 'activity', '--k', '2']
    """
    place, task = (network, None) if network in networks() else _place(network)
    command = [sys.executable, "-m", "explorer.cli", "describe", place, "--client", spec]
    command += ["--task", task] if task else []
    command += ["--weighting", weighting]
    command += [] if keep is None else ["--keep", str(keep)]
    return command if k is None else [*command, "--k", str(k)]


def _place(network: str) -> tuple[str, str | None]:
    from explorer import store

    return store.place_of(network)
