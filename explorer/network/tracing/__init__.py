"""Open an ``nn.Module`` of anybody's making: watch what it does with an example, step by step."""

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from explorer.errors import ArchitectureError
from explorer.network.adapters import adapters
from explorer.network.adapters.stack import LinearStack
from explorer.network.architectures import Network
from explorer.network.architectures.dataflow_forms import network_from
from explorer.network.readers import WeightFile
from explorer.network.tracing.exported import exported, recipe_of
from explorer.network.tracing.unfollowed import copied, refuse_unfollowed

__all__ = ["open_traced"]

_CHECKED = 3  # examples that the network must answer as the module does
_TOLERANCE = 1e-3


def open_traced(
    module: nn.Module, example_input: Any, name: str
) -> tuple[Network, tuple[str, ...]]:
    """Make a network of a module, and check that both give the same.

    The module itself is not changed: a copy in eval mode is watched by ``torch.export``.

    Parameters
    ----------
    module : nn.Module
    example_input : Tensor or tuple of one Tensor or None
        What it is called with; the first axis counts examples. A module that begins with a linear
        layer needs none, nor does one that its names tell; one that reads tokens is told by these.
    name : str
        For messages.

    Returns
    -------
    network : Network
    notes : tuple of str
        Sentences that people must know of it.

    Raises
    ------
    ArchitectureError
        If it does something that is not known here; the sentence says what, and where.

    Examples
    --------
    >>> module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> open_traced(module, torch.zeros(1, 4), "mine")[0].widths
    (4, 8, 2)
    """
    named = None if _is_numbers(example_input) else _by_names(module, name)
    if named is not None:
        return named
    refuse_unfollowed(module, name)
    watched = copied(module, name).eval().requires_grad_(False).cpu().float()
    example = _example(watched, example_input, name)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch's doubts about the module are not for the reader
        program = exported(watched, example, name)
        recipe, output = recipe_of(program, example, name)
        network = network_from(recipe, output).eval().requires_grad_(False)
        _check(network, watched, example, name)
    return network, tuple(dict.fromkeys(recipe.notes))


def _is_numbers(given: Any) -> bool:
    """Tell an example that can be watched from none, and from tokens."""
    first = given[0] if isinstance(given, tuple | list) and given else given
    return isinstance(first, Tensor) and first.dtype.is_floating_point


def _by_names(module: nn.Module, name: str) -> tuple[Network, tuple[str, ...]] | None:
    """Open a module without an example by the names of its tensors, if they tell all."""
    state = {key: tensor.detach().clone().cpu() for key, tensor in module.state_dict().items()}
    content = WeightFile(state, None, True)
    for adapter in adapters():
        if not isinstance(adapter, LinearStack) and adapter.recognises(content):
            return adapter.open(content, name), adapter.notes(content)
    return None


def _example(module: nn.Module, given: Any, name: str) -> Tensor:
    """One example as a batch of two, so that the axis of examples is seen."""
    if isinstance(given, tuple | list) and len(given) == 1:
        given = given[0]
    if given is None:
        layers = [layer for layer in module.modules() if list(layer.parameters(recurse=False))]
        if not layers or not isinstance(layers[0], nn.Linear):
            raise ArchitectureError(
                f"found the module {name!s:.60} without an example of its inputs; expected "
                f"load(module, example_input=...) with a batch of them"
            )
        given = torch.zeros(1, layers[0].in_features)
    if not isinstance(given, Tensor) or not given.dtype.is_floating_point or not given.numel():
        found = f"{given.dtype}".removeprefix("torch.") if isinstance(given, Tensor) else ""
        raise ArchitectureError(
            f"found {found or type(given).__name__} as the example input of {name!s:.60}; expected "
            f"one tensor of floating-point numbers, its first axis counting examples"
        )
    batch = given.detach().cpu().float()
    batch = batch[None] if batch.dim() == 1 else batch
    return torch.cat([batch[:1], batch[:1]])


def _check(network: Network, module: nn.Module, example: Tensor, name: str) -> None:
    """Refuse a network that does not answer as the module does."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(_CHECKED, *example.shape[1:], generator=generator)
    wanted = _first(module(inputs)).flatten(1)
    found = network(inputs.flatten(1))
    limit = _TOLERANCE * max(float(wanted.abs().max()), 1.0)
    # A softmax behind the outputs is left out of the network.
    forms = (found, found.softmax(-1), found.log_softmax(-1))
    if wanted.shape == found.shape and any((wanted - f).abs().max() <= limit for f in forms):
        return
    raise ArchitectureError(
        f"found that {name!s:.60} gives other outputs than the steps that were seen in it; "
        f"expected a module that does the same for every example, and nothing in place that is "
        f"read again"
    )


def _first(outputs: Any) -> Tensor:
    while not isinstance(outputs, Tensor):
        outputs = next(iter(outputs.values() if isinstance(outputs, dict) else outputs))
    return outputs
