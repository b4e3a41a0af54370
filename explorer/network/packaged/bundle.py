"""Packaged language models that are opened as networks, by name."""

from collections.abc import Callable
from pathlib import Path

from explorer.network.packaged.packages import GEMMA, SMOLLM2, Packaged, is_installed

_NAMES = {"gemma-270m": GEMMA, "smollm2-135m": SMOLLM2}


def packaged(name: str) -> Packaged:
    """Return the packaged language model of a name."""
    return _NAMES[name]


def packaged_names() -> tuple[str, ...]:
    """Names of those whose package is installed."""
    return tuple(name for name, model in _NAMES.items() if is_installed(model))


def packaged_folder(name: str, progress: Callable[[float, str], None] | None = None) -> Path:
    """Return the folder of one, converted the first time.

    Raises
    ------
    CheckpointError
        If its package is damaged, or the files cannot be written.
    """
    from explorer.network.packaged.conversion import converted

    return converted(_NAMES[name], progress)
