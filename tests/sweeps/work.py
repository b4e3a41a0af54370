"""Functions for workers to run: they must be found by their name there."""

import os
import signal
import time
from pathlib import Path

from explorer.errors import ConfigError


def double(item: int) -> int:
    return 2 * item


def note(item: tuple[str, str, float]) -> str:
    """Take some time, and leave a line that says which process did it."""
    folder, name, seconds = item
    time.sleep(seconds)
    with (Path(folder) / f"{name}.done").open("a") as stream:
        stream.write(f"{os.getpid()}\n")
    return name


def pid(item: int) -> int:
    time.sleep(0.2)
    return os.getpid()


def threads(item: int) -> int:
    import torch

    return torch.get_num_threads()


def sleep(item: float) -> int:
    time.sleep(item)
    return os.getpid()


def die_once(item: str) -> str:
    """Die the first time that an item is seen, or always for one called ``deadly``."""
    folder, name = os.path.split(item)
    mark = Path(folder) / f"{name}.seen"
    seen = mark.exists()
    mark.touch()
    if name.startswith("deadly") or (name.startswith("once") and not seen):
        os.kill(os.getpid(), signal.SIGKILL)
    return name


def fail(item: int) -> int:
    if item == 1:
        raise ConfigError("found 1; expected another number")
    if item == 2:
        raise KeyError("nothing")
    return item
