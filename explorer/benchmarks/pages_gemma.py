"""How fast the pages of a real GPT are: Gemma 3 270M, 37,576 nodes, from its package."""

import statistics
import time
from typing import TYPE_CHECKING

from explorer.benchmarks.browser import settled
from explorer.benchmarks.pages_timing import PageTiming, click_on_module
from explorer.errors import ExplorerError
from explorer.network.bundled import networks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GEMMA = "gemma-270m"
_CLICKS = 10
_SLOW = 1_200_000  # milliseconds


def measure_gemma(browser: "Browser", address: str) -> list[PageTiming]:
    """Time its pages: unpacked and opened once, run on the built-in text, then clicked.

    Parameters
    ----------
    browser : Browser
    address : str
        Of the app, which has not opened it yet.

    Returns
    -------
    list of PageTiming
        Seconds. The first page is from the click that asks for the network, whose package is then
        unpacked, until its modules are drawn.

    Raises
    ------
    ExplorerError
        If its package is not installed.
    """
    if GEMMA not in networks():
        raise ExplorerError(f"{GEMMA} is not installed; expected its package beside this one")
    with browser.new_context(viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        page.set_default_timeout(_SLOW)
        page.goto(f"{address}/modules?network={GEMMA}")
        page.get_by_role("button", name="Unpack and open it").click()
        first = _until_drawn(page)
        page.get_by_role("button", name="Run it on this text").click()
        start = time.perf_counter()
        page.get_by_text("Activity on your data: ").wait_for()
        recorded = time.perf_counter() - start
        settled(page)
        clicks = [click_on_module(page, "BA"[turn % 2]) for turn in range(_CLICKS + 2)][2:]
        again = context.new_page()
        again.set_default_timeout(_SLOW)
        again.goto(page.url)
        warm = _until_drawn(again)
    return [
        PageTiming("first page of Gemma 3 270M, unpacking included", first, first, 1),
        PageTiming("Gemma 3 270M on 200 snippets of text", recorded, recorded, 1),
        PageTiming("its page Modules again", warm, warm, 1),
        PageTiming("its click to details", statistics.median(clicks), max(clicks), len(clicks)),
    ]


def _until_drawn(page: "Page") -> float:
    start = time.perf_counter()
    page.get_by_role("heading", name="Modules of").wait_for()
    page.wait_for_selector(".stage[data-state='ready']")
    return time.perf_counter() - start
