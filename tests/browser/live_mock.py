"""A run that is not there: answers the live component's WebSocket in the wire format."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Page, WebSocketRoute

from explorer.training.live import wire

LAYERS = (("inputs", "input", 2), ("hidden 1", "hidden", 16), ("hidden 2", "hidden", 16))
SIZES = (2, 16, 16, 2)


def about(owner: bool = True, kind: str = "plane") -> bytes:
    """What the run is; ``kind`` is what its data looks like: plane, images, text or bits."""
    rng = np.random.default_rng(0)
    layers = [{"name": n, "role": r, "size": s} for n, r, s in (*LAYERS, ("outputs", "output", 2))]
    more: dict[str, Any] = {"heads": [{"name": "arm", "classes": ["one", "two"]}]}
    if kind == "plane":
        angle, label = rng.uniform(0, 6, 200), rng.integers(0, 2, 200)
        x, y = (
            angle / 7 * np.sin(angle + math.pi * label),
            angle / 7 * np.cos(angle + math.pi * label),
        )
        more |= {
            "reach": 1.0,
            "points": [list(p) for p in zip(x.tolist(), y.tolist(), label.tolist(), strict=True)],
        }
    elif kind == "images":
        more["examples"] = [
            {"rows": 8, "columns": 8, "pixels": rng.integers(0, 256, 64).tolist(), "truth": [i % 2]}
            for i in range(12)
        ]
    elif kind == "text":
        more = {"heads": []}
    return wire.build_event(
        "about",
        run="a" * 16,
        name="mock",
        config={"steps": 3000, "learning_rate": 0.003},
        owner=owner,
        layers=layers,
        **more,
    )


def frame(step: int, status: str = "running", coefficient: float = 1.0, **values: Any) -> bytes:
    """A frame of a run that splits into three modules."""
    mass = np.zeros((8, 8))
    mass[:3, :3] = [[0.3, 0.01, 0.0], [0.02, 0.35, 0.05], [0.0, 0.02, 0.25]]
    y, x = np.mgrid[1:-1:32j, -1:1:32j]
    inside = np.sin(6 * np.hypot(x, y) + np.arctan2(x, y) + step / 50)
    grid = ((inside > 0).astype(int) << 4) | np.rint(15 * np.abs(inside)).astype(int)
    fit = math.exp(-step / 700)
    given = {
        "sequence": step,
        "step": step,
        "steps": 3000,
        "modules": 3,
        "found": 3,
        "side": 32,
        "mass": mass,
        "interface_count": int(200 * fit),
        "task_loss": 0.7 * fit + 0.02,
        "accuracy": 1 - 0.5 * fit,
        "validation_loss": 0.7 * fit,
        "layered_modularity": 0.66 * (1 - fit),
        "inside": 0.9,
        "trivial_share": 1 - 0.3 * (1 - fit),
        "steps_per_second": 812.0,
        "strength": 0.4,
        "modularity_coefficient": coefficient,
        "learning_rate": 0.003,
        "grid": grid,
        "nodes": [12, 12, 12, 0, 0, 0, 0, 0],
    }
    return wire.build_frame(status, **{**given, **values})


def pictures(step: int, form: str = "plane") -> bytes:
    """A picture of every hidden neuron."""
    rng = np.random.default_rng(1)
    labels = np.arange(sum(SIZES)) % 3
    hidden = range(2, 34) if form == "plane" else range(2, 18)
    side = 16 if form == "plane" else 8
    y, x = np.mgrid[1 : -1 : complex(side), -1 : 1 : complex(side)]
    pixels = [
        128 + 127 * np.tanh(4 * (a * x + b * y + c))
        for a, b, c in rng.normal(size=(len(hidden), 3))
    ]
    more: dict[str, Any] = {}
    if form == "none":
        hidden, pixels = range(0), []
        more["text"] = "Once upon a time there was a fox who lost her red ball. " * 8
    elif form == "weights":
        more["guesses"] = [[[i % 2 if i % 5 else 1, 0.9]] for i in range(12)]
    return wire.build_pictures(
        wire.Pictures(
            form,
            step,
            SIZES,
            labels.astype(np.int8),
            np.array(hidden, np.uint16),
            np.array(pixels, np.uint8).reshape(-1, side, side),
            more,
        )
    )


def history(until: int) -> bytes:
    """What was drawn before somebody opened the page."""
    columns = [
        "step",
        "task_loss",
        "accuracy",
        "layered_modularity",
        "interface_count",
        "trivial_share",
    ]
    rows = []
    for step in range(0, until, 20):
        fit = math.exp(-step / 700)
        rows.append(
            [step, 0.7 * fit, 1 - 0.5 * fit, 0.66 * (1 - fit) if step else math.nan, 200 * fit, 0.9]
        )
    changes = [{"step": 500, "name": "modularity_coefficient", "value": 1.0}]
    return wire.build_event("history", columns=columns, rows=rows, changes=changes)


class Mock:
    """Answers a page's socket; ``heard`` holds what the browser said.

    Parameters
    ----------
    page : Page
        Not yet opened.
    greeting : sequence of bytes
        Sent on every new connection.
    """

    def __init__(self, page: Page, greeting: Callable[[], list[bytes]]) -> None:
        self.heard: list[dict[str, Any]] = []
        self.sockets: list[WebSocketRoute] = []
        self.greeting = greeting
        page.route_web_socket("**/train/socket", self._open)

    def send(self, *messages: bytes) -> None:
        """Send to the newest connection."""
        for message in messages:
            self.sockets[-1].send(message)

    def _open(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)

        def take(message: str | bytes) -> None:
            said = json.loads(message)
            self.heard.append(said)
            if said["do"] == "hello":
                self.send(*self.greeting())

        socket.on_message(take)
