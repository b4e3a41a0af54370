"""Made inputs and pins in a browser: the pictures are drawn, on a phone too."""

import pytest
from playwright.sync_api import expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser
_IN_ITS_ROW = """radio => {
    const row = radio.closest("[data-testid=stButtonGroup]").getBoundingClientRect();
    const own = (radio.closest("label") ?? radio).getBoundingClientRect();
    return own.left >= row.left - 1 && own.right <= row.right + 1;
}"""


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_made_inputs_are_drawn_and_pinned(open_app: Opener, width: int, scheme: str) -> None:
    page = open_app("/modules?network=pair-modular&module=A", width=width, scheme=scheme)
    for section in ("What it does", "Visualised"):  # the row wraps, and hides none of them
        assert page.get_by_role("radio", name=section).evaluate(_IN_ITS_ROW)
    page.get_by_role("radio", name="Visualised").click()
    expect(page.get_by_role("heading", name="Inputs made for it")).to_be_visible()
    for number in (1, 2, 3):
        for side in ("left", "right"):
            image = page.get_by_role("img", name=f"Made {number}, {side}")
            expect(image).to_be_visible()
            assert image.evaluate("image => image.naturalWidth") == 4
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Pin made 1").click()
    name = page.get_by_role("textbox", name="Name", exact=True).first
    name.fill("a bright column")
    name.press("Enter")
    settled(page)
    page.reload()  # what is pinned outlives the visit
    settled(page)
    page.get_by_role("radio", name="Visualised").click()
    expect(name).to_have_value("a bright column")
    page.get_by_role("button", name="Remove").first.click()
    expect(page.get_by_text("Nothing yet. Pin what you want")).to_be_visible()
