"""One live run as the server knows it: its last messages, its curves, who watches."""

import asyncio
import contextlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.training.live import wire
from explorer.training.live.history import History
from explorer.ui.live.process import WorkerProcess

if TYPE_CHECKING:
    from explorer.training.config import TrainingConfig

_STATUS_AT, _STEP_AT = wire.offsets()["status"][0], wire.offsets()["step"][0]
_RELOAD = 3.0  # seconds in which an owner may come back
_LATEST, _FINAL = "latest.safetensors", "network.safetensors"


class Subscriber:
    """What one socket has yet to send: all events, but only the newest frame and pictures.

    Parameters
    ----------
    owner : bool
        Whether it may steer.
    """

    def __init__(self, owner: bool) -> None:
        self.owner = owner
        self._loop = asyncio.get_running_loop()
        self._events: list[tuple[int, bytes]] = []
        self._newest: dict[int, tuple[int, bytes]] = {}
        self._count = 0
        self._ready = asyncio.Event()

    def put(self, message: bytes) -> None:
        """Take a message, from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._take, message)
        except RuntimeError:
            return  # the loop was closed: the server ends

    async def get(self, timeout: float) -> list[bytes]:
        """Wait for messages; none after ``timeout`` seconds without any."""
        try:
            await asyncio.wait_for(self._ready.wait(), timeout)
        except TimeoutError:
            return []
        self._ready.clear()
        # In the order in which they came.
        found = [message for _, message in sorted([*self._events, *self._newest.values()])]
        self._events.clear()
        self._newest.clear()
        return found

    def _take(self, message: bytes) -> None:
        self._count += 1
        if message[0] == wire.KIND_EVENT:
            self._events.append((self._count, message))
        else:
            self._newest[message[0]] = (self._count, message)
        self._ready.set()


class LiveRun:
    """A run that is, or was, trained by a worker of this server.

    Attributes
    ----------
    id : str
        Whoever has it can watch.
    owner : str
        Whoever has it can steer.
    name : str
        Name of its folder.
    status : str
        One of ``wire.STATUSES``.
    network : str or None
        Id to open the trained network by, once there is one.
    """

    def __init__(
        self,
        name: str,
        config: "TrainingConfig",
        folder: Path,
        process: WorkerProcess,
        keep_network: Callable[[Path], str | None],
    ) -> None:
        self.id, self.owner = secrets.token_urlsafe(18), secrets.token_urlsafe(24)
        self.name, self.config, self.folder = name, config, folder
        self.status, self.step = "starting", 0
        self.network: str | None = None
        self.message = ""
        self.started = time.time()
        self.go_on = False
        self.history = History()
        self._process = process
        self._keep_network = keep_network
        self._lock = threading.RLock()
        self._subscribers: set[Subscriber] = set()
        self._about: dict[str, Any] = {}
        self._frame = wire.build_frame("starting", steps=config.steps)
        self._pictures: bytes | None = None
        self._last_event: bytes | None = None
        self._steered_at = time.monotonic()  # when who may steer it was last seen to leave
        # What a page that is opened later must be told too, by the name of its event.
        self._troubles: dict[str, bytes] = {}

    @property
    def ended(self) -> bool:
        """Whether it will not go on by itself."""
        return self.status in wire.ENDED

    @property
    def is_steered(self) -> bool:
        """Whether somebody who may steer it is watching."""
        with self._lock:
            return any(subscriber.owner for subscriber in self._subscribers)

    def start(self, go_on: bool = False, paused: bool = False) -> None:
        """Let the worker begin."""
        self.go_on = go_on
        self._process.listen(self._take, self._gone)
        self._process.tell(
            do="start",
            config=self.config.to_dict(),
            folder=str(self.folder),
            go_on=go_on,
            paused=paused,
        )

    def owned_by(self, token: object) -> bool:
        """Whether this is the owner's token."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self.owner.encode())

    def tell(self, **command: Any) -> bool:
        """Send a command to the worker; False if there is none any more."""
        if command["do"] == "go_on":
            self.go_on = bool(command["go_on"])
        return not self.ended and self._process.tell(**command)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Let a socket watch: first it is given all there is so far."""
        with self._lock:
            if self._about:
                subscriber.put(self._about_event(subscriber.owner))
            subscriber.put(wire.build_event("history", **self.history.to_dict()))
            if self._pictures is not None:
                subscriber.put(self._pictures)
            subscriber.put(self._frame)
            for trouble in self._troubles.values():
                subscriber.put(trouble)
            if self._last_event is not None:
                subscriber.put(self._last_event)
            self._subscribers.add(subscriber)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Let a socket go."""
        with self._lock:
            self._subscribers.discard(subscriber)
            if subscriber.owner:
                self._steered_at = time.monotonic()

    def end(self) -> None:
        """Let the worker save the run and end."""
        self._process.end()

    def summary(self) -> dict[str, Any]:
        """Return what a list of runs shows, as plain data."""
        return {
            "id": self.id,
            "name": self.name,
            "task": self.config.task,
            "status": self.status,
            "step": self.step,
            "steps": self.config.steps,
            "started": self.started,
            "go_on": self.go_on,
            "watchers": len(self._subscribers),
            "alone": not self.is_steered and time.monotonic() - self._steered_at > _RELOAD,
            "network": self.network,
            "message": self.message,
        }

    def _about_event(self, owner: bool) -> bytes:
        values = {
            "run": self.id,
            "name": self.name,
            "config": self.config.to_dict(),
            "owner": owner,
            "go_on": self.go_on,
        }
        return wire.build_event("about", **values, **self._about)

    def _take(self, message: bytes) -> None:
        """Take a message of the worker, in the thread that listens to it."""
        kind = message[0]
        if kind == wire.KIND_EVENT:
            self._take_event(wire.parse_event(message))
            return
        with self._lock:
            if kind == wire.KIND_PICTURES:
                self._pictures = message
            else:
                self._frame = message
                self.step = int.from_bytes(message[_STEP_AT : _STEP_AT + 4], "little")
                status = wire.STATUSES[message[_STATUS_AT]]
                if status == "running":
                    self._troubles.pop("diverged", None)
                if status not in wire.ENDED:  # what ended is told by an event
                    self.status = status
                self.history.add(message)
            self._send(message)

    def _take_event(self, event: dict[str, Any]) -> None:
        name = event["event"]
        if name in ("finished", "stopped"):
            file = _FINAL if name == "finished" else _LATEST
            event["network"] = self._keep_network(self.folder / file)
        with self._lock:
            if name == "about":
                self._about = {key: value for key, value in event.items() if key != "event"}
                for subscriber in self._subscribers:
                    subscriber.put(self._about_event(subscriber.owner))
                return
            if name == "history":
                self.history = History.from_dict(event)
            elif name == "changed":
                self.history.add_change(
                    event["step"], event["name"], event["value"], self.config.steps
                )
            elif name in ("diverged", "unsaved"):
                self._troubles[name] = wire.build_event(**event)
            elif name == "saved":
                self._troubles.pop("unsaved", None)
            elif name in wire.ENDED:
                self._has_ended(name, event)
                return
            self._send(wire.build_event(**event))

    def _has_ended(self, status: str, event: dict[str, Any]) -> None:
        self.status, self.message = status, event["message"]
        self.network = event.get("network")
        if status == "failed":
            _remove_if_empty(self.folder)
        self._troubles.clear()
        self._last_event = wire.build_event(**event)
        self._send(self._last_event)

    def _gone(self, code: int) -> None:
        """Say so if the process ended without a word: a frozen picture is no answer."""
        with self._lock:
            if self.ended:
                return
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            message = (
                f"The process that trained this run ended without a word ({how}) at step "
                f"{self.step:,}; the run can go on from where it was last saved."
            )
            frame = bytearray(self._frame)
            frame[_STATUS_AT] = wire.STATUSES.index("failed")
            self._frame = bytes(frame)
            self._send(self._frame)
            self._has_ended("failed", {"event": "failed", "message": message})

    def _send(self, message: bytes) -> None:
        for subscriber in self._subscribers:
            subscriber.put(message)


def _remove_if_empty(folder: Path) -> None:
    """Remove the folder of a run that never began."""
    with contextlib.suppress(OSError):
        if all(path.name == "lock" for path in folder.iterdir()):
            (folder / "lock").unlink(missing_ok=True)
            folder.rmdir()
