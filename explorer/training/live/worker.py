"""Trains one network in a process of its own: ``python -m explorer.training.live.worker``.

Lines of JSON come in (see ``control``): first ``{"do": "start", "config": {...}, "folder": PATH,
"go_on": BOOL, "paused": BOOL}``, then ``pause``, ``resume``, ``step``, ``stop``, ``change`` (with
``name`` and ``value``), ``go_on`` (with ``go_on``) and ``beat``. Messages go out as ``wire``
describes them, each after its length (u4, little endian), on what was the standard output when the
process began; what anything prints goes to the standard error.

The process ends with its run, at the end of its input, and after 8 seconds without a word unless it
was told to go on alone. However it ends, the state of the run is in its folder, so that it can go
on later.
"""

import contextlib
import os
import select
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from explorer.errors import ConfigError, ExplorerError, RunFolderError, TrainingDivergedError
from explorer.training.live import wire
from explorer.training.live.control import Control

_PATIENCE = 5.0  # seconds for which a process that trained in the same folder may still end
_PAUSED_TICK = 0.5  # seconds between frames while nothing happens


class Messages:
    """The way out: frames are dropped where nobody takes them, events wait."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def send(self, message: bytes, must: bool = True) -> None:
        """Send a message, after its length."""
        if not must and not select.select([], [self.descriptor], [], 0)[1]:
            return
        rest = memoryview(len(message).to_bytes(4, "little") + message)
        try:
            while rest:
                rest = rest[os.write(self.descriptor, rest) :]
        except BrokenPipeError:
            return  # the server is gone: the end of the input says so too

    def event(self, event: str, **values: Any) -> None:
        """Send an event."""
        self.send(wire.build_event(event, **values))


class Worker:
    """One run, told what to do by ``control``.

    Parameters
    ----------
    start : dict
        The command to start.
    control : Control
    messages : Messages
    """

    def __init__(self, start: dict[str, Any], control: Control, messages: Messages) -> None:
        from explorer.training.config import TrainingConfig
        from explorer.training.live.history import History
        from explorer.training.live.keeping import Keeper
        from explorer.training.live.publisher import Publisher
        from explorer.training.run_folder import RunFolder

        self.control, self.messages = control, messages
        self.running = not start.get("paused")
        self.ending = ""  # why the run is to end
        folder = RunFolder(start["folder"])
        self._hold = contextlib.ExitStack()  # until nothing more is written
        self._hold.enter_context(folder.held(_PATIENCE))
        self.training = folder.begin(TrainingConfig.from_dict(start["config"]))
        self.history = History()
        self.keeper = Keeper(folder, self.training, self.history, messages.event)
        self.publisher = Publisher(self.training, self._send)
        done = self.training.steps_done
        self._planned = [change for change in self.training.config.changes if change[0] >= done]

    def run(self) -> None:
        """Train until the end, or until told to stop."""
        self.messages.event("about", **self.publisher.about())
        self.messages.event("history", **self.history.to_dict())
        self.publisher.show("running" if self.running else "paused")
        shown = time.monotonic()
        while not self.ending and not self.training.done:
            if not (self.running and self.control.idle):
                for command in self.control.commands(0.0 if self.running else _PAUSED_TICK):
                    self._obey(command)
            if self.control.silent:
                self.ending = "nobody was watching any more"
            elif self.running:
                self._step()
            elif time.monotonic() - shown >= _PAUSED_TICK:
                self.publisher.tick()
                shown = time.monotonic()
        self._end()

    def _step(self) -> None:
        try:
            step = self.training.step()
        except TrainingDivergedError as problem:
            self.running = False
            self.publisher.show("paused")
            self.messages.event(
                "diverged", step=self.training.steps_done, message=f"{problem}, and paused."
            )
            return
        self.publisher.after(step)
        self.keeper.after(step)
        while self._planned and self._planned[0][0] < step.number:
            planned = self._planned.pop(0)
            if planned in self.training.config.changes:  # not overruled by a slider
                self._tell_change(*planned)

    def _obey(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "pause":
                self.running = False
                self.publisher.show("paused")
            case "resume":
                self.running = True
                self.publisher.show("running")
            case "step":
                self.running = False
                if not self.training.done:  # several may be asked for at once
                    self._step()
                self.publisher.show("paused")
            case "stop":
                self.ending = "it was stopped"
            case "end":
                self.ending = "the server was stopped"
            case "change":
                self._change(command["name"], command["value"])

    def _change(self, name: str, value: float) -> None:
        step = self.training.steps_done
        try:
            self.training.change(name, value)
        except ConfigError as problem:
            self.messages.event("refused", message=f"{problem}.")
            return
        self._tell_change(step, name, float(value))
        if not self.running:
            self.publisher.tick()

    def _tell_change(self, step: int, name: str, value: float) -> None:
        self.history.add_change(step, name, value, self.training.config.steps)
        self.messages.event("changed", step=step, name=name, value=value)

    def _end(self) -> None:
        step = self.training.steps_done
        try:
            if self.training.done:
                self.publisher.show("running")  # the last step, with all figures
                self.keeper.finish()
                status, message = "finished", f"The run has made all {step:,} steps."
            else:
                self.publisher.show("paused")
                self.keeper.stop()
                status, message = "stopped", f"The run ended at step {step:,}: {self.ending}."
        except RunFolderError as problem:
            status, message = "failed", f"{problem}."
        self._hold.close()  # whoever hears of the end may resume the run at once
        self.publisher.show(status)
        self.messages.event(status, step=step, network=None, message=message)

    def _send(self, message: bytes, must: bool) -> None:
        if message[0] == wire.KIND_FRAME:
            self.history.add(message)
        self.messages.send(message, must)


def warm_up() -> None:
    """Import and load everything that a run needs, while nobody waits."""
    import torch

    from explorer.modularity import cut_tree
    from explorer.network.tasks import task
    from explorer.training.config import TrainingConfig
    from explorer.training.live.publisher import Publisher
    from explorer.training.loop import Training

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # numbers that underflow cost half of the speed
    cut_tree.warm_up()
    task("pair").split("train")
    training = Training(
        TrainingConfig(task="xor4", hidden=(4,), steps=4, modularity_coefficient=1.0)
    )
    publisher = Publisher(training, lambda message, must: None)
    while not training.done:
        publisher.after(training.step())
    publisher.show("running")


def main() -> None:
    """Wait for the command to start, and train."""
    messages = Messages(os.dup(1))
    os.dup2(2, 1)
    control = Control(sys.stdin.buffer)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for the server: this process sees it end
    code = 1
    try:
        warm_up()
        start = control.wait_for_start()
        if start is not None:
            Path(start["folder"]).mkdir(parents=True, exist_ok=True)
            Worker(start, control, messages).run()
        code = 0
    except (ExplorerError, OSError) as problem:
        messages.event("failed", message=f"The run cannot go on: {problem}.")
    except Exception as problem:  # whatever it is, the page has to be told
        traceback.print_exc()
        messages.event(
            "failed", message=f"The run cannot go on ({type(problem).__name__}: {problem!s:.200})."
        )
    # Nothing that waits in a thread or a library may hold up the end.
    os._exit(code)


if __name__ == "__main__":
    main()
