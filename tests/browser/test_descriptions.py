"""Texts in a browser: written, accepted, found again, taken away."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from explorer.benchmarks.browser import serving, settled
from tests.browser.conftest import Opener, _opener

pytestmark = pytest.mark.browser


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(value)
    field.blur()
    settled(page, graph=False)


def test_a_text_is_edited_named_accepted_and_there_after_a_reload(open_app: Opener) -> None:
    page = open_app("/modules?network=xor4-modular&module=B")
    expect(page.locator(".st-key-measured-text")).to_contain_text(re.compile("[Aa]ctive on pair"))
    page.get_by_text("Edit or name").click()
    fill(page, "Text", "Active on pair 1 differ")
    fill(page, "Name of this part", "the first pair")
    fill(page, "Your name", "Ada")
    page.get_by_role("button", name="Save a new version").click()
    other = page.locator(".st-key-other-text")
    expect(other).to_contain_text("Written by Ada, just now")
    other.get_by_role("button", name="Accept").click()
    expect(other).to_contain_text("Accepted by Ada")
    page.reload()
    settled(page)
    expect(page.get_by_text(re.compile("^Measured: better than"))).to_be_visible()
    expect(page.locator(".st-key-other-text")).to_contain_text("Active on pair 1 differ")
    expect(page.get_by_text(re.compile("Named the first pair by Ada"))).to_be_visible()
    page.get_by_text("History: 2 versions").click()
    expect(page.get_by_text(re.compile("accepted by Ada")).last).to_be_visible()
    page.get_by_text("How far to believe it: the scores").click()
    expect(page.get_by_text(re.compile("where chance gives")).first).to_be_visible()


def test_the_table_is_searched_and_a_text_opened_by_keyboard(open_app: Opener) -> None:
    page = open_app("/descriptions?network=xor4-modular", graph=False)
    expect(page.get_by_role("heading", name="Descriptions of xor4-modular")).to_be_visible()
    fill(page, "Find in this network", "carries")
    expect(page.get_by_text(re.compile("^6 texts"))).to_be_visible()
    fill(page, "Find in this network", "c active")
    expect(page.get_by_text(re.compile("^1 text\\."))).to_be_visible()
    page.get_by_role("button", name="Open on Modules").press("Enter")
    expect(page.get_by_role("heading", name="Module C", exact=True)).to_be_visible()
    assert "network=xor4-modular&module=C" in page.url


def test_texts_are_exported_and_imported(open_app: Opener, tmp_path: Path) -> None:
    page = open_app("/descriptions?network=xor4-modular", graph=False)
    page.get_by_role("radio", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="JSON lines").click()
    lines = Path(started.value.path()).read_text().splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)
    exported = tmp_path / "texts.jsonl"
    exported.write_text("\n".join(lines) + "\n")
    page.locator("input[type=file]").set_input_files(str(exported))
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_text(re.compile("0 entries added; .* were here already"))).to_be_visible()
    other = tmp_path / "page.txt"
    other.write_text("<html>no texts</html>\n")
    page = open_app("/descriptions?network=xor4-modular", graph=False)  # where no file is given yet
    page.get_by_role("radio", name="Export").click()
    expect(page.get_by_role("button", name="Import it")).to_be_disabled()
    page.locator("input[type=file]").set_input_files(str(other))
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_text(re.compile("line 1: .*expected"))).to_be_visible()


@pytest.mark.parametrize("path", ["descriptions", "read"])
def test_nothing_is_wider_than_a_phone(open_app: Opener, path: str) -> None:
    page = open_app(f"/{path}?network=xor4-modular", graph=False, width=390, scheme="dark")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")


class _Writer(BaseHTTPRequestHandler):
    """An endpoint that writes a true claim and a false one, word by word."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for word in ("Active ", "on pair ", "4 same; ", "loves triangles."):
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "w"}
            self.wfile.write(b"data: " + json.dumps(chunk | {"choices": [choice]}).encode())
            self.wfile.write(b"\n\n")
            self.wfile.flush()
            self.server.may_go_on.wait(20)  # type: ignore[attr-defined]
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Writer)
    server.may_go_on = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("EXPLORER_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}/v1")
    monkeypatch.setenv("EXPLORER_ENDPOINT_MODELS", "writer")
    yield server
    server.shutdown()
    server.server_close()


def choose_endpoint(page: Page) -> None:
    option = page.get_by_role("option", name="Endpoint: writer")
    for _ in range(8):  # a list that is open while the page is still being made, closes
        page.get_by_role("combobox", name="Describe with").click()
        with contextlib.suppress(TimeoutError):
            option.click(timeout=3_000)
            break
    expect(page.get_by_text("The evidence leaves this computer")).to_be_visible()


def test_a_text_streams_into_the_page_and_a_batch_survives_a_closed_browser(
    browser: Browser, writer: ThreadingHTTPServer, tmp_path: Path
) -> None:
    with serving(home=tmp_path) as address:
        for open_page in _opener(browser, address):
            page = open_page("/modules?network=xor4-modular&module=C")
            settled(page)
            page.get_by_text("Describe with a language model").click()
            choose_endpoint(page)
            page.get_by_role("button", name="Describe", exact=True).click()
            other = page.locator(".st-key-other-text")
            expect(other).to_contain_text("Active …")  # while the rest is not written yet
            writer.may_go_on.set()  # type: ignore[attr-defined]
            expect(other).to_contain_text("Generated by writer, just now")
            expect(other).to_contain_text("1 of 2 claims hold")
            other.get_by_text("What it claims").click()
            expect(other.get_by_text(re.compile("struck"))).to_be_visible()

            page = open_page("/descriptions?network=xor4-modular", graph=False)
            page.get_by_role("radio", name="Describe all").click()
            choose_endpoint(page)
            expect(page.get_by_text(re.compile("What that costs is up to the"))).to_be_visible()
            page.get_by_role("button", name="Describe all").click()
            expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_be_visible()
            page.context.close()
        for open_page in _opener(browser, address):
            page = open_page("/descriptions?network=xor4-modular", graph=False)
            expect(page.get_by_test_id("stMain").get_by_role("button", name="Stop")).to_have_count(
                0, timeout=60_000
            )
            expect(page.get_by_text(re.compile("^20 texts"))).to_be_visible()
