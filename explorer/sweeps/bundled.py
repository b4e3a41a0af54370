"""Grids that come with the package: what modularity costs on three tasks, and the two paths."""

import os
from pathlib import Path

from explorer.sweeps.grid import SweepGrid, read_grid

_FOLDER = Path(__file__).parent / "grids"


def grids() -> tuple[str, ...]:
    """Names of the grids that come with the package.

    Examples
    --------
    >>> {"digits", "pair", "xor4"} <= set(grids())
    True
    """
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def open_grid(name_or_path: str | os.PathLike[str]) -> SweepGrid:
    """Read a grid that comes with the package, or one from a TOML file.

    Raises
    ------
    ConfigError
        If there is none, or a setting is unknown or out of range.
    """
    if str(name_or_path) in grids():
        return read_grid(_FOLDER / f"{name_or_path}.toml")
    return read_grid(name_or_path)
