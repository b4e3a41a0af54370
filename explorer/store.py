"""What must outlive a page: networks that people opened, kept by their id.

They are kept as safetensors files, whatever they came as, in the folder named by the environment
variable ``EXPLORER_HOME``, by default ``~/.local/share/modular-network-explorer``. Whoever has the
id of a network, as in a link, can open it; ids are hashes and cannot be guessed.
"""

import contextlib
import re
from pathlib import Path

from explorer.errors import FileFormatError, UnknownNetworkError
from explorer.network.checkpoint import Checkpoint, save
from explorer.network.home import home
from explorer.network.load import load_bytes

__all__ = ["MAX_KEPT", "fetch", "home", "keep"]

MAX_KEPT = 200
_ID = re.compile(r"[0-9a-f]{16}")


def keep(checkpoint: Checkpoint) -> str:
    """Keep a network; of more than 200, those that were not opened for longest are dropped.

    Returns
    -------
    str
        The id under which ``fetch`` finds it.

    Raises
    ------
    OSError
        If the folder cannot be written, for example because the disk is full.
    """
    folder = home() / "networks"
    save(checkpoint, folder / f"{checkpoint.id}.safetensors")
    kept = sorted((_last_opened(path), path) for path in folder.glob("*.safetensors"))
    for _, old in kept[:-MAX_KEPT]:
        old.unlink(missing_ok=True)
    return checkpoint.id


def fetch(network_id: str) -> Checkpoint:
    """Open a network that was kept.

    Raises
    ------
    UnknownNetworkError
        If there is none of this id.
    CheckpointError
        If its file was damaged.
    """
    path = home() / "networks" / f"{network_id}.safetensors"
    if not _ID.fullmatch(network_id) or not path.is_file():
        raise UnknownNetworkError(
            f"found no network {network_id!r:.60}; expected a bundled name or a network that was "
            f"opened on this computer"
        )
    with contextlib.suppress(OSError):  # a folder that can only be read
        path.touch()
    try:
        data = path.read_bytes()
    except OSError as problem:  # dropped a moment ago, or not readable
        raise UnknownNetworkError(
            f"the kept network {network_id} cannot be read ({problem.strerror}); expected a file "
            f"at {path}"
        ) from problem
    checkpoint = load_bytes(data, path.name, recorded_name=True)
    if checkpoint.id != network_id:
        raise FileFormatError(
            f"{path.name} holds the network {checkpoint.id}; expected {network_id}: the file was "
            f"changed since it was kept"
        )
    return checkpoint


def _last_opened(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # dropped by another process a moment ago
        return 0.0
