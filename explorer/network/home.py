"""The folder in which things are kept that must outlive a page."""

import os
from pathlib import Path


def home() -> Path:
    """Folder in which things are kept.

    The environment variable ``EXPLORER_HOME`` names it; by default it is
    ``~/.local/share/modular-network-explorer``.
    """
    configured = os.environ.get("EXPLORER_HOME")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(configured) if configured else Path(base) / "modular-network-explorer"
