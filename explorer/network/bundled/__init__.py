"""The bundled networks: safetensors files in this folder, each made by ``explorer train NAME``.

Nothing here imports torch, so that a page can list the names at once.
"""

from importlib import resources

_FOLDER = resources.files("explorer.network.bundled")
_ENDING = ".safetensors"


def networks() -> tuple[str, ...]:
    """Names of the bundled networks.

    Examples
    --------
    >>> "pair-modular" in networks()
    True
    """
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def bundled_bytes(name: str) -> bytes:
    """Return the content of a bundled file."""
    return (_FOLDER / f"{name}{_ENDING}").read_bytes()
