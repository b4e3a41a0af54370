"""Which program wrote a report or an export."""

from importlib.metadata import PackageNotFoundError, version


def program() -> str:
    """Name of this program and its version."""
    try:
        return f"modular-network-explorer {version('modular-network-explorer')}"
    except PackageNotFoundError:
        return "modular-network-explorer of an unknown version"
