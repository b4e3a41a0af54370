"""The live page in a browser: what it draws, how soon it answers, what it leaves behind."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.benchmarks.browser import chromium, serving, settled
from explorer.benchmarks.live import LiveFigure
from explorer.benchmarks.processes import alive, children, cpu_seconds, server_on
from explorer.errors import ExplorerError
from explorer.ui.train.presets import PRESETS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

_PRESS = "Start training"
_PRESET = "xor4"  # the page opens on it
_STEPS = 100_000  # more than are made while anyone looks
_MOVES = 20  # of lambda
_WAIT = 240.0  # seconds for anything to happen: a busy machine trains slowly
_LIVE = ".live"
_ALONE = """
import sys, time, torch
from explorer.training.run_folder import RunFolder
from explorer.training.loop import Training
torch.set_num_threads(1)
torch.set_flush_denormal(True)
training = Training(RunFolder(sys.argv[1]).config())
first, last = int(sys.argv[2]), int(sys.argv[3])
while training.steps_done < first:
    training.step()
began = time.perf_counter()
while training.steps_done < last:
    training.step()
sys.stdout.write(str((last - first) / (time.perf_counter() - began)))
"""


def measure_page(seconds: float) -> tuple[LiveFigure, ...]:
    """Start a run in a browser, watch it, move lambda, close the page, kill the server.

    The run is that of the preset that the page opens on, with more steps, watched once its penalty
    is at work; its speed without a page is measured afterwards, on the same steps. Before it is
    closed, two more tabs watch it, and then a second person trains beside it.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # runs may still save
        home = Path(folder)
        with serving(home=home) as address:
            server = server_on(int(address.rpartition(":")[2]))
            with chromium() as browser:
                page, first = _start(browser, address, server)
                trainer = max(children(server), key=cpu_seconds)
                _wait(lambda: _penalised(page))
                watched = _watch(page, server, seconds)
                moves = _move_lambda(page)
                shared = _shared(browser, page, seconds)
                apart = _apart(browser, address, server, page, seconds)
                page.close()
                began = time.perf_counter()
                _wait(lambda: not alive(trainer))
                freed = time.perf_counter() - began
            run = min((home / "runs").iterdir(), key=lambda folder: folder.stat().st_ctime)
            alone = _speed_alone(run, *watched["between"])
            _wait(lambda: _quiet(children(server)))  # the process that waits for the next run
            left = children(server)
            os.kill(server, signal.SIGKILL)
            began = time.perf_counter()
            _wait(lambda: not any(alive(child) for child in left))
            gone = time.perf_counter() - began
    speed = 100 * watched["speed"] / alone
    worst = max(moves)
    middle = statistics.median(moves)
    return (
        LiveFigure("first frame after Start", first, "s", "<= 2.5", first <= 2.5),
        LiveFigure("distinct frames drawn", watched["rate"], "/s", ">= 28", watched["rate"] >= 28),
        LiveFigure("longest gap", watched["gap"], "ms", "<= 70", watched["gap"] <= 70),
        LiveFigure("training speed, of that without a page", speed, "%", ">= 95", speed >= 95),
        LiveFigure("lambda to drawn frame, median", middle, "ms", "<= 100", middle <= 100),
        LiveFigure("lambda to drawn frame, worst", worst, "ms", "<= 200", worst <= 200),
        LiveFigure("CPU of the server", watched["cpu"], "%", "<= 5", watched["cpu"] <= 5),
        LiveFigure("frames drawn, slowest of three tabs", shared, "/s", ">= 28", shared >= 28),
        LiveFigure("frames drawn, slower of two people", apart, "/s", ">= 28", apart >= 28),
        LiveFigure("process freed after the page is closed", freed, "s", "<= 10", freed <= 10),
        LiveFigure("last process after the server is killed", gone, "s", "<= 5", gone <= 5),
    )


def _start(browser: "Browser", address: str, server: int) -> tuple["Page", float]:
    """Start a run as a person of one's own; return the page, and seconds to its first frame."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/train")
    settled(page, graph=False)
    page.get_by_text("Settings", exact=True).click()
    steps = page.get_by_label("Steps", exact=True)
    steps.fill(str(_STEPS))
    steps.press("Enter")
    page.get_by_text("Your own settings.").wait_for()
    settled(page, graph=False)
    # A process waits for the run, besides those that train.
    _wait(lambda: any(_quiet({child}) for child in children(server)))
    began = time.perf_counter()
    page.get_by_role("button", name=_PRESS).click()
    _wait(lambda: _number(page, "drawn") >= 1 and _number(page, "step") >= 1)
    return page, time.perf_counter() - began


def _penalised(page: "Page") -> bool:
    """Whether the penalty of the preset has set in."""
    begins: float = PRESETS[_PRESET].settings["penalty_ramp"][0]
    return _number(page, "step") > begins * _STEPS


def _shared(browser: "Browser", page: "Page", seconds: float) -> float:
    """Frames a second that the slowest of three tabs draws which watch one run."""
    others = [browser.new_context().new_page() for _ in range(2)]
    for other in others:
        other.goto(page.url)
        _wait(partial(_drawing, other))
    slowest = _slowest([page, *others], seconds)
    for other in others:
        other.close()
    return slowest


def _apart(browser: "Browser", address: str, server: int, page: "Page", seconds: float) -> float:
    """Frames a second that the slower of two people draws who train at once."""
    second, _ = _start(browser, address, server)
    slowest = _slowest([page, second], seconds)
    lambdas = [_slider(one).get_attribute("aria-valuetext") for one in (page, second)]
    _slider(second).press("ArrowRight")
    _wait(lambda: _slider(second).get_attribute("aria-valuetext") != lambdas[1])
    if _slider(page).get_attribute("aria-valuetext") != lambdas[0]:
        raise ExplorerError("found lambda of one run moved by another; expected it as it was")
    second.close()
    return slowest


def _slowest(pages: "list[Page]", seconds: float) -> float:
    time.sleep(1.0)  # the pages have just run
    began, before = time.perf_counter(), [_number(page, "drawn") for page in pages]
    time.sleep(seconds)
    took = time.perf_counter() - began
    after = [_number(page, "drawn") for page in pages]
    return min((b - a) / took for a, b in zip(before, after, strict=True))


def _drawing(page: "Page") -> bool:
    return _number(page, "drawn") >= 1


def _watch(page: "Page", server: int, seconds: float) -> dict[str, Any]:
    time.sleep(1.0)  # the page has just run
    page.locator(_LIVE).evaluate("live => { live.dataset.longest = '0'; }")
    began, before, cpu = time.perf_counter(), _both(page), cpu_seconds(server)
    time.sleep(seconds)
    took, after, cpu = time.perf_counter() - began, _both(page), cpu_seconds(server) - cpu
    return {
        "rate": (after[0] - before[0]) / took,
        "speed": (after[1] - before[1]) / took,
        "between": (before[1], after[1]),
        "gap": _number(page, "longest"),
        "cpu": 100 * cpu / took,
    }


def _move_lambda(page: "Page") -> list[float]:
    """Move lambda by key, and return the milliseconds until each move was drawn."""
    slider = _slider(page)

    def drawn(moves: int) -> bool:
        return len(_latencies(page)) >= moves

    for move in range(_MOVES):
        slider.press("ArrowRight" if move % 2 == 0 else "ArrowLeft")
        _wait(partial(drawn, move + 1))
    return _latencies(page)


def _slider(page: "Page") -> "Locator":
    return page.locator(f"{_LIVE} input[data-setting='modularity_coefficient']")


def _latencies(page: "Page") -> list[float]:
    said = page.locator(_LIVE).get_attribute("data-latencies") or ""
    return [float(word) for word in said.split()]


def _both(page: "Page") -> tuple[int, int]:
    drawn, step = page.locator(_LIVE).evaluate("live => [live.dataset.drawn, live.dataset.step]")
    return int(drawn), int(step)


def _number(page: "Page", name: str) -> float:
    found = page.locator(_LIVE)
    if not found.count():
        return 0.0
    return float(found.get_attribute(f"data-{name}") or 0)


def _speed_alone(run: Path, first: int, last: int) -> float:
    command = [sys.executable, "-c", _ALONE, str(run), str(first), str(last)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _quiet(processes: set[int]) -> bool:
    """Whether processes have come to rest."""
    before = {process: cpu_seconds(process) for process in processes}
    time.sleep(1.0)
    return bool(processes) and all(cpu_seconds(p) - before[p] < 0.05 for p in processes)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.perf_counter() + _WAIT
    while not until():
        if time.perf_counter() > deadline:
            raise ExplorerError(f"the live page did not answer within {_WAIT:g} s")
        time.sleep(0.01)
