"""A server with the live route alone, on a free port, and a browser's side of the socket."""

import contextlib
import json
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import connect

from explorer.training.config import TrainingConfig
from explorer.training.live import wire
from explorer.ui.live import registry, routes

PATIENCE = 60  # seconds: the machine may be busy


class Client:
    """One socket; remembers what it was sent."""

    def __init__(self, port, run_id, owner=None, origin=None, hello=True):
        origin = f"http://127.0.0.1:{port}" if origin is None else origin
        address = f"ws://127.0.0.1:{port}{routes.socket_path()}"
        self.closing = contextlib.ExitStack()
        # Messages that nobody takes yet hold up the answer to a ping: without pings, they may wait.
        opening = connect(address, origin=origin, open_timeout=PATIENCE, ping_interval=None)
        self.socket = self.closing.enter_context(opening)
        self.owner, self.events, self.frames, self.pictures = owner, [], [], []
        if hello:
            self.say(do="hello", run=run_id)

    def say(self, **message):
        """Send a message, with the owner's token."""
        self.socket.send(json.dumps({"owner": self.owner, **message}))

    def take(self):
        """Take the next message."""
        message = self.socket.recv(timeout=PATIENCE)
        if message[0] == wire.KIND_EVENT:
            self.events.append(wire.parse_event(message))
            return self.events[-1]
        if message[0] == wire.KIND_PICTURES:
            self.pictures.append(wire.parse_pictures(message))
            return self.pictures[-1]
        self.frames.append(wire.parse_frame(message))
        return self.frames[-1]

    def until(self, wanted):
        """Take messages until one is as wanted; return it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = self.take()
            if isinstance(found, dict) and wanted(found):
                return found
        raise AssertionError(f"not within {PATIENCE} s; last events: {self.events[-3:]}")

    def until_event(self, name):
        """Take messages until this event."""
        return self.until(lambda message: message.get("event") == name)

    def until_status(self, status):
        """Take messages until a frame of this status."""
        return self.until(lambda message: message.get("status") == status)

    def close(self):
        """Close the socket, as a browser does that leaves."""
        self.closing.close()


@pytest.fixture
def port(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    app = Starlette(routes=routes.live_routes())
    settings = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio"
    )
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    spare = registry._REGISTRY._spare
    workers = [run._process for run in registry._REGISTRY._runs.values()]
    workers += [spare] if spare is not None else []
    registry.stop_all()
    server.should_exit = True
    thread.join(10)
    for worker in workers:
        worker.popen.wait(10)
    registry._REGISTRY._runs.clear()
    registry._REGISTRY._refill_at = 0.0


@pytest.fixture
def watch(port):
    """Open sockets that are closed at the end."""
    with contextlib.ExitStack() as stack:

        def opened(run_id, owner=None, **more):
            client = Client(port, run_id, owner, **more)
            stack.callback(client.close)
            return client

        yield opened


@pytest.fixture
def config():
    return TrainingConfig(
        task="xor4",
        hidden=(16, 16),
        steps=200_000,
        modularity_coefficient=0.5,
        penalty_ramp=(0.0, 0.0),
        module_count=4,
    )
