"""See and change what flows through a module of transformers."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import Tensor, nn

from explorer.network.architectures.base import Edit
from explorer.network.architectures.families import Family


@dataclass
class Recorder:
    """What one run keeps, and what it changes on the way.

    Attributes
    ----------
    heads : int
        Heads of a block.
    edit : callable or None
        See ``explorer.network.architectures.base.Edit``.
    keeps_sites : bool
    layers, sites : dict of int to Tensor
        Filled by the run.
    """

    heads: int
    edit: Edit | None = None
    keeps_sites: bool = True
    layers: dict[int, Tensor] = field(default_factory=dict)
    sites: dict[int, Tensor] = field(default_factory=dict)

    def passed(self, layer: int, activations: Tensor) -> Tensor:
        """Edit and keep the activations of a layer."""
        edited = activations if self.edit is None else self.edit(layer, activations)
        self.layers[layer] = edited
        return edited

    def found(self, blocks: int) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Layers and sites in order, of a network of so many blocks."""
        sites = range(4 * blocks if self.keeps_sites else 0)
        layers = tuple(self.layers[layer] for layer in range(2 * blocks + 1))
        return layers, tuple(self.sites[site] for site in sites)


# Of the run that goes on in this thread. Hooks stay on a module for good and look here, so that
# threads can share it.
_RECORDER: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Fill a recorder by what runs within."""
    token = _RECORDER.set(recorder)
    try:
        yield
    finally:
        _RECORDER.reset(token)


def watch(body: Any, family: Family) -> None:
    """Put the hooks on the body of a module."""
    blocks = body.get_submodule(family.blocks)
    for index, block in enumerate(blocks):
        block.get_submodule(family.query).register_forward_pre_hook(partial(_read, 4 * index))
        block.get_submodule(family.out).register_forward_pre_hook(partial(_heads, index))
        reads = block.get_submodule(family.gate or family.up)
        reads.register_forward_pre_hook(partial(_read, 4 * index + 2))
        block.get_submodule(family.down).register_forward_pre_hook(partial(_neurons, index))
    if family.final_norm:
        body.get_submodule(family.final_norm).register_forward_pre_hook(_residual)
    else:
        blocks[-1].get_submodule(family.norms[0]).register_forward_hook(_normed_residual)


def _read(site: int, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    recorder = _RECORDER.get()
    if recorder is not None and recorder.keeps_sites:
        recorder.sites[site] = inputs[0]


def _heads(block: int, module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    """Take the outputs of heads, side by side, as (examples, positions, numbers, heads)."""
    recorder = _RECORDER.get()
    if recorder is None:
        return None
    side_by_side = inputs[0]
    passed = side_by_side.reshape(*side_by_side.shape[:2], recorder.heads, -1).transpose(2, 3)
    edited = recorder.passed(2 * block + 1, passed)
    if edited is not passed:
        side_by_side = edited.transpose(2, 3).flatten(2)
    if recorder.keeps_sites:
        recorder.sites[4 * block + 1] = side_by_side
    return (side_by_side,)


def _neurons(block: int, module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    recorder = _RECORDER.get()
    if recorder is None:
        return None
    edited = recorder.passed(2 * block + 2, inputs[0])
    if recorder.keeps_sites:
        recorder.sites[4 * block + 3] = edited
    return (edited,)


def _residual(module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    recorder = _RECORDER.get()
    return None if recorder is None else (recorder.passed(0, inputs[0]),)


def _normed_residual(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Any:
    recorder = _RECORDER.get()
    return None if recorder is None else recorder.passed(0, output)
