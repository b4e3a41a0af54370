"""The WebSocket on Streamlit's own port over which browsers watch and steer live runs.

Streamlit checks nothing on routes that an app adds, so all is checked here: where a page comes
from, the size, rate, types and ranges of what it says, the id of the run and the token of its
owner. Neither id nor token is ever part of an address, so that no log of requests holds one.

A run lives as long as a socket is open to it (or it was told to go on): that is what the beats to
the worker say.
"""

import asyncio
import contextlib
import json
import time
from typing import Any
from urllib.parse import urlsplit

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import config

from explorer.errors import LiveRunError
from explorer.training.live import wire
from explorer.ui.live import registry
from explorer.ui.live.run import LiveRun, Subscriber

CHANGEABLE = ("modularity_coefficient", "l1_coefficient", "learning_rate")
_PLAIN = ("pause", "resume", "step", "stop")
_MAX_CHARACTERS = 1_000  # of a message
_MAX_RATE = 120  # messages a second
_MAX_VALUE = 1e6
_HELLO_WITHIN = 5.0  # seconds
_BEAT = 2.0
_BAD, _UNKNOWN, _MANY, _FAST = 4400, 4404, 4429, 4408  # close codes

_served = False


def live_routes() -> list[BaseRoute]:
    """Routes for ``st.App``."""
    global _served  # noqa: PLW0603 - said once, when the app is made
    _served = True
    return [WebSocketRoute(socket_path(), watch)]


def is_served() -> bool:
    """Whether this server has the WebSocket: not if a page was run without ``explorer/app.py``."""
    return _served


def socket_path() -> str:
    """Path of the WebSocket, with the base path under which the app is served."""
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/train/socket" if base else "/train/socket"


async def watch(websocket: WebSocket) -> None:
    """Serve one socket: greet, then send what the run sends and pass on what the owner says."""
    if not is_same_origin(websocket.headers.get("origin"), websocket.headers.get("host")):
        await websocket.close()  # before it is accepted: the browser is answered 403
        return
    with registry.socket() as allowed, contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await websocket.accept()
        if not allowed:
            many = "Too many pages watch runs on this server; close one."
            await _refuse(websocket, _MANY, many, "turned_away")
            return
        try:
            hello = read_message(await asyncio.wait_for(_receive(websocket), _HELLO_WITHIN))
            if hello["do"] != "hello":
                raise LiveRunError(f"found {hello['do']!r:.40}; expected a hello first")
        except (LiveRunError, TimeoutError) as problem:
            await _refuse(websocket, _BAD, f"{problem!s}." if str(problem) else "Nothing was said.")
            return
        run = registry.find(hello["run"])
        if run is None:
            gone = "This run is not known to the server any more; what it saved is still there."
            await _refuse(websocket, _UNKNOWN, gone)
            return
        subscriber = Subscriber(run.owned_by(hello["owner"]))
        run.tell(do="beat")
        run.subscribe(subscriber)
        try:
            await _talk(websocket, run, subscriber)
        finally:
            run.unsubscribe(subscriber)


def is_same_origin(origin: str | None, host: str | None) -> bool:
    """Tell whether a page of this server (or of one that its settings allow) asks.

    Examples
    --------
    >>> is_same_origin("http://localhost:8501", "localhost:8501")
    True
    >>> is_same_origin("http://evil.example", "localhost:8501"), is_same_origin(None, "x")
    (False, False)
    """
    if not origin or not host:
        return False
    try:
        place = urlsplit(origin).netloc
    except ValueError:
        return False
    if place == host or not config.get_option("server.enableCORS"):
        return True
    allowed = config.get_option("server.corsAllowedOrigins") or []
    return origin.rstrip("/") in [str(one).rstrip("/") for one in allowed]


def read_message(text: str) -> dict[str, Any]:
    """Read what a browser says.

    Returns
    -------
    dict
        ``do`` and ``owner`` (None if it is not given); ``run`` for a hello, ``name`` and ``value``
        for a change, ``go_on`` for that.

    Raises
    ------
    LiveRunError
        If it is nothing that is understood here.

    Examples
    --------
    >>> read_message('{"do": "pause", "owner": "x"}')
    {'do': 'pause', 'owner': 'x'}
    """
    if len(text) > _MAX_CHARACTERS:
        raise LiveRunError(
            f"found a message of {len(text):,} characters; expected at most {_MAX_CHARACTERS:,}"
        )
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise LiveRunError("found a message that is no JSON; expected an object") from problem
    owner = said.get("owner") if isinstance(said, dict) else None
    token = owner if isinstance(owner, str) and owner.isascii() else None
    match said:
        case {"do": "hello", "run": str(run)}:
            return {"do": "hello", "run": run, "owner": token}
        case {"do": "beat"}:
            return {"do": "beat", "owner": token}
        case {"do": "change", "name": str(name), "value": int() | float() as value}:
            if name in CHANGEABLE and type(value) is not bool and _is_small(value):
                return {"do": "change", "name": name, "value": float(value), "owner": token}
        case {"do": "go_on", "value": bool(value)}:
            return {"do": "go_on", "go_on": value, "owner": token}
        case {"do": str(do)} if do in _PLAIN:
            return {"do": do, "owner": token}
    raise LiveRunError(
        f"found the message {text!r:.80}; expected hello, pause, resume, step, stop, change or "
        f"go_on, whole"
    )


async def _talk(websocket: WebSocket, run: LiveRun, subscriber: Subscriber) -> None:
    """Send and receive until one of both ends."""
    both = [
        asyncio.create_task(_send_all(websocket, run, subscriber)),
        asyncio.create_task(_receive_all(websocket, run, subscriber)),
    ]
    try:
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
    for task in done:
        task.result()


async def _send_all(websocket: WebSocket, run: LiveRun, subscriber: Subscriber) -> None:
    beat = time.monotonic()
    while True:
        messages = await subscriber.get(timeout=1.0)
        if time.monotonic() - beat >= _BEAT:
            run.tell(do="beat")
            beat = time.monotonic()
        if not messages and run.status == "starting":
            messages = [wire.build_frame("starting", steps=run.config.steps)]
        for message in messages:
            await websocket.send_bytes(message)


async def _receive_all(websocket: WebSocket, run: LiveRun, subscriber: Subscriber) -> None:
    second, count = 0, 0
    while True:
        text = await _receive(websocket)
        now = int(time.monotonic())
        second, count = (second, count + 1) if now == second else (now, 1)
        if count > _MAX_RATE:
            fast = f"More than {_MAX_RATE} messages a second were sent."
            await _refuse(websocket, _FAST, fast, "turned_away")
            return
        try:
            command = read_message(text)
            if command["do"] in ("beat", "hello"):
                continue
            if not run.owned_by(command.pop("owner")):
                raise LiveRunError("this run is another visitor's; expected its owner")
            if not run.tell(**command):
                raise LiveRunError("the run has ended; expected one that is on its way")
        except LiveRunError as problem:
            subscriber.put(wire.build_event("refused", message=_sentence(str(problem))))


async def _receive(websocket: WebSocket) -> str:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text")
    return text if isinstance(text, str) else ""


async def _refuse(websocket: WebSocket, code: int, message: str, event: str = "failed") -> None:
    await websocket.send_bytes(wire.build_event(event, message=_sentence(message)))
    await websocket.close(code)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _is_small(value: float) -> bool:
    return abs(value) <= _MAX_VALUE  # NaN is not
