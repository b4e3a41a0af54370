"""The page *Train* in a browser: a real run from start to Overview, and the component on a mock."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from explorer.benchmarks.browser import serving, settled
from explorer.training.live import wire
from tests.browser.conftest import Opener
from tests.browser.live_mock import Mock, about, frame, history, pictures

pytestmark = pytest.mark.browser
TRAIN_PAGE = Path(__file__).parent / "train_page.py"


@pytest.fixture(scope="module")
def mock_address() -> Iterator[str]:
    with serving(TRAIN_PAGE) as address:
        yield address


def mocked(
    browser: Browser, address: str, kind: str = "plane", owner: bool = True, width: int = 1000
) -> tuple[Page, Mock]:
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    form = {"plane": "plane", "images": "weights"}.get(kind, "none")
    mock = Mock(
        page, lambda: [about(owner, kind), history(1_200), pictures(1_200, form), frame(1_200)]
    )
    page.goto(address)
    settled(page, graph=False)
    expect(live(page)).to_have_attribute("data-state", "open")
    expect(live(page)).to_have_attribute("data-step", "1200")
    return page, mock


def live(page: Page) -> Locator:
    return page.locator(".live")


def number(page: Page, name: str) -> int:
    return int(live(page).get_attribute(f"data-{name}") or 0)


def wait_for_frames(page: Page, count: int) -> None:
    before = number(page, "drawn")
    live(page).evaluate(
        """(element, least) => new Promise((resolve) => {
            const look = () => (Number(element.dataset.drawn) >= least
                ? resolve() : requestAnimationFrame(look));
            look();
        })""",
        before + count,
    )


def test_a_run_is_started_steered_found_again_stopped_and_opened(open_app: Opener) -> None:
    page = open_app("/train", graph=False)
    page.get_by_role("button", name="Start training").click()
    expect(live(page)).to_have_attribute("data-status", "running")
    wait_for_frames(page, 10)

    slider = page.get_by_label("Modularity weight lambda")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(live(page)).to_have_attribute("data-marks", "1")
    expect(live(page)).to_have_attribute("data-latency", re.compile(r"^\d+$"))
    expect(slider).to_have_attribute("aria-valuetext", "1.1")

    page.get_by_role("button", name="Pause").click()
    expect(live(page)).to_have_attribute("data-status", "paused")
    expect(page.get_by_role("button", name="Resume")).to_be_enabled()
    before = number(page, "step")
    page.get_by_role("button", name="One step").click()
    expect(live(page)).to_have_attribute("data-step", str(before + 1))

    watcher = open_app(page.url.removeprefix(page.url.split("/train")[0]), graph=False)
    expect(live(watcher)).to_have_attribute("data-step", str(before + 1))
    expect(watcher.get_by_text("you watch; who started it steers it")).to_be_visible()
    expect(watcher.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_be_disabled()

    page.reload()
    settled(page, graph=False)
    expect(live(page)).to_have_attribute("data-step", str(before + 1))
    expect(live(page)).to_have_attribute("data-marks", "1")
    page.get_by_role("button", name="Resume").click()
    wait_for_frames(page, 3)

    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    expect(live(page)).to_have_attribute("data-status", "stopped")
    page.get_by_role("button", name="Open in Overview").click()
    expect(page.get_by_role("heading", name="xor4", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("For each of four pairs of bits")).first).to_be_visible()


def test_a_link_to_a_run_that_is_gone_says_so(open_app: Opener) -> None:
    page = open_app(f"/train?run={'x' * 24}", graph=False)
    expect(page.get_by_text(re.compile("not on this server any more"))).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


def test_every_distinct_frame_is_drawn_once(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    before = number(page, "drawn")
    for step in (1_210, 1_220, 1_230):
        mock.send(frame(step), frame(step))
        expect(live(page)).to_have_attribute("data-step", str(step))
    assert number(page, "drawn") == before + 3
    page.get_by_role("button", name="Run again").click()
    settled(page, graph=False)
    expect(live(page)).to_have_attribute("data-mounts", "1")
    assert len(mock.sockets) == 1


def test_commands_carry_the_token_and_the_slider_follows_the_run(
    browser: Browser, mock_address: str
) -> None:
    page, mock = mocked(browser, mock_address)
    page.get_by_role("button", name="Pause").click()
    mock.send(frame(1_201, "paused", coefficient=0.0))
    expect(page.get_by_role("button", name="Resume")).to_be_enabled()
    slider = page.get_by_label("Modularity weight lambda")
    expect(slider).to_have_attribute("aria-valuetext", "0, off")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0.001")
    page.wait_for_timeout(200)  # values of a slider are sent every 80 ms at most
    assert all(said["owner"] == "token" for said in mock.heard)
    assert mock.heard[1]["do"] == "pause"
    assert mock.heard[-1] == {
        "do": "change",
        "name": "modularity_coefficient",
        "value": 0.001,
        "owner": "token",
    }


def test_a_run_can_be_told_to_go_on_alone(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    page.get_by_label("Go on when I close this page").check()
    page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    assert mock.heard[1:] == [
        {"do": "go_on", "value": True, "owner": "token"},
        {"do": "stop", "owner": "token"},
    ]


def test_a_run_that_the_server_does_not_show_is_not_asked_for_again(
    browser: Browser, mock_address: str
) -> None:
    page, mock = mocked(browser, mock_address)
    mock.send(wire.build_event("refused", message="this run is not known"))
    mock.sockets[-1].close(code=4404)
    expect(live(page)).to_have_attribute("data-state", "gone")
    expect(page.get_by_role("alert")).to_have_text("This run is not known.")
    expect(page.get_by_role("button", name="Pause")).to_be_disabled()
    assert len(mock.sockets) == 1


def test_a_lost_connection_is_said_and_made_again(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    mock.sockets[-1].close(code=1011)
    expect(page.get_by_role("alert")).to_contain_text("The connection to the run was lost")
    expect(live(page)).to_have_attribute("data-state", "open")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert len(mock.sockets) == 2
    assert number(page, "marks") == 1


def test_a_trainer_that_died_says_so(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    message = "the process that trained this run ended without a word (signal 9)"
    mock.send(frame(1_300, "failed"), wire.build_event("failed", message=message))
    expect(page.get_by_role("alert")).to_have_text(f"T{message[1:]}.")
    expect(page.get_by_role("button", name="Pause")).to_be_disabled()
    expect(page.get_by_text("status='failed'")).to_be_visible()


def test_a_run_that_diverged_says_so_until_it_goes_on(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    mock.send(
        frame(1_201, "paused"),
        wire.build_event("diverged", step=1_201, message="the loss is no finite number any more"),
    )
    expect(page.get_by_role("alert")).to_have_text("The loss is no finite number any more.")
    mock.send(frame(1_210))
    expect(live(page)).to_have_attribute("data-step", "1210")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_page_that_was_turned_away_says_why_until_it_is_let_in(
    browser: Browser, mock_address: str
) -> None:
    page, mock = mocked(browser, mock_address)
    greeting, mock.greeting = mock.greeting, list
    mock.send(wire.build_event("turned_away", message="too many pages watch runs; close one"))
    mock.sockets[-1].close(code=4429)
    for _ in range(400):
        if len(mock.sockets) == 2:
            break
        page.wait_for_timeout(50)
    expect(page.get_by_role("alert")).to_have_text("Too many pages watch runs; close one.")
    mock.greeting = greeting
    mock.send(frame(1_210))
    expect(live(page)).to_have_attribute("data-step", "1210")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert len(mock.sockets) == 2
    mock.sockets[-1].close(code=1011)  # what goes wrong later is said as ever
    expect(page.get_by_role("alert")).to_contain_text("The connection to the run was lost")


def test_a_disk_that_can_be_written_again_is_no_trouble_any_more(
    browser: Browser, mock_address: str
) -> None:
    page, mock = mocked(browser, mock_address)
    mock.send(wire.build_event("unsaved", step=1_200, message="the disk is full"))
    expect(page.get_by_role("alert")).to_have_text("The disk is full.")
    mock.send(wire.build_event("saved", step=1_250))
    expect(page.get_by_role("alert")).to_be_hidden()


def test_modules_are_counted_although_some_share_a_place(
    browser: Browser, mock_address: str
) -> None:
    page, mock = mocked(browser, mock_address)
    nodes = [4, 4, 0, 4, 4, 4, 4, 9]
    mock.send(frame(1_210, "paused", modules=8, found=11, nodes=nodes))
    summary = page.locator(".summary")
    expect(summary).to_contain_text("11 modules hold 90.0 %")
    expect(page.locator(".said")).not_to_contain_text("of λ so far")
    mock.send(frame(1_220, "running", modules=1, found=1))
    expect(summary).to_contain_text("All of it is one module.")
    expect(page.locator(".said")).to_contain_text("the penalty counts 40 % of λ so far")


def test_a_network_too_large_to_be_searched_says_so(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    said = {**wire.parse_event(about(True, "plane")), "searches": False}
    unknown = {"modules": 0, "found": 0, "interface_count": float("nan")}
    mock.send(wire.build_event(**said), frame(1_210, "paused", **unknown))
    expect(page.locator(".summary")).to_contain_text("Too large to look for modules")


def test_a_silent_trainer_is_not_shown_as_alive(browser: Browser, mock_address: str) -> None:
    page, mock = mocked(browser, mock_address)
    expect(live(page)).to_have_attribute("data-state", "silent")
    expect(page.get_by_role("alert")).to_contain_text("has not been heard")
    mock.send(frame(1_400))
    expect(live(page)).to_have_attribute("data-state", "open")
    expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("kind", ["images", "text", "bits"])
def test_what_is_no_plane_is_drawn_too(browser: Browser, mock_address: str, kind: str) -> None:
    page, mock = mocked(browser, mock_address, kind, owner=False)
    mock.send(frame(1_210, side=0))
    expect(live(page)).to_have_attribute("data-step", "1210")
    expect(page.locator(".data")).to_be_visible(visible=kind != "bits")
    expect(page.get_by_text("Once upon a time")).to_be_visible(visible=kind == "text")
    summary = page.locator(".summary")
    expect(summary).to_contain_text("3 modules hold 90.0 % of the weight")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_no_wider_than_a_phone(open_app: Opener, scheme: str) -> None:
    page = open_app("/train", width=390, scheme=scheme, graph=False)
    page.get_by_role("button", name="Start training").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_the_component_is_no_wider_than_a_phone(browser: Browser, mock_address: str) -> None:
    page, _ = mocked(browser, mock_address, width=390)
    assert live(page).evaluate("element => element.scrollWidth <= element.clientWidth")
