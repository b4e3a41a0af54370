"""The page *Train*, without a browser: the form, its presets, bad values, the list of runs."""

from pathlib import Path

import pytest

from explorer.errors import ConfigError
from explorer.network.tasks import kept, tasks
from explorer.training.config import TrainingConfig
from explorer.training.loop import Training
from explorer.ui.live import registry
from explorer.ui.train.presets import PRESETS
from explorer.ui.train.settings import FIELDS, read_widths, to_config, to_form
from tests.pages.train_form import ROOT, field, opened, press_start


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[TrainingConfig, str, bool]]:
    """Runs that would have been started; no process is."""
    found: list[tuple[TrainingConfig, str, bool]] = []

    def start_run(config: TrainingConfig, name: str, go_on: bool = False) -> tuple[str, str]:
        found.append((config, name, go_on))
        return "r" * 24, "token"

    monkeypatch.setattr(registry, "start_run", start_run)
    return found


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
    assert any("λ becomes 1 after step 4,000" in found.value for found in app.caption)
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
