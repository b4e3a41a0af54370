"""Networks that a run can continue from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from explorer.errors import ConfigError


def starts(bundled: Iterable[str], opened: Mapping[str, str]) -> dict[str, str]:
    """Return what ``TrainingConfig.start`` can be, and what to call it.

    Parameters
    ----------
    bundled : iterable of str
        Names of the bundled networks.
    opened : mapping of str to str
        Ids and names of networks that were opened or trained.
    """
    from explorer import store

    folder = store.home() / "networks"
    files = {folder / f"{network_id}.safetensors": name for network_id, name in opened.items()}
    # Large networks are kept by their place, and are not trained here.
    own = {str(path): name for path, name in files.items() if path.is_file()}
    return {"": "nothing: start anew", **{name: name for name in bundled}, **own}


def is_offered(network: str, names: Iterable[str]) -> bool:
    """Whether a network, by its name or id, is among those to continue from.

    Examples
    --------
    >>> is_offered("abc", ["", "pair-plain", "/home/networks/abc.safetensors"])
    True
    """
    return network in {Path(name).stem for name in names}


def settings_of(start: str) -> dict[str, Any]:
    """Return the task and the architecture of a network, as settings.

    Raises
    ------
    ConfigError
        If the file does not say what the network was trained to do.
    CheckpointError
        If it cannot be opened.
    """
    from explorer.network.load import load

    checkpoint = load(start)
    recorded = dict(checkpoint.config or {})
    if checkpoint.task_name is None or "hidden" not in recorded:
        raise ConfigError(
            f"found no task and settings in {checkpoint.name}; expected a network that was trained "
            f"here"
        )
    kept = ("hidden", "network", "width", "heads", "gate", "module_count")
    return {"task": checkpoint.task_name} | {k: recorded[k] for k in kept if k in recorded}
