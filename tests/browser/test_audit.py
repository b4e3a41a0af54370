"""The audit in a browser: a case is judged by keyboard, told, counted, and kept over a reload."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from explorer.auditing.zoo.opening import open_case
from explorer.benchmarks.browser import serving, settled
from explorer.network.tasks.planted.base import CaseName
from tests.browser.conftest import Opener, _opener

pytestmark = pytest.mark.browser
LINK = "/audit?network=xor4-modular&case=backdoor.any.any.20027"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, with the network of the case trained already."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_HOME", str(home))
        open_case(CaseName("backdoor", "corner", 20027), "l1")
    with serving(home=Path(home)) as found:
        yield found


@pytest.fixture
def open_audit(browser: Browser, address: str) -> Iterator[Opener]:
    yield from _opener(browser, address)


def fits(page: Page) -> bool:
    main = page.get_by_test_id("stMain")
    return bool(main.evaluate("element => element.scrollWidth <= element.clientWidth"))


def test_a_case_is_judged_told_and_counted(open_audit: Opener) -> None:
    page = open_audit(LINK)
    expect(page.get_by_role("heading", name="Case 20027")).to_be_visible()
    expect(page.get_by_text(re.compile("corner"))).to_have_count(0)
    commit = page.get_by_role("button", name="Commit and see the truth")
    expect(commit).to_be_disabled()
    page.get_by_role("radio", name="Something was planted").press("Space")
    expect(commit).to_be_enabled()
    settled(page, graph=False)
    commit.press("Enter")
    expect(page.get_by_text(re.compile("Right. Backdoor: a patch in the"))).to_be_visible()
    expect(page.get_by_text(re.compile("You: 1 of 1 right"))).to_be_visible()
    expect(page.get_by_text(re.compile("inputs run through the network"))).to_be_visible()
    assert page.url.endswith("case=backdoor.any.any.20027")
    page.reload()
    expect(page.get_by_text(re.compile("All people: 1 of 1 right"))).to_be_visible()


@pytest.mark.slow
def test_nothing_is_wider_than_a_phone(open_audit: Opener) -> None:
    page = open_audit(LINK, width=390, scheme="dark")
    expect(page.get_by_role("heading", name="Did structure help?")).to_be_visible()
    assert fits(page)
    for section in ("The network in view", "How well auditors do", "A spare module"):
        page.get_by_role("radio", name=section).click()
        settled(page, graph=False)
        assert fits(page)
