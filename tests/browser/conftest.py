"""The app, the graph's own page, and a browser to look at them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from explorer.benchmarks.browser import chromium, serving, settled

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
Opener = Callable[..., Page]
GRAPH_PAGE = Path(__file__).parent / "graph_page.py"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def graph_address() -> Iterator[str]:
    with serving(GRAPH_PAGE) as address:
        yield address


@pytest.fixture(scope="session")
def app_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(home=tmp_path_factory.mktemp("home")) as address:
        yield address


def _opener(browser: Browser, address: str) -> Iterator[Opener]:
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_(
        path: str = "/", *, width: int = 1280, scheme: str = "light", graph: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            has_touch=width < 500,
            is_mobile=width < 500,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}{path}")
        settled(page, graph)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def open_graph(browser: Browser, graph_address: str) -> Iterator[Opener]:
    """Return a function that opens the graph's own page; errors in the page fail the test."""
    yield from _opener(browser, graph_address)


@pytest.fixture
def open_app(browser: Browser, app_address: str) -> Iterator[Opener]:
    """Return a function that opens a page of the app; errors in the page fail the test."""
    yield from _opener(browser, app_address)
