"""Two networks are compared, and everything that was found about one is taken away."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def test_two_networks_are_compared_and_the_link_keeps_both(open_app: Opener) -> None:
    page = open_app("/compare?network=pair-plain", graph=False)
    expect(page.get_by_text("Choose another network to see both.")).to_be_visible()
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name="pair-modular").click()
    expect(page.get_by_text(re.compile("2 of 2 modules correspond"))).to_be_visible()
    expect(page.locator(".stage")).to_have_count(2)
    colors = page.locator(".stage").evaluate_all(
        "stages => stages.map(stage => stage.graph !== undefined)"
    )
    assert colors == [True, True]
    expect(page.get_by_role("heading", name="What moved?")).to_be_visible()
    assert "with=pair-modular" in page.url
    page.reload()
    settled(page, graph=False)
    expect(page.get_by_text(re.compile("2 of 2 modules correspond"))).to_be_visible()
    stage = page.locator(".stage").nth(1)
    place = stage.evaluate("stage => stage.graph.positions().nodes.B")
    page.mouse.click(*place)
    expect(page.get_by_role("heading", name="Modules of pair-modular")).to_be_visible()
    assert "with=pair-plain" in page.url


def test_everything_is_downloaded_and_the_report_opens_without_a_connection(
    open_app: Opener, tmp_path: Path
) -> None:
    page = open_app("/?network=xor4-modular&k=4", graph=False)
    page.get_by_role("button", name="Download everything (zip)").click()
    save = page.get_by_role("button", name=re.compile("Save the zip"))
    expect(save).to_be_visible(timeout=60_000)
    with page.expect_download() as waiting:
        save.click()
    assert waiting.value.suggested_filename == "xor4-modular-modules.zip"
    file = tmp_path / "all.zip"
    waiting.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
    contents = json.loads((tmp_path / "modules" / "export.json").read_text("utf-8"))
    assert contents["about"]["network"] == "xor4-modular"
    assert {name["name"] for name in contents["files"]} >= {"report.html", "partition.csv"}
    asked: list[str] = []
    report = page.context.new_page()
    report.on("request", lambda request: asked.append(request.url))
    report.goto((tmp_path / "modules" / "report.html").as_uri())
    expect(report.get_by_role("heading", name="Module A")).to_be_visible()
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
