"""Texts in a browser: written, accepted, found again, taken away."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_role("textbox", name=label, exact=True)
    field.fill(value)
    field.blur()
    settled(page, graph=False)


def test_a_text_is_edited_named_accepted_and_there_after_a_reload(open_app: Opener) -> None:
    page = open_app("/modules?network=xor4-modular&module=B")
    expect(page.locator(".st-key-measured-text")).to_contain_text(re.compile("Active on pair"))
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
    page.locator("input[type=file]").set_input_files(str(other))
    expect(page.get_by_text("page.txt")).to_be_visible()
    settled(page, graph=False)
    page.get_by_role("button", name="Import it").click()
    expect(page.get_by_text(re.compile("line 1: .*expected"))).to_be_visible()


@pytest.mark.parametrize("path", ["descriptions", "read"])
def test_nothing_is_wider_than_a_phone(open_app: Opener, path: str) -> None:
    page = open_app(f"/{path}?network=xor4-modular", graph=False, width=390, scheme="dark")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
