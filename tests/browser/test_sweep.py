"""The sweep page in a browser: start one, watch its front grow, open a network by a click."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.benchmarks.browser import serving, settled
from explorer.sweeps.folder import SweepFolder
from explorer.sweeps.grid import SweepGrid
from explorer.sweeps.processes import WorkerProcesses
from explorer.sweeps.sweep import run_sweep
from tests.browser.conftest import Opener, _opener

pytestmark = pytest.mark.browser
GRID = SweepGrid(
    {"task": "xor4", "hidden": [8], "steps": 300},
    {"loss": ["layered", "l1"], "modularity_coefficient": [0.1], "seed": [0, 1]},
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with WorkerProcesses(1) as processes:
        list(run_sweep(GRID, SweepFolder(folder / "sweeps" / "two-losses"), processes, 1))
    return folder


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home=home) as found:
        yield found


@pytest.fixture
def open_sweeps(browser: Browser, address: str) -> Iterator[Opener]:
    yield from _opener(browser, address)


def opened(open_sweeps: Opener, **how: object) -> Page:
    page = open_sweeps("/sweep", graph=False, **how)
    expect(page.get_by_role("heading", name="What does modularity cost?")).to_be_visible()
    expect(page.locator(".js-plotly-plot .legend")).to_be_visible()
    return page


def test_a_click_on_a_mark_opens_its_network(open_sweeps: Opener) -> None:
    page = opened(open_sweeps)
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    lines = page.locator(".js-plotly-plot .scatterlayer .trace")
    box = lines.last.locator(".points path").first.bounding_box()  # the mean of the last line
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("heading", name=re.compile("^xor4 l1 0.1 seed"))).to_be_visible()
    expect(page.get_by_text("How modular is it?")).to_be_visible()
    assert re.search(r"network=[0-9a-f]{16}$", page.url)
    page.get_by_test_id("stSidebar").get_by_role("link", name="Sweep").click()
    expect(page.locator(".js-plotly-plot .legend")).to_be_visible()


def test_a_network_is_opened_by_keyboard(open_sweeps: Opener) -> None:
    page = opened(open_sweeps)
    picker = page.get_by_role("combobox", name=re.compile("Open a network"))
    picker.focus()
    page.keyboard.type("Plain, seed 1")
    expect(page.get_by_role("option")).to_have_text(["Plain, seed 1"])
    page.keyboard.press("Enter")
    expect(picker).to_have_value("Plain, seed 1")
    settled(page, graph=False)
    page.get_by_role("button", name="Open in Overview").press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^xor4 plain seed 1"))).to_be_visible()


def test_the_measure_of_modularity_is_chosen(open_sweeps: Opener) -> None:
    page = opened(open_sweeps)
    page.get_by_role("radio", name="interface").click()
    expect(page.get_by_text(re.compile("weights that must stay; less is better"))).to_be_visible()


def test_the_runs_are_downloaded(open_sweeps: Opener) -> None:
    page = opened(open_sweeps)
    with page.expect_download() as started:
        page.get_by_role("button", name="All runs as CSV").click()
    lines = Path(started.value.path()).read_text().splitlines()
    assert lines[0].startswith("run,task,loss,lambda,mu,hidden,steps,seed,validation_accuracy")
    assert len(lines) == 1 + len(GRID.by_id)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(open_sweeps: Opener, scheme: str) -> None:
    page = opened(open_sweeps, width=390, scheme=scheme)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.slow
def test_a_sweep_is_started_survives_a_reload_is_stopped_goes_on_and_is_deleted(
    open_sweeps: Opener, home: Path
) -> None:
    page = opened(open_sweeps)
    page.get_by_role("combobox", name=re.compile("^Sweep|Selected two-losses")).first.click()
    page.get_by_role("option", name="A new sweep").click()
    expect(page.get_by_text(re.compile("This makes"))).to_be_visible()
    page.get_by_role("combobox", name=re.compile("Task")).click()
    page.get_by_role("option", name=re.compile("^xor4")).click()
    widths = page.get_by_role("textbox", name="Widths of the hidden layers")
    expect(widths).to_have_value("32 32")
    widths.fill("8")
    widths.press("Enter")
    steps = page.locator("input[aria-label='Steps']")
    steps.fill("1500")
    steps.press("Enter")
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.get_by_text(re.compile("of 33 runs are done"))).to_be_visible()
    page.reload()
    settled(page, graph=False)
    expect(page.get_by_text(re.compile("[1-9] of 33 runs are done"))).to_be_visible(timeout=60_000)
    expect(page.locator(".st-key-sweep_chart .legend")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile("Stopped: .* of 33 runs"))).to_be_visible()
    folder = SweepFolder(home / "sweeps" / "xor4")
    done = len(folder.records())
    assert 1 <= done < 33
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text(re.compile("of 33 runs are done …"))).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile("Stopped: .* of 33 runs"))).to_be_visible()
    assert len(SweepFolder(folder.path).records()) >= done
    page.get_by_role("button", name="Delete this sweep").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("All 6 runs are done.")).to_be_visible()
    assert not folder.path.exists()
