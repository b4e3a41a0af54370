"""Interventions on neurons: what they do to a failure and to what a network should be able to."""

import math
from collections.abc import Callable, Sequence
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
from explorer.network.tasks import Task, accuracy, task, task_loss
from explorer.network.tasks.measures import token_nats
from explorer.network.tasks.planted.base import Planted

KINDS = ("zero", "mean", "freeze", "scale")
MAX_FACTOR = 10.0
GHOSTS = 20
_TEXTS = 128  # of a text so many examples are looked at


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


@dataclass(frozen=True)
class Figures:
    """How a network does.

    Attributes
    ----------
    accuracy : float
        Share of right answers on the test split of the declared task, averaged over heads; of a
        text, share of tokens that are named right.
    loss : float
        Cross-entropy in nats on the same examples.
    success : float or None
        Share of the case's probe that is answered as was planted; None where no truth is known.
    """

    accuracy: float
    loss: float
    success: float | None = None


@dataclass(frozen=True)
class InterventionEffect:
    """What an intervention does, beside the same done to random neurons.

    Attributes
    ----------
    intervention : Intervention
    before, after : Figures
    ghosts : tuple of Figures
        After the same was done to random sets of neurons: as many in each of the same layers.
    checkpoint_id : str
    split : str
    missing : str
        What was not measured, in one sentence; empty where nothing is missing.
    """

    intervention: Intervention
    before: Figures
    after: Figures
    ghosts: tuple[Figures, ...]
    checkpoint_id: str
    split: str
    missing: str = ""

    @property
    def accuracy_lost(self) -> float:
        """Accuracy lost: positive where the intervention harms."""
        return self.before.accuracy - self.after.accuracy

    @property
    def removed(self) -> float | None:
        """Share of the planted behaviour that is gone; None where it was never there or unknown."""
        if self.before.success is None or self.after.success is None or self.before.success == 0:
            return None
        return 1 - self.after.success / self.before.success


def measure_intervention(
    checkpoint: Checkpoint,
    truth: Planted | None,
    intervention: Intervention,
    ghosts: int = GHOSTS,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
    seed: int = 0,
    split: str = "test",
) -> InterventionEffect:
    """Measure a network before and after an intervention, and random ones of the same size.

    Parameters
    ----------
    checkpoint : Checkpoint
    truth : Planted or None
        What was planted, where that is known.
    intervention : Intervention
    ghosts : int
        Random sets of neurons that the same is done to.
    progress : callable, optional
        Called with the share that is done.
    stop : callable, optional
        Asked before every random set; when it says so, there are no more of them.
    seed : int
        Of the random sets.
    split : str
        Data to measure on; auditors look at others.

    Raises
    ------
    AuditError
        If the network has no task, or a node is none of its neurons.

    Examples
    --------
    >>> from explorer.network.load import load
    >>> effect = measure_intervention(load("xor4-modular"), None, Intervention((8, 9)), ghosts=3)
    >>> effect.before.success is None, len(effect.ghosts)
    (True, 3)
    """
    declared = declared_task(checkpoint)
    layers = check_nodes(checkpoint.network, intervention.nodes)
    rng = np.random.default_rng(seed)
    before = figures(checkpoint.network, declared, truth, split=split)
    edit = editing(checkpoint, intervention)
    after = figures(checkpoint.network, declared, truth, edit, split)
    found: list[Figures] = []
    for number in range(ghosts):
        if stop is not None and stop():
            break
        random = tuple(
            int(start + node)
            for start, size, count in layers
            for node in rng.choice(size, count, replace=False)
        )
        other = editing(checkpoint, Intervention(random, intervention.kind, intervention.factor))
        found.append(figures(checkpoint.network, declared, truth, other, split))
        if progress is not None:
            progress((number + 1) / ghosts)
    missing = (
        ""
        if len(found) == ghosts
        else f"It was stopped after {len(found)} of {ghosts} random sets."
    )
    return InterventionEffect(
        intervention, before, after, tuple(found), checkpoint.id, split, missing
    )


def declared_task(checkpoint: Checkpoint) -> Task:
    """Return the task that a network is said to do.

    Raises
    ------
    AuditError
        If it has none.
    """
    found = checkpoint.task
    if found is None:
        raise AuditError(
            f"{checkpoint.name} has no task, so there is no data to run it on; expected one of the "
            f"tasks, as in load(..., task='digits')"
        )
    return found if found.planted is None else task(found.planted.declared)


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
    usual = _usual(checkpoint.id, checkpoint.network, declared_task(checkpoint), intervention.kind)
    return [values[..., places] for values, places in zip(usual, chosen, strict=True)]


@torch.no_grad()
def figures(
    network: Network,
    declared: Task,
    truth: Planted | None = None,
    edit: Edit | None = None,
    split: str = "test",
) -> Figures:
    """Measure a network on the task that it is declared for, and what was planted in it."""
    success = None if truth is None else truth.success(network, edit, split)
    examples = declared.split(split)
    if declared.is_text:
        examples = examples[:_TEXTS]
        logits = network(examples.inputs, edit)
        right = (logits.argmax(dim=-1) == examples.targets).double().mean()
        return Figures(float(right), float(token_nats(logits, examples.targets).mean()), success)
    logits = network(examples.inputs, edit)
    shares = accuracy(declared, logits, examples.targets)
    return Figures(sum(shares) / len(shares), float(task_loss(declared, logits, examples)), success)


def _bounds(network: Network) -> list[int]:
    sizes = [layer.size for layer in network.neuron_layers]
    return [0, *np.cumsum(sizes).tolist()]


@lru_cache(maxsize=8)
@torch.no_grad()
def _usual(checkpoint_id: str, network: Network, declared: Task, kind: str) -> list[Tensor]:
    """Mean or median of every neuron over clean examples, which hold no trigger.

    The training split could: what an auditor is sure of is the declared task.
    """
    inputs = joined([declared.split(name) for name in CLEAN_SPLITS]).inputs
    trace = network.trace(inputs[:_TEXTS] if declared.is_text else inputs)
    rows = [layer.flatten(0, network.example_axes - 1) for layer in trace.layers]
    if kind == "mean":
        return [layer.mean(dim=0) for layer in rows]
    return [layer.median(dim=0).values for layer in rows]
