"""The page of abilities in a browser: an intervention is seen at once, saved and opened."""

import re

import pytest
from playwright.sync_api import expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def test_a_module_is_scaled_seen_saved_and_opened_on_a_phone(open_app: Opener) -> None:
    page = open_app("/ability?network=xor4-modular", width=390, scheme="dark", graph=False)
    expect(page.get_by_role("rowheader", name="whole network")).to_be_visible()
    bars = page.get_by_role("img", name=re.compile("clean accuracy: .* random sets"))
    expect(bars).to_be_visible()
    before = bars.get_attribute("aria-label")
    page.get_by_role("radio", name="scale").click()
    expect(page.get_by_role("slider", name="Factor")).to_be_visible()
    expect(bars).not_to_have_attribute("aria-label", before or "")
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390
    page.get_by_role("button", name="Save as a new network").click()
    expect(page.get_by_role("heading", name="Abilities of xor4-modular, repaired")).to_be_visible()
    expect(page.get_by_text("This network was repaired")).to_be_visible()
    settled(page, graph=False)
    page.reload()
    expect(page.get_by_text(re.compile(r"were scaled by 0\.5"))).to_be_visible()
