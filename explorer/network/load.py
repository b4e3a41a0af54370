"""Open a network by its name or path."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from explorer.errors import ArchitectureError, UnknownNetworkError
from explorer.network.adapters import open_content
from explorer.network.adapters.stack import as_float
from explorer.network.architectures import Network, build
from explorer.network.bundled import bundled_bytes, networks
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.readers import MAX_FILE_BYTES, WeightFile, check_size, read_bytes

_NAME_LENGTH = 80


def load(name_or_path: str | os.PathLike[str], task: str | None = None) -> Checkpoint:
    """Open a bundled network by name, or a file of weights by path.

    Files are told apart by content: a safetensors file (one written by ``explorer.save`` says
    what it is; of any other the layers are inferred) or a PyTorch ``state_dict``. Nothing in a
    file is ever run.

    Parameters
    ----------
    name_or_path : str or path
        A name from ``networks()``, or the path of a file.
    task : str, optional
        What the network does, if the file does not say; one of ``tasks()``.

    Returns
    -------
    Checkpoint
        With the network in eval mode.

    Raises
    ------
    CheckpointError
        One of its kinds (see ``explorer.errors``), with a sentence that says what was found and
        what was expected.
    TaskError
        If the task is unknown or does not fit the network.

    Examples
    --------
    >>> checkpoint = load("xor4-modular")
    >>> checkpoint.network.widths, checkpoint.task.name
    ((8, 32, 32, 8), 'xor4')
    """
    name = os.fsdecode(name_or_path)
    if name in networks():
        return load_bytes(bundled_bytes(name), name, task)
    path = Path(name)
    expected = f"expected the path of a file, or one of {', '.join(networks())}"
    try:
        is_file = path.is_file()
        found = "a folder" if path.is_dir() else "no file"
        size = path.stat().st_size if is_file else 0
        data = path.read_bytes() if is_file and size <= MAX_FILE_BYTES else b""
    except (OSError, ValueError) as problem:  # unreadable, a name too long, a null byte
        raise UnknownNetworkError(
            f"{_end(name)} cannot be read ({getattr(problem, 'strerror', None) or problem}); "
            f"{expected}"
        ) from problem
    if not is_file:
        raise UnknownNetworkError(f"found {found} at {_end(name)}; {expected}")
    check_size(size, display_name(path.name))
    return load_bytes(data, path.name, task)


def load_bytes(
    data: bytes, name: str, task: str | None = None, *, recorded_name: bool = False
) -> Checkpoint:
    """Open a network from the content of a file; see ``load``.

    With ``recorded_name`` the network is called as the file says, and not by ``name``.
    """
    name = display_name(name)
    content = read_bytes(data, name)
    if content.about is None:
        network, notes = open_content(content, name)
        origin = Origin(content.format, name, notes=notes)
        return Checkpoint(name=name, network=network, task_name=task, origin=origin)
    about = content.about
    return Checkpoint(
        name=display_name(about.get("name") or name) if recorded_name else name,
        network=_described(content, about["architecture"], name),
        task_name=task or about.get("task"),
        config=about.get("config") or {},
        metrics=about.get("metrics") or {},
    )


def _described(content: WeightFile, architecture: Mapping[str, Any], name: str) -> Network:
    """Make the network that a file says it holds, if its tensors agree."""
    try:
        network = build(architecture)
    except ArchitectureError as problem:
        raise ArchitectureError(f"{name} describes no network known here: {problem}") from problem
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in content.tensors.items()}
    if expected != found:
        odd = min(set(expected.items()) ^ set(found.items()))[0]
        raise ArchitectureError(
            f"{name} says it is an {network.kind.upper()} of {network.shape:.60}, but its tensor "
            f"{odd!r:.60} has shape {found.get(odd, 'none')!s:.40}; expected "
            f"{expected.get(odd, 'no such tensor')}"
        )
    network.load_state_dict({key: as_float(v, key, name) for key, v in content.tensors.items()})
    return network


def display_name(name: str) -> str:
    r"""Return a file's name as messages and pages can show it: printable, and not too long.

    Examples
    --------
    >>> display_name("my\nnetwork.pt")
    'my?network.pt'
    """
    shown = "".join(c if c.isprintable() else "?" for c in name)
    return shown if len(shown) <= _NAME_LENGTH else f"{shown[:40]}...{shown[-37:]}"


def _end(path: str) -> str:
    """Quote the end of a path, which tells more than its beginning."""
    return repr(path if len(path) <= _NAME_LENGTH else f"...{path[-77:]}")
