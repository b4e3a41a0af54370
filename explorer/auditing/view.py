"""What an auditor is given of a network: never the trigger, nor the name that tells what it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch

from explorer.errors import AuditError
from explorer.modularity.finding import find_modules
from explorer.modularity.partition import Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import NetworkGraph, network_graph
from explorer.network.tasks import Examples, Task

CLEAN_SPLITS = ("validation", "explain")
MODULES = 12  # looked for in a network of ten answers: fewer cost too much when the best one goes
# What a recorded training says of the recipe, and nothing of the data.
_RECIPE = (
    *("network", "hidden", "loss", "graph", "modularity_coefficient", "l1_coefficient"),
    *("polysemanticity_coefficient", "module_count", "steps", "spare", "gate", "start"),
)


@dataclass(frozen=True, eq=False)
class AuditView:
    """A network as its auditors see it.

    Attributes
    ----------
    checkpoint : Checkpoint
        Blind: with the task that it was declared for, under a name that says nothing.
    clean : Examples
        Of the declared task, disjoint from what success and accuracy are measured on.
    training : Examples or None
        What it was trained on, where the auditor is given that: inputs and labels as they were.
    seed : int
        Of everything that an auditor draws.
    """

    checkpoint: Checkpoint
    clean: Examples = field(repr=False)
    training: Examples | None = field(default=None, repr=False)
    seed: int = 0

    @property
    def task(self) -> Task:
        """The declared task."""
        assert self.checkpoint.task is not None
        return self.checkpoint.task

    @cached_property
    def graph(self) -> NetworkGraph:
        """Its weighted graph."""
        return network_graph(self.checkpoint)

    @cached_property
    def partition(self) -> Partition:
        """Its modules: a few more than it has answers."""
        return find_modules(self.graph, MODULES, seed=self.seed)


def audit_view(
    checkpoint: Checkpoint, training: Examples | None = None, seed: int = 0
) -> AuditView:
    """Return what auditors may see of a network.

    Parameters
    ----------
    checkpoint : Checkpoint
        Also one that was trained on a planted failure: it is made blind.
    training : Examples, optional
    seed : int

    Raises
    ------
    AuditError
        If the network has no task, so that there is no data to run it on.
    """
    blind = blinded(checkpoint)
    assert blind.task is not None
    clean = joined([blind.task.split(name) for name in CLEAN_SPLITS])
    planted = None if checkpoint.task is None else checkpoint.task.planted
    if planted is not None and planted.excluded is not None:
        clean = clean[~planted.excluded(clean)]
    return AuditView(blind, clean, training, seed)


def blinded(checkpoint: Checkpoint) -> Checkpoint:
    """Return a network without what tells whether something was planted in it.

    Its task becomes the declared one, its name ``network`` and its id; of the recorded training the
    recipe stays, and the data, the seed and the figures go.

    Raises
    ------
    AuditError
        If it has no task.
    """
    task = checkpoint.task
    if task is None:
        raise AuditError(
            f"{checkpoint.name} has no task, so there is no data to audit it on; expected one of "
            f"the tasks, as in load(..., task='digits')"
        )
    declared = task.name if task.planted is None else task.planted.declared
    recipe = {name: checkpoint.config[name] for name in _RECIPE if name in checkpoint.config}
    blind = Checkpoint("network", checkpoint.network, declared, recipe)
    return Checkpoint(f"network {blind.id[:6]}", checkpoint.network, declared, recipe)


def joined(parts: Sequence[Examples]) -> Examples:
    """Put examples one after the other."""

    def together(name: str) -> torch.Tensor | None:
        found = [getattr(part, name) for part in parts]
        return None if any(values is None for values in found) else torch.cat(found)

    return Examples(
        torch.cat([part.inputs for part in parts]),
        torch.cat([part.targets for part in parts]),
        together("weights"),
        together("skills"),
    )
