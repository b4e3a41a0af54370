"""The one registry of adapters: from the names of tensors to a network.

The first adapter that recognises a file opens it. ``register_adapter`` puts another one in front of
all others.
"""

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.family import FamilyAdapter
from explorer.network.adapters.nanogpt import NanoGPT
from explorer.network.adapters.stack import LinearStack
from explorer.network.architectures import Network
from explorer.network.architectures.families import FAMILIES
from explorer.network.readers import WeightFile

__all__ = ["Adapter", "adapters", "open_content", "register_adapter"]

# What is left to the last recognises anything.
_ADAPTERS: list[Adapter] = [NanoGPT(), *map(FamilyAdapter, FAMILIES), LinearStack()]


def adapters() -> tuple[Adapter, ...]:
    """All adapters, in the order in which they are asked."""
    return tuple(_ADAPTERS)


def register_adapter(adapter: Adapter) -> None:
    """Ask an adapter before all others from now on."""
    _ADAPTERS.insert(0, adapter)


def open_content(content: WeightFile, name: str) -> tuple[Network, tuple[str, ...]]:
    """Make the network that a file holds; return it with what people must know of it.

    Raises
    ------
    ArchitectureError
        If no adapter knows its tensors, or the one that does finds something missing.
    """
    for adapter in _ADAPTERS:
        if adapter.recognises(content):
            return adapter.open(content, name), adapter.notes(content)
    raise ArchitectureError(f"{name} is of no architecture known here")
