"""Interventions on neurons: what they do to a failure and to what a network should be able to."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from explorer.auditing.edits import (
    KINDS,
    MAX_FACTOR,
    TEXTS,
    Intervention,
    check_nodes,
    clean_task,
    editing,
)
from explorer.network.architectures import Edit, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task, accuracy, task_loss
from explorer.network.tasks.measures import token_nats
from explorer.network.tasks.planted.base import Planted

__all__ = [
    "GHOSTS",
    "KINDS",
    "MAX_FACTOR",
    "Figures",
    "Intervention",
    "InterventionEffect",
    "editing",
    "figures",
    "measure_intervention",
]

GHOSTS = 20


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
    clean = clean_task(checkpoint)
    layers = check_nodes(checkpoint.network, intervention.nodes)
    rng = np.random.default_rng(seed)
    before = figures(checkpoint.network, clean, truth, split=split)
    edit = editing(checkpoint, intervention)
    after = figures(checkpoint.network, clean, truth, edit, split)
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
        found.append(figures(checkpoint.network, clean, truth, other, split))
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


@torch.no_grad()
def figures(
    network: Network,
    clean: Task,
    truth: Planted | None = None,
    edit: Edit | None = None,
    split: str = "test",
) -> Figures:
    """Measure a network on its task, and what was planted in it."""
    success = None if truth is None else truth.success(network, edit, split)
    examples = clean.split(split)
    if clean.is_text:
        examples = examples[:TEXTS]
        logits = network(examples.inputs, edit)
        right = (logits.argmax(dim=-1) == examples.targets).double().mean()
        return Figures(float(right), float(token_nats(logits, examples.targets).mean()), success)
    logits = network(examples.inputs, edit)
    shares = accuracy(clean, logits, examples.targets)
    return Figures(sum(shares) / len(shares), float(task_loss(clean, logits, examples)), success)
