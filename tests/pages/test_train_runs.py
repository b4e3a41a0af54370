"""The list of runs on the page *Train*: opened, resumed, taken over, deleted."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.training.config import TrainingConfig
from explorer.training.run_folder import RunFolder
from explorer.ui.live import registry
from explorer.ui.train.kept import kept_runs
from tests.pages.train_form import FRAME, ROOT, field, finished_run, opened, run_list


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    return tmp_path


def test_a_run_that_is_gone_is_said_to_be_gone() -> None:
    app = opened(run="a" * 24)
    assert "not on this server any more" in app.warning[0].value


def test_a_link_with_a_bad_run_falls_back() -> None:
    app = AppTest.from_file(str(FRAME), default_timeout=60)
    app.query_params["run"] = "<script>"
    app.run()
    assert "expected the id of a run" in app.warning[0].value


def test_a_kept_run_opens_on_a_page_compares_and_is_deleted(home: Path) -> None:
    finished_run(home)
    app = opened()
    assert "mine · finished" in run_list(app).options[0]
    app.toggle(key="train_compare").set_value(True).run()
    app.selectbox(key="train_second").set_value("bundled: xor4-modular").run()
    assert not app.exception
    assert any("what their neurons do on the same examples" in text.value for text in app.caption)
    app.button(key="kept-modules").click().run()
    assert not app.exception
    assert app.title[0].value == "Modules of mine"
    app.switch_page(str(ROOT / "pages" / "train.py")).run()
    app.button(key="kept-ability").click().run()
    assert app.title[0].value == "Abilities of mine"
    app.switch_page(str(ROOT / "pages" / "train.py")).run()
    next(b for b in app.button if b.label == "Delete it").click().run()
    assert not (home / "runs" / "mine").exists()
    assert any("No runs yet" in text.value for text in app.markdown)


def test_a_kept_run_can_be_trained_further(home: Path) -> None:
    finished_run(home)
    app = opened()
    next(b for b in app.button if b.label == "Train further").click().run()
    assert not app.exception
    assert app.text_input(key=field(app, "hidden")).value == "8"
    assert app.selectbox(key=field(app, "start")).value.endswith(".safetensors")


def test_a_run_that_was_cut_short_can_be_resumed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(home / "runs" / "half")
    folder.save(folder.begin(TrainingConfig(task="xor4", hidden=(8,), steps=30)))
    resumed = []

    def resume_run(name: str) -> tuple[str, str]:
        resumed.append(name)
        return "s" * 24, "token"

    monkeypatch.setattr(registry, "resume_run", resume_run)
    app = opened()
    assert "half · stopped" in run_list(app).options[0]
    next(b for b in app.button if b.label == "Resume").click().run()
    assert resumed == ["half"]
    assert app.query_params["run"] == "s" * 24


def test_damaged_networks_of_runs_are_one_sentence(home: Path) -> None:
    finished_run(home)
    (home / "runs" / "mine" / "network.safetensors").write_bytes(b"no network")
    app = opened()
    app.button(key="kept-overview").click().run()
    assert not app.exception
    assert "network.safetensors" in app.error[0].value


def test_a_run_of_another_account_hides_no_other(home: Path, monkeypatch) -> None:
    finished_run(home)
    (home / "runs" / "locked").mkdir()
    is_file = Path.is_file

    def refusing(path: Path) -> bool:
        if "locked" in path.parts:
            raise PermissionError(13, "Permission denied")
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refusing)
    assert [run.name for run in kept_runs()] == ["mine"]


def test_only_a_run_that_began_can_be_resumed(home: Path, monkeypatch) -> None:
    (home / "runs" / "failed").mkdir(parents=True)
    known = {"id": "x", "name": "failed", "status": "failed", "alone": True}
    monkeypatch.setattr(registry, "runs", lambda: [known])
    app = opened()
    assert "Resume" not in [button.label for button in app.button]


def test_a_run_that_nobody_steers_can_be_taken_over(home: Path, monkeypatch) -> None:
    finished_run(home)
    known = {"id": "x" * 24, "name": "mine", "status": "running", "alone": True}
    monkeypatch.setattr(registry, "runs", lambda: [known])
    monkeypatch.setattr(registry, "take_over", lambda run: f"token of {run}")
    app = opened()
    next(button for button in app.button if button.label == "Take over").click().run()
    assert app.session_state["train_owners"] == {"x" * 24: f"token of {'x' * 24}"}
    known["alone"] = False
    del app.session_state["train_owners"]
    app.run()
    assert "Take over" not in [button.label for button in app.button]


def test_the_list_says_what_became_of_a_run_and_keeps_the_choice(home: Path, monkeypatch) -> None:
    finished_run(home, "one")
    finished_run(home, "two")
    known = {"id": "x" * 24, "name": "one", "status": "running", "alone": False}
    monkeypatch.setattr(registry, "runs", lambda: [known])
    app = opened()
    run_list(app).select("one").run()
    before = run_list(app)
    assert "one · on its way" in " ".join(before.options)
    known["status"] = "stopped"
    app.run()
    after = run_list(app)
    assert after.value == "one"
    assert "one · stopped" in " ".join(after.options)
    assert after.key != before.key  # a browser would go on showing the old words
