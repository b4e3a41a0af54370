"""Which networks are meant by names, files, folders and patterns."""

import glob
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from explorer.errors import SweepError
from explorer.network.bundled import networks
from explorer.network.readers.places import ENDINGS

MAX_PLACES = 10_000
# A folder with one of these is one network, whatever files it is made of.
_WHOLE = ("config.json", "model.safetensors", "model.safetensors.index.json", "network.safetensors")
# What training leaves beside a network.
_NO_NETWORKS = ("state.", "optimizer", "scheduler", "rng_state", "scaler", "training_args", "token")


def find_places(given: Iterable[str]) -> tuple[str, ...]:
    """List the networks that are meant.

    Parameters
    ----------
    given : iterable of str
        Bundled names; files; folders of one network; folders of many (as of a sweep, or of the
        checkpoints of a training run), whose networks are all meant; patterns with ``*``; ids on
        the hub.

    Returns
    -------
    tuple of str
        Each once, those of a folder in the order of their names and numbers.

    Raises
    ------
    SweepError
        If a pattern or folder has no network, or there are more than 10,000.

    Examples
    --------
    >>> find_places(["pair-*", "xor4-modular"])
    ('pair-modular', 'pair-plain', 'xor4-modular')
    """
    found: dict[str, None] = {}
    for text in given:
        own = list(_meant(text))
        if not own:
            raise SweepError(
                f"found no network at {text!r:.200}; expected a file, a folder with some, a "
                f"pattern that some have, or a bundled name"
            )
        found |= dict.fromkeys(own)
        if len(found) > MAX_PLACES:
            raise SweepError(f"found more than {MAX_PLACES:,} networks; expected fewer")
    return tuple(found)


def _meant(text: str) -> Iterator[str]:
    path = Path(text)
    try:
        path.stat()
    except (OSError, ValueError) as problem:
        # A name that no file can have, unlike one that none has.
        if not isinstance(problem, FileNotFoundError | NotADirectoryError):
            yield text
            return
    if text in networks() or path.is_file():
        yield text
    elif path.is_dir():
        yield from map(str, _inside(path))
    elif glob.has_magic(text):
        pattern = re.compile(glob_pattern(text))
        yield from (name for name in networks() if pattern.fullmatch(name))
        for place in sorted(glob.glob(text, recursive=True), key=natural):  # noqa: PTH207
            inner = Path(place)
            if inner.is_dir():
                yield from map(str, _inside(inner))
            elif _is_network(inner):
                yield place
    else:
        yield text  # an id on the hub, or nothing: opening it will tell


def _inside(folder: Path) -> Iterator[Path]:
    """Networks in a folder and in those below it."""
    entries = sorted(folder.iterdir(), key=lambda path: natural(path.name))
    if any(entry.name in _WHOLE for entry in entries):
        yield folder
    else:
        yield from (entry for entry in entries if entry.is_file() and _is_network(entry))
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            yield from _inside(entry)


def _is_network(path: Path) -> bool:
    name = path.name.lower()
    return name.endswith(ENDINGS) and not name.startswith((".", *_NO_NETWORKS))


def glob_pattern(text: str) -> str:
    """Return a pattern with ``*`` as a regular expression."""
    import fnmatch

    return fnmatch.translate(text)


def natural(name: str) -> list[tuple[int, int | str]]:
    """Order names by the numbers in them: ``step 9`` before ``step 10``.

    Examples
    --------
    >>> sorted(["step 10", "step 9", "end"], key=natural)
    ['end', 'step 9', 'step 10']
    """
    parts = re.split(r"(\d+)", name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts if part]
