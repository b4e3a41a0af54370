"""Open a network by its name, its path or its id on the hub, or as a module at hand."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from explorer.errors import ArchitectureError, UnknownNetworkError
from explorer.network.adapters import open_content
from explorer.network.adapters.stack import as_float
from explorer.network.architectures import Network, build
from explorer.network.bundled import bundled_bytes, bundled_names, networks
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.readers import WeightFile, read_bytes, read_file, read_place
from explorer.network.readers.hub import is_hub_id, read_hub

_NAME_LENGTH = 80
_KEPT = (torch.float16, torch.bfloat16, torch.float32, torch.float64)

Progress = Callable[[float, str], None]


def load(
    place: str | os.PathLike[str] | bytes | nn.Module,
    task: str | None = None,
    *,
    example_input: Any = None,
    progress: Progress | None = None,
) -> Checkpoint:
    """Open a network: by its name or place, from the content of a file, or a module at hand.

    Files are told apart by content: safetensors (one written by ``explorer.save`` says what it
    is), a PyTorch ``state_dict`` (bare or in a training checkpoint, such as one of nanoGPT), GGUF,
    ONNX (for a transformer, with its ``config.json`` beside it). A folder is one of Hugging Face,
    with its ``config.json``, or holds one such file. Nothing in a file is ever run.

    Parameters
    ----------
    place : str, path, bytes or nn.Module
        A name from ``networks()``; the path of a file or folder; an id ``owner/name`` on the
        Hugging Face hub, found on this computer or else fetched; the content of a file; or a
        module.
    task : str, optional
        What the network does, if the file does not say; one of ``tasks()``.
    example_input : optional
        For a module of your own making: what it is called with, to see how its layers are joined.
    progress : callable, optional
        Called with a share that is done and what is being done, where opening takes long.

    Returns
    -------
    Checkpoint
        With the network in eval mode, and where it came from as its ``origin``.

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
    if isinstance(place, nn.Module):
        from explorer.network.live_modules import open_module

        return open_module(place, example_input, task)
    if isinstance(place, bytes) and b"\0" in place:  # no path has one, and every network does
        return load_bytes(place, "network", task)
    name = os.fsdecode(place)
    if name in bundled_names():
        return load_bytes(bundled_bytes(name), name, task)
    if name in networks():
        from explorer.network.packaged.bundle import packaged_folder

        return _opened(read_place(packaged_folder(name, progress), name), name, name, task)
    path = Path(name)
    expected = (
        f"expected the path of a file or folder, an id on the Hugging Face hub, or one of "
        f"{', '.join(networks())}"
    )
    try:
        exists = path.is_file() or path.is_dir()
    except (OSError, ValueError) as problem:  # a name too long, a null byte
        raise UnknownNetworkError(
            f"{_end(name)} cannot be read ({getattr(problem, 'strerror', None) or problem}); "
            f"{expected}"
        ) from problem
    if exists:
        shown = display_name(path.name or path.resolve().name)
        return _opened(read_place(path, shown), shown, str(path.absolute()), task)
    if is_hub_id(name):
        return _opened(read_hub(name, progress), name, name, task)
    raise UnknownNetworkError(f"found no file at {_end(name)}; {expected}")


def load_bytes(
    data: bytes | Path, name: str, task: str | None = None, *, recorded_name: bool = False
) -> Checkpoint:
    """Open a network from the content of a file; see ``load``.

    With ``recorded_name`` the network is called as the file says, and not by ``name``. A path is
    that of a file, which a large network is not read from as a whole.
    """
    name = display_name(name)
    content = read_bytes(data, name) if isinstance(data, bytes) else read_file(data, name)
    if recorded_name and content.about is not None:
        name = display_name(content.about.get("name") or name)
    return _opened(content, name, "", task)


def _opened(content: WeightFile, name: str, place: str, task: str | None) -> Checkpoint:
    """Make the network that was read."""
    tokenizer = None if content.tokenizer is None else str(content.tokenizer)
    about = content.about
    if about is None:
        network, notes = open_content(content, name)
        origin = Origin(content.format, place or name, tokenizer, (*content.notes, *notes))
        return Checkpoint(name, network, task, origin=origin)
    return Checkpoint(
        name,
        _described(content, about["architecture"], name),
        task or about.get("task"),
        about.get("config") or {},
        about.get("metrics") or {},
        Origin(content.format, place or name, tokenizer, content.notes),
    )


def _described(content: WeightFile, architecture: Mapping[str, Any], name: str) -> Network:
    """Make the network that a file says it holds, if its tensors agree.

    What the file says takes memory only once its tensors are known to be as large.
    """
    try:
        with torch.device("meta"):
            claimed = build(architecture)
        expected = {key: tuple(value.shape) for key, value in claimed.state_dict().items()}
    except ArchitectureError as problem:
        raise ArchitectureError(f"{name} describes no network known here: {problem}") from problem
    found = content.shapes
    if expected != found:
        odd = min(set(expected.items()) ^ set(found.items()))[0]
        raise ArchitectureError(
            f"{name} says it is an {claimed.kind.upper()} of {claimed.shape:.60}, but its tensor "
            f"{odd!r:.60} has shape {found.get(odd, 'none')!s:.40}; expected "
            f"{expected.get(odd, 'no such tensor')}"
        )
    network = build(architecture)
    keeps = network.streams  # such a network computes with half-precision weights as they are
    network.load_state_dict(
        {
            key: v if keeps and v.dtype in _KEPT else as_float(v, key, name)
            for key, v in content.tensors.items()
        }
    )
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
