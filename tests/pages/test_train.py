"""The page *Train*, without a browser: the form, its presets, bad values, the list of runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.errors import ConfigError
from explorer.network.tasks import kept, tasks
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training
from explorer.training.run_folder import RunFolder, run_in_folder
from explorer.ui.live import registry
from explorer.ui.train.kept import kept_runs
from explorer.ui.train.presets import PRESETS
from explorer.ui.train.settings import FIELDS, read_widths, to_config, to_form

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "explorer" / "ui" / "frame.py"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    yield tmp_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[TrainingConfig, str, bool]]:
    """Runs that would have been started; no process is."""
    found: list[tuple[TrainingConfig, str, bool]] = []

    def start_run(config: TrainingConfig, name: str, go_on: bool = False) -> tuple[str, str]:
        found.append((config, name, go_on))
        return "r" * 24, "token"

    monkeypatch.setattr(registry, "start_run", start_run)
    return found


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


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_makes_a_run_and_says_why_in_one_sentence(name: str) -> None:
    preset = PRESETS[name]
    config = to_config(to_form(preset.settings), preset.settings)
    assert {k: getattr(config, k) for k in preset.settings} == dict(preset.settings)
    assert Training(config).steps_done == 0
    assert preset.why.endswith(".")
    assert preset.why.count(". ") == 0
    assert len(preset.why) < 220


@pytest.mark.parametrize("name", tasks())
def test_every_task_has_defaults_that_the_form_takes(name: str) -> None:
    from explorer.network.tasks import task

    made = task(name)
    form = to_form({"task": name, "hidden": made.hidden, "network": made.networks[0]})
    assert set(form) == set(FIELDS)
    assert to_config(form).hidden == made.hidden


@pytest.mark.parametrize("text", ["a", "48, x", "4.5", "٣", "1" * 300])
def test_widths_that_are_no_numbers_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected whole numbers such as 48, 48"):
        read_widths(text)


def test_the_empty_page_says_what_to_do() -> None:
    app = opened()
    assert "Press **Start training**" in app.info[0].value
    assert any("No runs yet" in text.value for text in app.markdown)
    assert app.session_state["train_preset"] == "xor4"


def test_start_takes_what_the_form_says(started: list[tuple[TrainingConfig, str, bool]]) -> None:
    app = opened()
    app.button_group(key="train_preset").set_value("raised").run()
    app.text_input(key=field(app, "hidden")).set_value("24 12").run()
    app.checkbox(key="train_go_on").check().run()
    press_start(app)
    config, _, go_on = started[0]
    assert config.hidden == (24, 12)
    assert config.changes == ((4_000, "modularity_coefficient", 1.0),)
    assert go_on
    assert app.query_params["run"] == "r" * 24


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("hidden", "0", "found hidden = (0,)"),
        ("hidden", "100000", "expected whole numbers from 1 to 5,000"),
        ("hidden", "a few", "expected whole numbers such as 48, 48"),
        ("modularity_coefficient", -1.0, "found modularity_coefficient = -1.0"),
        ("modularity_coefficient", 1e9, "expected a number from 0 to 1000"),
        ("learning_rate", 0.0, "found learning_rate = 0"),
        ("steps", 0, "found steps = 0"),
        ("module_count", 1, "expected 0 (automatic) or 2 to 64"),
        ("seed", -5, "found seed = -5"),
    ],
)
def test_a_bad_value_is_one_sentence_and_the_page_stays(
    key: str, value: object, said: str, started: list[tuple[TrainingConfig, str, bool]]
) -> None:
    app = opened()
    kind = app.text_input if key == "hidden" else app.number_input
    kind(key=field(app, key)).set_value(value).run()
    press_start(app)
    assert said in app.error[0].value
    assert len(app.error) == 1
    assert started == []
    assert app.button(key="train_begin")


def test_another_task_brings_its_own_network() -> None:
    app = opened()
    app.selectbox(key=field(app, "task")).set_value("stories").run()
    assert app.selectbox(key=field(app, "network")).value == "gpt"
    assert app.text_input(key=field(app, "hidden")).value == "256, 256"
    assert app.selectbox(key=field(app, "gate")).value == "none"
    assert app.session_state["train_preset"] is None
    app.selectbox(key=field(app, "task")).set_value("spiral").run()
    assert app.selectbox(key=field(app, "network")).value == "mlp"
    assert not app.exception


def test_an_answer_that_comes_too_late_does_not_undo_a_preset(
    started: list[tuple[TrainingConfig, str, bool]],
) -> None:
    app = opened()
    before = field(app, "hidden")
    app.button_group(key="train_preset").set_value("digits-cnn").run()
    app.session_state[before] = "32, 32"  # from a browser that did not have the new form yet
    press_start(app)
    assert started[0][0].hidden == (16, 16)
    assert started[0][0].network == "cnn"


def test_a_network_to_continue_from_brings_its_task(
    started: list[tuple[TrainingConfig, str, bool]],
) -> None:
    app = opened()
    app.selectbox(key=field(app, "start")).set_value("digits-plain").run()
    assert app.selectbox(key=field(app, "task")).value == "digits"
    press_start(app)
    assert started[0][0].start == "digits-plain"
    app.text_input(key=field(app, "hidden")).set_value("8").run()
    press_start(app)
    assert "found a mlp" in app.error[0].value


def test_the_form_is_kept_when_the_page_is_left() -> None:
    app = opened()
    app.text_input(key=field(app, "hidden")).set_value("9, 9").run()
    app.switch_page(str(ROOT / "pages" / "overview.py")).run()
    app.switch_page(str(ROOT / "pages" / "train.py")).run()
    assert app.text_input(key=field(app, "hidden")).value == "9, 9"


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
    assert "mine · finished" in app.selectbox(key="train_chosen").options[0]
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
    assert "half · stopped" in app.selectbox(key="train_chosen").options[0]
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


def test_a_table_of_ones_own_becomes_a_task() -> None:
    app = opened()
    rows = [f"{n},{n * n % 7},{['even', 'odd'][n % 2]}" for n in range(60)]
    data = "\n".join(["n,square,parity", *rows]).encode()
    app.file_uploader[0].set_value(("numbers.csv", data, "text/csv")).run()
    assert not app.exception
    chosen = app.selectbox(key=field(app, "task"))
    assert chosen.value.startswith("csv-")
    assert "numbers.csv" in chosen.options
    assert app.selectbox(key=field(app, "network")).value == "mlp"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bad.csv", b"a,b\n1,x\n", "bad.csv: found"),
        ("bad.csv", b"\xff\xfe\x00", "bad.csv: found"),
        ("empty.txt", b" ", "empty.txt: found an empty file"),
    ],
)
def test_a_file_that_makes_no_task_is_one_sentence(name: str, data: bytes, said: str) -> None:
    app = opened()
    app.file_uploader[0].set_value((name, data, "text/plain")).run()
    assert not app.exception
    assert said in app.error[0].value.replace("\\", "")
    assert app.selectbox(key=field(app, "task")).value == "xor4"


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


def test_a_damaged_task_is_replaced_and_said(home: Path) -> None:
    data = b"a,b\n" + b"1,x\n2,y\n" * 60
    app = opened()
    app.file_uploader[0].set_value(("mine.csv", data, "text/csv")).run()
    chosen = app.selectbox(key=field(app, "task")).value
    assert chosen.startswith("csv-")
    (file,) = (home / "tasks").glob("*.task")
    file.write_bytes(file.read_bytes()[:-30])
    kept._made.cache_clear()
    app.run()
    assert not app.exception
    assert "cannot be read any more" in app.error[0].value
    assert app.selectbox(key=field(app, "task")).value == "xor4"
    app.selectbox(key=field(app, "task")).select("pair").run()
    assert not app.error


def test_names_of_a_file_are_no_marks(home: Path) -> None:
    data = b"a,![p](http://evil.example/p.png)\n" + b"1,x\n2,y\n" * 60
    app = opened()
    app.file_uploader[0].set_value(("mine.csv", data, "text/csv")).run()
    (shown,) = (found.value for found in app.caption if "evil" in found.value)
    assert "\\!" in shown or "\\[p\\]" in shown
    assert "[p](" not in shown


def test_a_change_of_the_preset_gives_way_to_a_value_of_ones_own(started) -> None:
    app = opened()
    app.pills[0].select("raised").run()
    assert any("becomes 1 after step 4,000" in found.value for found in app.caption)
    app.number_input(key=field(app, "seed")).set_value(5).run()
    press_start(app)
    assert started[-1][0].changes == ((4_000, "modularity_coefficient", 1.0),)
    app.number_input(key=field(app, "modularity_coefficient")).set_value(5.0).run()
    assert not any("becomes 1" in found.value for found in app.caption)
    press_start(app)
    assert (started[-1][0].modularity_coefficient, started[-1][0].changes) == (5.0, ())


def test_going_on_is_remembered_when_one_leaves_the_page() -> None:
    app = opened()
    app.checkbox(key="train_go_on").check().run()
    app.switch_page(str(ROOT / "pages" / "overview.py")).run()
    app.switch_page(str(ROOT / "pages" / "train.py")).run()
    assert app.checkbox(key="train_go_on").value is True


def test_only_a_run_that_began_can_be_resumed(home: Path, monkeypatch) -> None:
    (home / "runs" / "failed").mkdir(parents=True)
    known = {"id": "x", "name": "failed", "status": "failed", "steered": False}
    monkeypatch.setattr(registry, "runs", lambda: [known])
    app = opened()
    assert "Resume" not in [button.label for button in app.button]


def test_a_run_that_nobody_steers_can_be_taken_over(home: Path, monkeypatch) -> None:
    finished_run(home)
    known = {"id": "x" * 24, "name": "mine", "status": "running", "steered": False}
    monkeypatch.setattr(registry, "runs", lambda: [known])
    monkeypatch.setattr(registry, "take_over", lambda run: f"token of {run}")
    app = opened()
    next(button for button in app.button if button.label == "Take over").click().run()
    assert app.session_state["train_owners"] == {"x" * 24: f"token of {'x' * 24}"}
    known["steered"] = True
    del app.session_state["train_owners"]
    app.run()
    assert "Take over" not in [button.label for button in app.button]
