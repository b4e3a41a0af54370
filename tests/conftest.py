"""What several folders of tests share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def embedded_client():
    """The embedded language model, converted once into a folder that later runs find again.

    The folder is that of ``EXPLORER_TEST_MODELS``, by default in the user's cache.
    """
    from explorer.description.clients.opening import open_client

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = os.environ.get("EXPLORER_TEST_MODELS") or str(cache / "modular-network-explorer-tests")
    before = os.environ.get("EXPLORER_HOME")
    os.environ["EXPLORER_HOME"] = folder
    try:
        return open_client("embedded")
    finally:
        if before is None:
            del os.environ["EXPLORER_HOME"]
        else:
            os.environ["EXPLORER_HOME"] = before
