"""The one registry of adapters: from the names of tensors to a network.

The first adapter that recognises a file opens it. ``register_adapter`` puts another one in front of
all others.
"""

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.drawn import DrawnNetwork
from explorer.network.adapters.family import FamilyAdapter
from explorer.network.adapters.nanogpt import NanoGPT
from explorer.network.adapters.resnet import ResNet
from explorer.network.adapters.stack import LinearStack, is_strange
from explorer.network.adapters.vgg import VGG
from explorer.network.architectures import Network
from explorer.network.architectures.families import FAMILIES
from explorer.network.readers import WeightFile

__all__ = ["Adapter", "adapters", "open_content", "register_adapter"]

_LENGTH = 32  # of a name in a message
_SHOWN = 2  # tensors that a message names
_ADAPTERS: list[Adapter] = [
    NanoGPT(),
    *map(FamilyAdapter, FAMILIES),
    DrawnNetwork(),
    ResNet(),
    VGG(),
    LinearStack(),  # names the tensors that are strange to it
]


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
    raise ArchitectureError(
        f"{name} holds {_found(content)}; expected one of {', '.join(a.name for a in _ADAPTERS)} "
        f"(explorer.network.adapters.adapters() says what each needs), or an adapter for it, as "
        f"explorer.network.adapters.guide tells how to write one"
    )


def _found(content: WeightFile) -> str:
    """Say what settings call it, and name tensors: first what no stack of layers has."""
    kind = None if content.config is None else content.config.get("model_type")
    said = "" if kind is None else f"a network of model_type {kind!r:.30} with "
    shapes = sorted(content.shapes.items(), key=lambda item: not is_strange(item[0], content))
    shown = ", ".join(f"{_end(key)!r:.40} {shape!r:.20}" for key, shape in shapes[:_SHOWN])
    return f"{said}{shown}" if shown else f"{said}no weight matrix"


def _end(key: str) -> str:
    """Shorten a name to its end, which tells more than its beginning."""
    return key if len(key) <= _LENGTH else f"...{key[3 - _LENGTH :]}"
