"""The reading quiz in a browser, by keyboard alone."""

import contextlib
import re

import pytest
from playwright.sync_api import expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def test_a_question_is_answered_by_keyboard_and_the_answer_survives_a_reload(
    open_app: Opener,
) -> None:
    page = open_app("/read?network=xor4-modular", graph=False)
    expect(page.get_by_role("heading", name="The evidence of one module")).to_be_visible()
    expect(page.get_by_text("No answer about this network yet.")).to_be_visible()
    options = page.get_by_role("radiogroup", name=re.compile("Descriptions")).get_by_role("radio")
    expect(options).to_have_count(4)
    answer = page.get_by_role("button", name="Answer", exact=True)
    for _ in range(8):  # a key that comes while the page is still being made, is lost
        options.nth(2).press("Space")
        settled(page, graph=False)
        with contextlib.suppress(AssertionError):
            expect(answer).to_be_enabled(timeout=2_000)
            break
    answer.press("Enter")
    expect(page.get_by_text(re.compile("Right: it is module|That describes"))).to_be_visible()
    expect(page.get_by_text(re.compile("You: [01] of 1 right"))).to_be_visible()
    page.get_by_role("button", name="Next question").press("Enter")
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_visible()
    page.reload()
    settled(page, graph=False)
    expect(page.get_by_text(re.compile("All people: [01] of 1 right"))).to_be_visible()
