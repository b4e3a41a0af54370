"""The app on a free port of this machine, and a browser to look at it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "explorer" / "app.py"
# Without these, chromium waits for hosts that a closed network does not have.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def serving(script: Path = APP, home: Path | None = None) -> Iterator[str]:
    """Serve a Streamlit script on a free port of this machine while the block runs.

    Parameters
    ----------
    script : Path
    home : Path, optional
        Folder in which the app keeps things, instead of the user's own.

    Yields
    ------
    str
        The address.

    Raises
    ------
    ExplorerError
        If the server does not start within a minute; with what it printed.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    environment = dict(os.environ)
    if home is not None:
        environment["EXPLORER_HOME"] = str(home)
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, env=environment
    ) as server:
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Run Debian's chromium (or the browser that the variable CHROMIUM names)."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as problem:
        raise ExplorerError(
            "the package playwright is missing; expected what tests/requirements.txt lists"
        ) from problem
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        raise ExplorerError(f"found no browser at {path}; expected Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def settled(page: "Page", graph: bool = True) -> None:
    """Wait until the page's script has run, and its first graph is drawn."""
    page.wait_for_selector(
        "[data-test-script-state='notRunning']", state="attached", timeout=60_000
    )
    if graph:
        page.wait_for_selector(".stage[data-state='ready']", timeout=60_000)


def _wait_until_healthy(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)  # nothing to wait on before the port is open
    server.kill()
    said = server.stderr.read().decode(errors="replace").strip() if server.stderr else ""
    raise ExplorerError(f"the app did not start within a minute; it said: {said[-400:] or '-'}")
