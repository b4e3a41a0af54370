"""`show_live_run`: draw a run while it trains, and let its owner steer it.

The component is mounted once and its data never changes while a run is in view: all that moves
comes over a WebSocket on Streamlit's own port, so that no rerun of the page is needed to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import streamlit as st

from explorer.training.live import wire
from explorer.views.palette import module_color

_SCRIPTS = (
    "theme.js",
    "wire.js",
    "socket.js",
    "data.js",
    "modules.js",
    "neurons.js",
    "curves.js",
    "controls.js",
    "words.js",
    "live.js",
)
_UNREACHABLE = (
    "The run cannot be reached at {path}; expected the app to be started by "
    "`streamlit run explorer/app.py`, which serves that address"
)


@dataclass(frozen=True)
class Ended:
    """A run that came to its end while somebody watched.

    Attributes
    ----------
    run : str
    status : str
        ``"finished"``, ``"stopped"`` or ``"failed"``.
    network : str or None
        Id to open the trained network by.
    """

    run: str
    status: str
    network: str | None


def show_live_run(run: str, socket: str, owner: str | None = None) -> Ended | None:
    """Draw a run and return how it ended, once, in the run of the page that this starts.

    Parameters
    ----------
    run : str
        Id of the run.
    socket : str
        Path of the WebSocket on this server.
    owner : str, optional
        The token with which the run can be steered; without it one can watch. The browser keeps
        it for its tab, so that a reload can steer again.
    """
    result = _component()(
        key=f"live-{run}", data=_payload(run, socket, owner), on_ended_change=_heard
    )
    return _read_end(result.get("ended"), run)


def _heard() -> None:
    """The end of a run starts a run of the page; ``show_live_run`` returns it there."""


def _payload(run: str, socket: str, owner: str | None) -> dict[str, Any]:
    return {
        "run": run,
        "owner": owner,
        "socket": socket,
        "unreachable": _UNREACHABLE.format(path=socket),
        "colors": [module_color(index) for index in range(64)],
        "wire": {
            "offsets": wire.offsets(),
            "statuses": list(wire.STATUSES),
            "forms": list(wire.FORMS),
            "modules": wire.MAX_MODULES,
        },
    }


def _read_end(raw: object, run: str) -> Ended | None:
    """Return how the run ended, if that is what the browser says: whatever it sends is checked."""
    match raw:
        case {"run": str(name), "status": str(status), "network": network} if name == run:
            known = status in wire.ENDED and (network is None or isinstance(network, str))
            return Ended(name, status, network) if known else None
        case _:
            return None


@cache
def _component() -> Any:
    """Register the component, once for the server."""
    here = resources.files("explorer.ui.train")

    def text(name: str) -> str:
        return (here / name).read_text(encoding="utf-8")

    return st.components.v2.component(
        "explorer.live",
        html=text("live.html"),
        css=text("live.css"),
        # A component is one module: the files are joined, each small enough to be read.
        js="\n".join(text(name) for name in _SCRIPTS),
    )
