"""Open a module that is at hand, as in a notebook."""

import sys
from typing import Any

from torch import Tensor, nn

from explorer.network.adapters import open_content
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint, Origin
from explorer.network.readers import WeightFile

_FORMAT = "nn.Module"


def open_module(module: nn.Module, example_input: Any, task: str | None) -> Checkpoint:
    """Open a module; the network has its own copy of the weights.

    Parameters
    ----------
    module : nn.Module
        One of this package or of transformers is known by its own settings; of any other, what it
        does with ``example_input`` tells how its layers are joined.
    example_input : Tensor or tuple of Tensor or None
    task : str or None

    Raises
    ------
    ArchitectureError
        If it makes no network known here.
    """
    name = type(module).__name__
    if isinstance(module, Network):
        return Checkpoint(name, module.copy(), task, origin=Origin(_FORMAT, name))
    if _is_of_transformers(module):
        content = WeightFile(_copied(module), None, True, module.config.to_dict(), _FORMAT)  # type: ignore[operator, union-attr]
        network, notes = open_content(content, name)
    else:
        from explorer.network.tracing import open_traced

        network, notes = open_traced(module, example_input, name)
    return Checkpoint(name, network, task, origin=Origin(_FORMAT, name, notes=tuple(notes)))


def _is_of_transformers(module: nn.Module) -> bool:
    library = sys.modules.get("transformers")  # whoever has such a module has imported it
    return library is not None and isinstance(module, library.PreTrainedModel)


def _copied(module: nn.Module) -> dict[str, Tensor]:
    return {key: tensor.detach().clone().cpu() for key, tensor in module.state_dict().items()}
