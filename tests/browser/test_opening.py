"""A network of somebody else, in a browser: dropped as several files, run on words, looked into."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explorer.benchmarks.browser import settled
from tests.browser.conftest import Opener
from tests.network.tasks.tiny_tokenizers import TEXT
from tests.pages.opened_networks import sharded_gpt

pytestmark = pytest.mark.browser


def test_a_gpt_in_several_files_is_opened_run_on_words_and_looked_into(
    open_app: Opener, tmp_path: Path
) -> None:
    paths = []
    for name, content in sharded_gpt():
        (tmp_path / name).write_bytes(content)
        paths.append(str(tmp_path / name))
    page = open_app("/?network=xor4-modular")
    uploader = page.locator("input[type=file]")
    (tmp_path / "bad.safetensors").write_bytes(b"not a network")
    uploader.set_input_files(str(tmp_path / "bad.safetensors"))
    expect(page.get_by_role("alert")).to_contain_text("bad.safetensors is a text file")
    expect(page.get_by_role("heading", name="xor4-modular")).to_be_visible()

    page.get_by_role("button", name=re.compile("Remove bad")).click()
    uploader.set_input_files(paths)
    # The first transformer of a server takes an import of seconds.
    expect(page.get_by_text("transformer of the llama family")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("heading", name="Where do the modules lie?")).to_be_visible(
        timeout=60_000
    )
    expect(page.get_by_role("row", name=re.compile("feed-forward 4"))).to_be_visible()

    page.get_by_test_id("stSidebar").get_by_role("link", name="Modules").click()
    page.get_by_text("Your own words").click()
    words = page.get_by_role("textbox", name="Your words")
    words.fill(TEXT)
    words.press("Control+Enter")
    page.get_by_role("button", name="Run it on this text").click()
    expect(page.get_by_text("Activity on your data: your words")).to_be_visible(timeout=60_000)
    # The sections are other ones now: a click on those before would be lost.
    expect(page.get_by_role("radio", name="Words")).to_be_visible()
    settled(page)
    page.get_by_role("radio", name="Neurons").click()
    expect(page.locator("[title^='activity']").first).to_be_visible()
    assert page.locator("strong", has_text=re.compile(r"^\[.*\]$")).count() > 0
    address = page.url
    page.reload()
    settled(page)
    assert page.url == address
    expect(page.get_by_text("Activity on your data: your words")).to_be_visible()
