"""The bundled networks: safetensors files in this folder, each made by ``explorer train NAME``.

Beside them stands a language model that comes as a package of its own. Nothing here imports torch,
so that a page can list the names at once.
"""

from functools import cache
from importlib import resources

_FOLDER = resources.files("explorer.network.bundled")
_ENDING = ".safetensors"


def bundled_names() -> tuple[str, ...]:
    """Names of the bundled networks, each opened in some milliseconds.

    Examples
    --------
    >>> "pair-modular" in bundled_names()
    True
    """
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def networks() -> tuple[str, ...]:
    """Names that ``load`` opens: the bundled networks, then large ones whose package is there.

    Examples
    --------
    >>> set(bundled_names()) <= set(networks())
    True
    """
    return (*bundled_names(), *_packaged())


@cache
def _packaged() -> tuple[str, ...]:
    from explorer.network.packaged.bundle import packaged_names

    return packaged_names()


def bundled_bytes(name: str) -> bytes:
    """Return the content of a bundled file."""
    return (_FOLDER / f"{name}{_ENDING}").read_bytes()
