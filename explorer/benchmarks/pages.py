"""How fast the pages are, measured in a browser: first paint, and click to details."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.benchmarks.browser import chromium, serving, settled
from explorer.benchmarks.pages_gemma import measure_gemma
from explorer.benchmarks.pages_timing import PageTiming, click_on_module
from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = {"Overview": "/", "Modules": "/modules", "Cut tree": "/cut_tree"}
NETWORK = "pair-modular"
DESCRIBED = "digits-modular"
_PAINT_RUNS = 7
_CLICKS = 20
_TRAINED = 3_600  # steps of 10,000: the modules of the first preset have parted well before
_BUSY = 240_000  # milliseconds: a busy machine trains slowly
_REACHED = """(live, step) => new Promise((reached) => {
    const look = () => (Number(live.dataset.step) >= step ? reached() : setTimeout(look, 50));
    look();
})"""


def measure_pages(gemma: bool = False) -> tuple[PageTiming, ...]:
    """Serve the app and time its pages in a browser, once they are warm.

    First paint is from the navigation until the page's script has run and its graph is drawn.

    Parameters
    ----------
    gemma : bool
        Whether to time the pages of Gemma 3 270M too, which takes minutes.

    Returns
    -------
    tuple of PageTiming
    """
    with (
        tempfile.TemporaryDirectory() as home,
        serving(home=Path(home)) as address,
        chromium() as browser,
    ):
        timings = [_first_paint(browser, address, title, path) for title, path in PAGES.items()]
        timings.append(_click_to_details(browser, address))
        large = _keep_large_network(Path(home))
        timings.append(
            _first_paint(browser, address, "a 4,984-neuron tree", "/cut_tree", f"{large}&k=2")
        )
        if gemma:
            timings += measure_gemma(browser, address)
        return tuple(timings)


def take_pictures(folder: Path) -> tuple[Path, ...]:
    """Save the README's pictures of the app; the embedded language model is needed for one.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tuple of Path
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ExplorerError(f"{str(folder)!r} cannot be made ({problem.strerror})") from problem
    views = {
        "overview": (f"/?network={NETWORK}", 860),
        "modules": (f"/modules?network={NETWORK}&module=A", 1_400),
        "cut-tree": (f"/cut_tree?network={NETWORK}", 860),
    }
    taken = []
    with (
        tempfile.TemporaryDirectory() as home,
        serving(home=Path(home)) as address,
        chromium() as browser,
    ):
        for name, (path, height) in views.items():
            page = browser.new_page(viewport={"width": 1280, "height": height})
            page.goto(address + path)
            settled(page)
            page.wait_for_function("document.querySelector('[data-testid=stSkeleton]') === null")
            page.wait_for_timeout(1_000)  # plotly's own drawing has no event to wait for
            taken.append(folder / f"{name}.png")
            page.screenshot(path=taken[-1])
            page.close()
        taken.append(folder / "train.png")
        _picture_of_training(browser, address, taken[-1])
        taken.append(folder / "texts.png")
        _keep_descriptions(Path(home))
        _picture_of_texts(browser, address, taken[-1])
    return tuple(taken)


def _picture_of_training(browser: "Browser", address: str, path: Path) -> None:
    """Show the run that the page offers first once its modules have parted."""
    page = browser.new_page(viewport={"width": 1280, "height": 1_500})
    page.goto(f"{address}/train")
    settled(page, graph=False)
    page.get_by_role("button", name="Start training").click()
    live = page.locator(".live")  # in a shadow root, where a selector of the page does not look
    live.wait_for(timeout=_BUSY)
    live.evaluate(_REACHED, _TRAINED, timeout=_BUSY)
    live.screenshot(path=path)
    page.close()


def _picture_of_texts(browser: "Browser", address: str, path: Path) -> None:
    """Show both texts about a module, and what the one of the language model claims."""
    page = browser.new_page(viewport={"width": 1280, "height": 1020})
    page.goto(f"{address}/modules?network={DESCRIBED}&module=A")
    settled(page)
    page.get_by_text("What it claims").last.click()
    page.get_by_text("Scoring on unseen data").wait_for(state="detached", timeout=_BUSY)
    page.wait_for_timeout(1_000)  # the claims slide open, which has no event to wait for
    page.screenshot(path=path)
    page.close()


def _keep_descriptions(home: Path) -> None:
    """Describe a network by the embedded language model, and keep its texts where the app looks."""
    from explorer import find_modules, load, network_graph
    from explorer.curation.texts import Texts
    from explorer.description.batch import describe_all
    from explorer.description.clients.opening import open_client

    checkpoint = load(DESCRIBED)
    partition = find_modules(network_graph(checkpoint))
    texts = Texts(f"sqlite:///{home / 'texts.sqlite'}")
    for step in describe_all(checkpoint, partition, open_client("embedded")):
        if step.description is not None:
            texts.keep(step.description, task=checkpoint.task_name or "")


def _keep_large_network(home: Path) -> str:
    """Put an untrained network of many small layers where the app finds it; return its id."""
    import torch

    from explorer.network.architectures import MLP
    from explorer.network.checkpoint import Checkpoint, save

    with torch.random.fork_rng():
        torch.manual_seed(0)
        checkpoint = Checkpoint("large", MLP([784, *[60] * 70]))
    save(checkpoint, home / "networks" / f"{checkpoint.id}.safetensors")
    return checkpoint.id


def _first_paint(
    browser: "Browser", address: str, title: str, path: str, network: str = NETWORK
) -> PageTiming:
    times = []
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        for _ in range(_PAINT_RUNS + 1):
            page = context.new_page()
            start = time.perf_counter()
            page.goto(f"{address}{path}?network={network}")
            settled(page)
            times.append(time.perf_counter() - start)
            page.close()
    warm = times[1:]  # the first fills the server's caches and the browser's
    return PageTiming(f"first paint of {title}", statistics.median(warm), max(warm), len(warm))


def _click_to_details(browser: "Browser", address: str) -> PageTiming:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{address}/modules?network={NETWORK}")
        settled(page)
        times = [click_on_module(page, "BA"[turn % 2]) for turn in range(_CLICKS + 2)]
    warm = times[2:]
    return PageTiming("click to details", statistics.median(warm), max(warm), len(warm))
