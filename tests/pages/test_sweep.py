"""The sweep page, through Streamlit's own AppTest."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from explorer.sweeps.folder import RunRecord, SweepFolder
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.start import kept_sweep, kept_sweeps
from explorer.sweeps.sweep import run_sweep
from tests.pages.test_pages import opened, text

GRID = SweepGrid(
    {"task": "xor4", "hidden": [8], "steps": 2},
    {"modularity_coefficient": [1.0], "seed": [0, 1]},
)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> list[tuple[RunRecord, bytes]]:
    """Real runs, made once."""
    folder = SweepFolder(tmp_path_factory.mktemp("sweep"))
    with ThreadPoolExecutor(1) as thread:
        list(run_sweep(GRID, folder, thread, 1))
    return [
        (record, (folder.path / "runs" / f"{id_}.safetensors").read_bytes())
        for id_, record in folder.records().items()
    ]


def kept(records, count: int = 4) -> None:
    folder = kept_sweep("mine")
    folder.write_grid(GRID)
    for record, network in records[:count]:
        folder.add(record, network)


def button(app: AppTest, label: str):
    return next(found for found in app.button if found.label == label)


def test_the_empty_page_says_what_to_do():
    app = opened("sweep")
    assert "No sweep is kept" in app.info[0].value
    assert (
        "This makes **33 runs**: 30 with a penalty and 3 plain, which the others are compared with"
        in text(app)
    )
    assert not app.error


def field(app: AppTest, kind: str, label: str):
    return next(found for found in getattr(app, kind) if found.label == label)


@pytest.mark.parametrize(
    ("kind", "label", "value", "said"),
    [
        ("multiselect", "Losses", [], "found no loss"),
        ("multiselect", "λ", [], "found no λ"),
        ("text_input", "Widths of the hidden layers", "8 many", "found the width 'many'"),
        ("text_input", "Widths of the hidden layers", "0", "found hidden = (0,)"),
        ("text_input", "Widths of the hidden layers", "100000", "found hidden"),
        ("text_input", "Name", "../x", "found the name '../x'"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(kind, label, value, said):
    app = opened("sweep")
    field(app, kind, label).set_value(value).run()
    assert said in app.error[0].value
    assert not any(found.label == "Start the sweep" for found in app.button)
    assert not app.exception


@pytest.mark.parametrize(("value", "said"), [("many", "λ"), ("nan", "nan"), ("-1", "-1.0")])
def test_a_bad_lambda(value, said, monkeypatch):
    monkeypatch.setattr("explorer.ui.sweep.grid_form.LAMBDAS", (value,))
    assert said in opened("sweep").error[0].value


def test_starting_puts_the_sweep_in_view(monkeypatch):
    started = []

    def start(name, grid):
        started.append((name, grid))
        kept_sweep(name).write_grid(grid)
        (kept_sweep(name).path / "said.txt").touch()

    monkeypatch.setattr("explorer.sweeps.start.start_sweep", start)
    monkeypatch.setattr("explorer.ui.cache.keep_process", lambda process: None)
    app = opened("sweep")
    field(app, "number_input", "Seeds").set_value(1).run()
    button(app, "Start the sweep").click().run()
    assert not app.exception
    ((name, grid),) = started
    assert name == "pair"
    assert len(grid.by_id) == 11
    assert "No run is done yet" in app.info[0].value
    assert any(found.label == "Stop" for found in app.button)


def test_the_front_of_a_finished_sweep(records):
    kept(records)
    app = opened("sweep")
    assert "All 4 runs are done." in app.caption[0].value
    assert "**Plain** training" in text(app)
    assert "**Layered modularity**" in text(app)
    assert len(app.dataframe[0].value) == 2
    assert not app.error


def test_a_network_is_opened_from_the_list(records):
    kept(records)
    app = opened("sweep")
    picked = field(app, "selectbox", "Open a network")
    picked.set_value("Layered modularity, λ 1, seed 1").run()
    button(app, "Open in Overview").click().run()
    assert not app.exception
    wanted = next(
        record
        for record, _ in records
        if record.config.seed == 1 and record.config.modularity_coefficient
    )
    assert app.session_state["network"] == wanted.figures.checkpoint_id
    assert app.title[0].value.startswith("xor4 layered 1 seed 1")


def test_a_stopped_sweep_can_go_on(records, monkeypatch):
    kept(records, 3)
    gone_on = []
    monkeypatch.setattr(
        "explorer.sweeps.start.start_sweep", lambda name, grid: gone_on.append((name, grid))
    )
    monkeypatch.setattr("explorer.ui.cache.keep_process", lambda process: None)
    app = opened("sweep")
    button(app, "Go on").click().run()
    assert gone_on == [("mine", GRID)]


def test_a_second_sweep_is_refused_while_one_runs(records):
    kept(records, 3)
    app = opened("sweep")
    with kept_sweep("mine").held():
        button(app, "Go on").click().run()
        assert "is running; expected it to be stopped or done first" in app.error[0].value


def test_failures_are_told(records):
    kept(records, 3)
    record = replace(records[3][0], figures=None, failed="the loss was no finite number")
    kept_sweep("mine").add(record)
    app = opened("sweep")
    assert "1 failed" in app.expander[0].label
    assert "seed 1: the loss was no finite number" in text(app)


def test_a_damaged_sweep_is_told_and_can_be_deleted(records):
    kept(records)
    (kept_sweep("mine").path / "grid.toml").write_text("nonsense")
    app = opened("sweep")
    assert "is no TOML file" in app.error[0].value
    button(app, "Delete").click().run()
    assert not app.exception
    assert kept_sweeps() == ()
    assert "No sweep is kept" in app.info[0].value
