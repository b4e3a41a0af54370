"""What must outlive a page: networks that people opened, kept by their id.

They are kept as safetensors files, whatever they came as, in the folder named by the environment
variable ``EXPLORER_HOME``, by default ``~/.local/share/modular-network-explorer``. Of a network of
more than 200 MB only the place is kept. Whoever has the id of a network, as in a link, can open it;
ids are hashes and cannot be guessed.
"""

import contextlib
import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from explorer.errors import FileFormatError, UnknownNetworkError
from explorer.network.atomic import write_atomically
from explorer.network.bundled import networks
from explorer.network.checkpoint import Checkpoint, Origin, save
from explorer.network.home import home
from explorer.network.load import load, load_bytes
from explorer.network.readers import MAX_FILE_BYTES
from explorer.network.readers.hub import is_hub_id

__all__ = ["MAX_KEPT", "fetch", "home", "keep", "place_of"]

MAX_KEPT = 200
LARGE = 200 * 2**20  # bytes of weights from which on only the place is kept
_ID = re.compile(r"[0-9a-f]{16}")
_FILE, _PLACE = ".safetensors", ".json"


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
    if _stays_where_it_is(checkpoint):
        payload = json.dumps(_reference(checkpoint), indent=1).encode()
        write_atomically(folder / f"{checkpoint.id}{_PLACE}", payload)
    else:
        save(checkpoint, folder / f"{checkpoint.id}{_FILE}")
        _keep_origin(checkpoint)
    files = [*folder.glob(f"*{_FILE}"), *folder.glob(f"*{_PLACE}")]
    kept = sorted((_last_opened(path), path) for path in files)
    for _, old in kept[:-MAX_KEPT]:
        old.unlink(missing_ok=True)
        (home() / "origins" / f"{old.stem}{_PLACE}").unlink(missing_ok=True)
    return checkpoint.id


def fetch(network_id: str) -> Checkpoint:
    """Open a network that was kept.

    Raises
    ------
    UnknownNetworkError
        If there is none of this id, or a large one is no longer where it was opened.
    CheckpointError
        If its file was damaged or changed.
    """
    path = _path(network_id)
    if path.suffix == _PLACE:
        return _reopened(network_id, path)
    with contextlib.suppress(OSError):  # a folder that can only be read
        path.touch()
    try:
        source = path if path.stat().st_size > MAX_FILE_BYTES else path.read_bytes()
    except OSError as problem:  # dropped a moment ago, or not readable
        raise UnknownNetworkError(
            f"the kept network {network_id} cannot be read ({problem.strerror}); expected a file "
            f"at {path}"
        ) from problem
    checkpoint = load_bytes(source, path.name, recorded_name=True)
    if checkpoint.id != network_id:
        raise FileFormatError(
            f"{path.name} holds the network {checkpoint.id}; expected {network_id}: the file was "
            f"changed since it was kept"
        )
    return _with_origin(checkpoint)


def place_of(network_id: str) -> tuple[str, str | None]:
    """Return what ``load`` takes for a network that was kept: its place, and its task.

    The place is a path, name or id on the hub; the task None where what is there says it.

    Raises
    ------
    UnknownNetworkError
        If there is none of this id.
    """
    path = _path(network_id)
    if path.suffix != _PLACE:
        return str(path), None
    about = _read(path)
    return about["place"], about.get("task")


def _keep_origin(checkpoint: Checkpoint) -> None:
    """Write down where a network came from; not in its file, which may be handed on."""
    if checkpoint.origin is not None:
        payload = json.dumps(asdict(checkpoint.origin)).encode()
        write_atomically(home() / "origins" / f"{checkpoint.id}{_PLACE}", payload)


def _with_origin(checkpoint: Checkpoint) -> Checkpoint:
    """Add where a network came from, its tokenizer above all, if that is known."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads((home() / "origins" / f"{checkpoint.id}{_PLACE}").read_bytes())
        origin = Origin(**{**known, "notes": tuple(known["notes"])})
        return replace(checkpoint, origin=origin)
    return checkpoint


def _path(network_id: str) -> Path:
    for ending in (_FILE, _PLACE):
        path = home() / "networks" / f"{network_id}{ending}"
        if _ID.fullmatch(network_id) and path.is_file():
            return path
    raise UnknownNetworkError(
        f"found no network {network_id!r:.60}; expected a bundled name or a network that was "
        f"opened on this computer"
    )


def _stays_where_it_is(checkpoint: Checkpoint) -> bool:
    """Tell whether a network is large and can be opened again from where it came from."""
    state = checkpoint.network.state_dict().values()
    large = sum(tensor.numel() * tensor.element_size() for tensor in state) > LARGE
    return large and checkpoint.origin is not None and _is_there(checkpoint.origin.place)


def _is_there(place: str) -> bool:
    return place in networks() or Path(place).is_absolute() or is_hub_id(place)


def _reference(checkpoint: Checkpoint) -> dict[str, str | None]:
    assert checkpoint.origin is not None
    return {
        "id": checkpoint.id,
        "name": checkpoint.name,
        "task": checkpoint.task_name,
        "place": checkpoint.origin.place,
        "format": checkpoint.origin.format,
    }


def _read(path: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(path.read_bytes())
        if all(isinstance(found[key], str) for key in ("id", "name", "place")):
            return dict(found)
    raise FileFormatError(
        f"{path.name} says of no network where it is; expected what was written when it was opened"
    )


def _reopened(network_id: str, path: Path) -> Checkpoint:
    """Open a large network from where it lies."""
    about = _read(path)
    with contextlib.suppress(OSError):
        path.touch()
    place = about["place"]
    if Path(place).is_absolute() and not Path(place).exists():
        raise UnknownNetworkError(
            f"the network {about['name']!r:.80} was opened from {place!r:.200} and is no longer "
            f"there; expected it there, or open it from where it is now"
        )
    checkpoint = load(place, about.get("task"))
    if checkpoint.id != network_id:
        raise FileFormatError(
            f"{place!r:.200} holds the network {checkpoint.id}; expected {network_id}: it was "
            f"changed since it was opened"
        )
    return replace(checkpoint, name=about["name"])


def _last_opened(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # dropped by another process a moment ago
        return 0.0
