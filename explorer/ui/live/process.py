"""One worker process: started early, told what to do, listened to in a thread."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

_MAX_MESSAGE = 16_000_000
_MAX_WAITING = 1_000  # commands
_SETTINGS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class WorkerProcess:
    """A process that trains one run.

    It is in a session of its own, so that Ctrl-C reaches the server alone; the worker then sees its
    input end, saves its run and ends too. However the server ends, the same happens.
    """

    def __init__(self) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "explorer.training.live.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_SETTINGS},
            start_new_session=True,
        )
        # Written by a thread: a worker that is busy for long must not hold up who tells it.
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_MAX_WAITING)
        threading.Thread(target=self._write, name="live-run-orders", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.popen.poll() is None

    def tell(self, **command: Any) -> bool:
        """Send a command; False if the process is gone, or does not listen."""
        if not self.alive:
            return False
        try:
            self._waiting.put_nowait(json.dumps(command).encode() + b"\n")
        except queue.Full:
            return False
        return True

    def listen(self, take: Callable[[bytes], None], ended: Callable[[int], None]) -> None:
        """Hand every message to ``take``, and the exit code to ``ended``, from a thread."""

        def read() -> None:
            stream = self.popen.stdout
            assert stream is not None
            with stream:
                while len(head := stream.read(4)) == 4:
                    length = int.from_bytes(head, "little")
                    message = stream.read(length) if 0 < length <= _MAX_MESSAGE else b""
                    if not message or len(message) < length:
                        break
                    take(message)
            self.end()
            ended(self.popen.wait())

        threading.Thread(target=read, name="live-run", daemon=True).start()

    def end(self) -> None:
        """Close the input, so that the process ends; it has a few seconds to save its run."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)

    def _write(self) -> None:
        stream = self.popen.stdin
        assert stream is not None
        # A process that is gone ends this thread too.
        with contextlib.suppress(OSError), stream:
            while (line := self._waiting.get()) is not None:
                stream.write(line)
                stream.flush()
