"""The one registry of adapters: from the names of tensors to a network.

The first adapter that recognises a file opens it. ``register_adapter`` puts another one in front of
all others.
"""

from explorer.errors import ArchitectureError
from explorer.network.adapters.base import Adapter
from explorer.network.adapters.convolutions import ConvolutionStack
from explorer.network.adapters.drawn import DrawnNetwork
from explorer.network.adapters.family import FamilyAdapter
from explorer.network.adapters.nanogpt import NanoGPT
from explorer.network.adapters.norms import NormedStack
from explorer.network.adapters.resnet import ResNet
from explorer.network.adapters.stack import LinearStack, is_strange
from explorer.network.adapters.vgg import VGG
from explorer.network.architectures import Network
from explorer.network.architectures.families import FAMILIES
from explorer.network.readers import WeightFile

__all__ = ["Adapter", "adapters", "open_content", "register_adapter"]

_LENGTH = 32  # of a name in a message
_ADAPTERS: list[Adapter] = [
    NanoGPT(),
    *map(FamilyAdapter, FAMILIES),
    DrawnNetwork(),
    ResNet(),
    VGG(),
    ConvolutionStack(),
    NormedStack(),
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
    known = ", ".join(adapter.name.partition(" (")[0] for adapter in _ADAPTERS)
    raise ArchitectureError(
        f"{name} holds {_found(content)}; expected {known}, or your own adapter "
        f"(explorer.network.adapters.guide)"
    )


def _found(content: WeightFile) -> str:
    """Say what settings call it, and name a tensor, if possible one that is strange."""
    kind = None if content.config is None else content.config.get("model_type")
    said = "" if kind is None else f"a network of model_type {kind!r:.20} with "
    if not content.shapes:
        return f"{said}no weight matrix"
    key = next(
        (key for key in content.shapes if is_strange(key, content)), next(iter(content.shapes))
    )
    return f"{said}{_end(key)!r:.40} of shape {content.shapes[key]!r:.20}"


def _end(key: str) -> str:
    """Shorten a name to its end, which tells more than its beginning."""
    return key if len(key) <= _LENGTH else f"...{key[3 - _LENGTH :]}"
