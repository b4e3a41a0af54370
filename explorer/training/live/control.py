"""What a worker is told: lines of JSON on its standard input, read in a thread of their own."""

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Iterator
from typing import IO, Any

SILENCE = 8.0  # seconds without a word after which nobody is thought to watch any more
_LAST_WORD = 3.0  # seconds after the end of input in which a run may still be saved
_TOO_LONG = 1.5  # seconds of silence more after which the process ends whatever it does


class Control:
    """Commands that wait to be obeyed, and when something was last heard.

    Parameters
    ----------
    lines : binary stream
        One JSON object a line; ``{"do": "beat"}`` only says that somebody is there.
    """

    def __init__(self, lines: IO[bytes]) -> None:
        self.ended = False  # whether the input has ended: the server is gone
        self.go_on = True  # whether silence does not matter
        self._waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._heard = time.monotonic()
        threading.Thread(target=self._read, args=(lines,), name="control", daemon=True).start()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    @property
    def silent(self) -> bool:
        """Whether nothing was heard for a while, and that matters."""
        return not self.go_on and time.monotonic() - self._heard > SILENCE

    @property
    def idle(self) -> bool:
        """Whether no command waits; costs next to nothing."""
        return self._waiting.empty()

    def commands(self, wait: float = 0.0) -> Iterator[dict[str, Any]]:
        """Take the commands that wait.

        Of several changes of one setting only the last is given: a slider that is drawn sends many.

        Parameters
        ----------
        wait : float
            Seconds to wait for the first.
        """
        taken: list[dict[str, Any]] = []
        try:
            taken.append(self._waiting.get(timeout=wait) if wait else self._waiting.get_nowait())
            while True:
                taken.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        for index, command in enumerate(taken):
            if command.get("do") == "change" and any(
                later.get("do") == "change" and later.get("name") == command.get("name")
                for later in taken[index + 1 :]
            ):
                continue
            yield command

    def wait_for_start(self) -> dict[str, Any] | None:
        """Wait for the command to start; None if the input ends first.

        What comes after it, such as a stop while the run is being prepared, waits its turn.
        """
        while not self.ended:
            with contextlib.suppress(queue.Empty):
                command = self._waiting.get(timeout=0.5)
                if command.get("do") == "start":
                    return command
        return None

    def _read(self, lines: IO[bytes]) -> None:
        for line in iter(lines.readline, b""):
            self._heard = time.monotonic()
            command = json.loads(line)
            if command["do"] in ("start", "go_on"):
                self.go_on = bool(command["go_on"])
            if command["do"] not in ("beat", "go_on"):
                self._waiting.put(command)
        self.ended = True
        self._waiting.put({"do": "end"})  # wakes who waits for a command
        # A step may take long; the run as it was last saved is still there.
        time.sleep(_LAST_WORD)
        os._exit(1)

    def _watch(self) -> None:
        """End a run that nobody watches even if one of its steps takes minutes."""
        while True:
            time.sleep(0.5)
            if not self.go_on and time.monotonic() - self._heard > SILENCE + _TOO_LONG:
                os._exit(1)
