"""The page *Train* as tests open it."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from explorer.training.config import TrainingConfig
from explorer.training.run_folder import run_in_folder

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "explorer" / "ui" / "frame.py"


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    app.switch_page(str(ROOT / "pages" / "train.py")).run()
    assert not app.exception
    return app


def field(app: AppTest, name: str) -> str:
    """Key of a field of the form; it is another one after every preset."""
    return f"train_set_{name}_{app.session_state['train_version']}"


def press_start(app: AppTest) -> AppTest:
    app.button(key="train_begin").click().run()
    assert not app.exception
    return app


def finished_run(home: Path, name: str = "mine") -> None:
    config = TrainingConfig(task="xor4", hidden=(8,), steps=30)
    run_in_folder(config, home / "runs" / name)


def run_list(app: AppTest):
    """The list of runs."""
    return next(found for found in app.selectbox if found.label == "Run")
