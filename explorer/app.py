"""The application that ``streamlit run explorer/app.py`` serves.

An ``st.App`` around the page frame: beside Streamlit's routes it has the WebSocket of live runs,
and it starts the slow imports while the browser is still opening.
"""

import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st

from explorer.ui.live import registry
from explorer.ui.live.routes import live_routes

FRAME = Path(__file__).parent / "ui" / "frame.py"


def _warm_up() -> None:
    """Import what every page needs, torch above all, and load the compiled kernels."""
    from explorer import find_modules, gomory_hu_tree, load, network_graph
    from explorer.training.config import TrainingConfig
    from explorer.training.loop import Training

    graph = network_graph(load("xor4-modular"))
    find_modules(graph, k=2)
    gomory_hu_tree(graph)
    # The page that trains checks settings by making the run that they describe.
    Training(TrainingConfig(task="pair", hidden=(4,)))


@contextlib.asynccontextmanager
async def _lifespan(_: object) -> AsyncIterator[None]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    try:
        yield
    finally:
        registry.stop_all()


app = st.App(FRAME, lifespan=_lifespan, routes=live_routes())
