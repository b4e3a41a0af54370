"""Interventions on neurons as edits of activations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from explorer.auditing.view import CLEAN_SPLITS, joined
from explorer.errors import AuditError
from explorer.network.architectures import Edit, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task

KINDS = ("zero", "mean", "freeze", "scale")
MAX_FACTOR = 10.0
TEXTS = 128  # of a text so many examples are looked at


@dataclass(frozen=True)
class Intervention:
    """What is done to some neurons.

    Attributes
    ----------
    nodes : tuple of int
        Nodes of the network's graph, each once, in rising order.
    kind : {"zero", "mean", "freeze", "scale"}
        They are set to 0, held at their mean or at their median over clean examples (what they do
        on a usual one), or multiplied by ``factor``.
    factor : float
        Of ``scale``: from 0 to 10; 1 changes nothing. Otherwise it has no meaning.

    Raises
    ------
    AuditError
        If the kind is unknown, the factor is out of range, or there is no neuron.

    Examples
    --------
    >>> Intervention((81, 70, 81), "zero").nodes
    (70, 81)
    """

    nodes: tuple[int, ...]
    kind: str = "zero"
    factor: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise AuditError(
                f"found the intervention {self.kind!r:.40}; expected one of {', '.join(KINDS)}"
            )
        if not self.nodes:
            raise AuditError("found no neuron to intervene on; expected at least one")
        if not (math.isfinite(self.factor) and 0 <= self.factor <= MAX_FACTOR):
            raise AuditError(
                f"found the factor {self.factor}; expected a number from 0 to {MAX_FACTOR:g}"
            )
        object.__setattr__(self, "nodes", tuple(sorted({int(node) for node in self.nodes})))


def clean_task(checkpoint: Checkpoint) -> Task:
    """Return the task of a network; all its splits but ``train`` are clean, whatever was planted.

    Raises
    ------
    AuditError
        If it has none.
    """
    if checkpoint.task is None:
        raise AuditError(
            f"{checkpoint.name} has no task, so there is no data to run it on; expected one of the "
            f"tasks, as in load(..., task='digits')"
        )
    return checkpoint.task


def check_nodes(network: Network, nodes: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (first node, neurons, chosen ones) of every layer that nodes lie in.

    Raises
    ------
    AuditError
        If a node is none of the network's.
    """
    bounds = _bounds(network)
    odd = [node for node in nodes if not 0 <= node < bounds[-1]]
    if odd:
        raise AuditError(f"found neuron {odd[0]}; expected 0 to {bounds[-1] - 1}")
    return [
        (start, end - start, count)
        for start, end in pairwise(bounds)
        if (count := sum(start <= node < end for node in nodes))
    ]


def within_layers(network: Network, nodes: Sequence[int]) -> list[Tensor]:
    """Places of nodes in every layer."""
    return [
        torch.tensor([node - start for node in nodes if start <= node < end], dtype=torch.int64)
        for start, end in pairwise(_bounds(network))
    ]


def editing(checkpoint: Checkpoint, intervention: Intervention) -> Edit:
    """Return the edit of activations that an intervention is."""
    chosen = within_layers(checkpoint.network, intervention.nodes)
    held = held_at(checkpoint, intervention)

    def edit(layer: int, activations: Tensor) -> Tensor:
        places = chosen[layer]
        if not len(places):
            return activations
        changed = activations.clone()
        changed[..., places] = (
            activations[..., places] * intervention.factor
            if held is None
            else held[layer].to(changed)
        )
        return changed

    return edit


def held_at(checkpoint: Checkpoint, intervention: Intervention) -> list[Tensor] | None:
    """What the chosen neurons of every layer are held at; None where they are scaled.

    A neuron has one number; a channel one for every place of the picture, and a head as many as it
    passes on: then the last axis counts the chosen ones.
    """
    chosen = within_layers(checkpoint.network, intervention.nodes)
    if intervention.kind == "scale":
        return None
    if intervention.kind == "zero":
        return [torch.zeros(len(places)) for places in chosen]
    usual = _usual(checkpoint.id, checkpoint.network, clean_task(checkpoint), intervention.kind)
    return [values[..., places] for values, places in zip(usual, chosen, strict=True)]


def _bounds(network: Network) -> list[int]:
    sizes = [layer.size for layer in network.neuron_layers]
    return [0, *np.cumsum(sizes).tolist()]


@lru_cache(maxsize=8)
@torch.no_grad()
def _usual(checkpoint_id: str, network: Network, clean: Task, kind: str) -> list[Tensor]:
    """Mean or median of every neuron over clean examples, which hold no trigger.

    The training split could.
    """
    inputs = joined([clean.split(name) for name in CLEAN_SPLITS]).inputs
    trace = network.trace(inputs[:TEXTS] if clean.is_text else inputs)
    rows = [layer.flatten(0, network.example_axes - 1) for layer in trace.layers]
    if kind == "mean":
        return [layer.mean(dim=0) for layer in rows]
    return [layer.median(dim=0).values for layer in rows]
