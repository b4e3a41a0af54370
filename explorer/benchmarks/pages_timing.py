"""How one page is timed in a browser."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.benchmarks.browser import settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

# From the release of the mouse button to the frame in which the details' heading is drawn.
_WATCH = """(heading) => {
    window.answered = null;
    let start = null;
    addEventListener("pointerup", () => { start = performance.now(); },
                     { capture: true, once: true });
    const observer = new MutationObserver(() => {
        const drawn = [...document.querySelectorAll("h3")]
            .some((element) => element.textContent.trim() === heading);
        if (!drawn || start === null) return;
        observer.disconnect();
        requestAnimationFrame(() => { window.answered = performance.now() - start; });
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True)
class PageTiming:
    """A figure of one page: seconds, the median and the worst over ``runs``."""

    what: str
    median: float
    worst: float
    runs: int


def click_on_module(page: "Page", module: str) -> float:
    """Click a module in the graph; return the seconds until the heading of its details is drawn."""
    places = page.locator(".stage").evaluate("stage => stage.graph.positions().nodes")
    page.evaluate(_WATCH, f"Module {module}")
    page.mouse.click(*places[module])
    page.wait_for_function("() => window.answered !== null")
    milliseconds: float = page.evaluate("() => window.answered")
    settled(page)
    return milliseconds / 1e3
