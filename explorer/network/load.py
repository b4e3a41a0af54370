"""Open a network by its name or path."""

import os
from pathlib import Path

from explorer.errors import ArchitectureError, FileFormatError, UnknownNetworkError
from explorer.network.architectures import build
from explorer.network.bundled import bundled_bytes, networks
from explorer.network.checkpoint import Checkpoint
from explorer.network.inference import as_float, infer_mlp
from explorer.network.readers import check_size, read_bytes


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
    name = os.fspath(name_or_path)
    if name in networks():
        return load_bytes(bundled_bytes(name), name, task)
    path = Path(name)
    try:
        if path.is_file():
            check_size(path.stat().st_size, path.name)
            return load_bytes(path.read_bytes(), path.name, task)
        found = "a folder" if path.is_dir() else "no file"
    except (OSError, ValueError) as problem:  # unreadable, a name too long, a null byte
        raise UnknownNetworkError(
            f"{name!r:.100} cannot be read ({getattr(problem, 'strerror', None) or problem})"
        ) from problem
    raise UnknownNetworkError(
        f"found {found} at {name!r:.100}; expected the path of a file, or one of "
        f"{', '.join(networks())}"
    )


def load_bytes(data: bytes, name: str, task: str | None = None) -> Checkpoint:
    """Open a network from the content of a file; see ``load``."""
    content = read_bytes(data, name)
    if content.about is None:
        network = infer_mlp(content, name)
        return Checkpoint(name=name, network=network, task_name=task)
    about = content.about
    network = build(about["architecture"])
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    found = {key: tuple(value.shape) for key, value in content.tensors.items()}
    if expected != found:
        odd = min(set(expected.items()) ^ set(found.items()))[0]
        raise ArchitectureError(
            f"{name} says it is an MLP of widths {list(network.widths)}, but its tensor {odd!r} "
            f"has shape {found.get(odd, 'none')}; expected {expected.get(odd, 'no such tensor')}"
        )
    network.load_state_dict({key: as_float(v, key, name) for key, v in content.tensors.items()})
    metrics = about.get("metrics") or {}
    if not all(isinstance(v, (int, float)) for v in metrics.values()):
        raise FileFormatError(f"{name} records metrics that are no numbers; expected numbers only")
    return Checkpoint(
        name=name,
        network=network,
        task_name=task or about.get("task"),
        config=about.get("config") or {},
        metrics=metrics,
    )
