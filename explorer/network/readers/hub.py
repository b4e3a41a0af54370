"""Weights on the Hugging Face hub: those on this computer first, then those that can be fetched."""

import re
from collections.abc import Callable

from explorer.network.readers.content import WeightFile

_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


def is_hub_id(name: str) -> bool:
    """Tell whether a name has the form ``owner/name``.

    Examples
    --------
    >>> is_hub_id("openai-community/gpt2"), is_hub_id("a/b/c"), is_hub_id("../b")
    (True, False, False)
    """
    return _ID.fullmatch(name) is not None and ".." not in name


def read_hub(name: str, progress: Callable[[float, str], None] | None = None) -> WeightFile:
    """Read the weights of an id on the hub."""
    raise NotImplementedError
