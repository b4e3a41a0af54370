"""Open a language model by the words that name it on the command line or in a page."""

import threading
from pathlib import Path

from explorer.description.clients.base import Client
from explorer.errors import CheckpointError, DescriberError
from explorer.network.packaged.conversion import VERSION, Progress, converted
from explorer.network.packaged.packages import GEMMA, SMOLLM2, Packaged, terms_of

EXPECTED = "expected measured, embedded, smollm2, path:FOLDER, path:HUB-ID or endpoint:MODEL"
_PACKAGED = {"embedded": GEMMA, "smollm2": SMOLLM2}
_opened: dict[str, Client] = {}
_lock = threading.Lock()


def open_client(spec: str, progress: Progress | None = None) -> Client | None:
    """Open a language model; one and the same for all who ask in this process.

    Parameters
    ----------
    spec : str
        ``measured``: none. ``embedded``: Gemma 3 270M from its package, converted at first use.
        ``smollm2``: SmolLM2 135M likewise. ``path:`` and a folder or hub id: any causal language
        model of transformers. ``endpoint:`` and a name: that of an OpenAI-compatible server.
    progress : callable, optional
        Called with the share that is done and what is being done, while one is converted.

    Returns
    -------
    Client or None

    Raises
    ------
    DescriberError
        If there is no such model or it cannot be opened.

    Examples
    --------
    >>> open_client("measured") is None
    True
    """
    kind, _, what = spec.partition(":")
    if spec == "measured":
        return None
    if kind == "endpoint" and what.strip():
        from explorer.description.clients.endpoint import EndpointClient

        return EndpointClient(what.strip())
    if spec not in _PACKAGED and not (kind == "path" and what.strip()):
        raise DescriberError(f"found the language model {spec!r:.80}; {EXPECTED}")
    with _lock:
        if spec not in _opened:
            _opened[spec] = (
                _packaged(_PACKAGED[spec], progress)
                if spec in _PACKAGED
                else _by_path(what.strip())
            )
        return _opened[spec]


def _packaged(model: Packaged, progress: Progress | None) -> Client:
    from explorer.description.clients.local import LocalClient

    try:
        folder = converted(model, progress)
    except CheckpointError as problem:
        raise DescriberError(str(problem)) from problem
    return LocalClient(
        folder,
        model.name,
        f"{model.key} {model.sha256[:16]} {VERSION}",
        terms_of(model),
        guided=True,
    )


def _by_path(where: str) -> Client:
    from explorer.description.clients.local import LocalClient

    folder = Path(where).expanduser()
    is_folder = folder.is_dir()
    if not is_folder and not folder.name == where and where.count("/") != 1:
        raise DescriberError(f"found no folder {where!r:.120}; {EXPECTED}")
    name = folder.name if is_folder else where
    return LocalClient(folder if is_folder else where, name, f"path {where} {_revision(folder)}")


def _revision(folder: Path) -> str:
    """Tell one content of a folder from another, by size and time of its weights."""
    files = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
    return " ".join(f"{file.stat().st_size}-{file.stat().st_mtime_ns}" for file in files)
