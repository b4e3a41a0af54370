"""An app that starts a run by itself: ``streamlit run tests/ui/live/app_with_run.py``."""

import contextlib
import json
from pathlib import Path

import streamlit as st

from explorer.network.home import home
from explorer.training.config import TrainingConfig
from explorer.ui.live import registry
from explorer.ui.live.routes import live_routes, socket_path


@contextlib.asynccontextmanager
async def _lifespan(_):
    config = TrainingConfig(task="xor4", hidden=(8, 8), steps=10**6)
    run, owner = registry.start_run(config, "started", go_on=True)
    registry._REGISTRY._refill_at = 0.0
    registry.prepare()  # a process that waits has to end too
    said = json.dumps({"run": run, "owner": owner, "path": socket_path()})
    (home() / "started.json").write_text(said)
    yield


app = st.App(Path(__file__).with_name("empty_page.py"), lifespan=_lifespan, routes=live_routes())
