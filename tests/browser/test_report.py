"""The report in a browser: it loads nothing, runs nothing, and fits a phone."""

import pytest
from playwright.sync_api import Browser

from explorer.views.report_html import report_html
from tests.views.report_case import hostile_report

pytestmark = pytest.mark.browser


def test_report_is_one_file(browser: Browser, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(report_html(hostile_report()), "utf-8")
    requests, said = [], []
    context = browser.new_context(color_scheme="dark", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    assert page.title() == "The modules of pair-modular"
    assert [url for url in requests if not url.startswith("data:image/png")] == [path.as_uri()]
    assert said == []
    sizes = "Array.from(document.images).map(image => image.naturalWidth)"
    assert min(page.evaluate(sizes)) > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("summary").first.click()
    assert page.locator("details[open] .said").first.is_visible()
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(20, 23, 26)"
    page.emulate_media(color_scheme="light")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    context.close()
