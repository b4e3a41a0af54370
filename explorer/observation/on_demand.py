"""What it takes further runs to know of a part: what is lost without it, what it promotes.

Of a small network evidence has it at once. Of a large one a run takes seconds, so that evidence
comes without, and this adds it where somebody asks.
"""

from dataclasses import replace
from typing import overload

import numpy as np
import torch

from explorer.modularity.partition import Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.observation.ablation import ablate, cut_interface, usual_ablation
from explorer.observation.activations import SPLIT
from explorer.observation.effects import Effect
from explorer.observation.evidence_values import InterfaceEvidence, ModuleEvidence, NeuronEvidence
from explorer.observation.facts import Facts
from explorer.observation.gather_facts import needs_of
from explorer.observation.label_shares import label_shares
from explorer.observation.part_examples import PartExamples, labels_of, part_activity
from explorer.observation.parts import Part, ablated_nodes
from explorer.observation.promotes import promotes_of
from explorer.observation.snippets import snippets_of
from explorer.observation.streaming import Progress, observed, part_of, takes_long

_EXAMPLES = 8


@overload
def with_effects(
    checkpoint: Checkpoint, found: ModuleEvidence, progress: Progress | None = None
) -> ModuleEvidence: ...
@overload
def with_effects(
    checkpoint: Checkpoint, found: InterfaceEvidence, progress: Progress | None = None
) -> InterfaceEvidence: ...
@overload
def with_effects(
    checkpoint: Checkpoint, found: NeuronEvidence, progress: Progress | None = None
) -> NeuronEvidence: ...
def with_effects(
    checkpoint: Checkpoint,
    found: ModuleEvidence | InterfaceEvidence | NeuronEvidence,
    progress: Progress | None = None,
) -> ModuleEvidence | InterfaceEvidence | NeuronEvidence:
    """Add to evidence what it takes further runs to know.

    The same as ``evidence(..., effects=True)``, without doing again what was done.

    Parameters
    ----------
    checkpoint : Checkpoint
    found : ModuleEvidence, InterfaceEvidence or NeuronEvidence
    progress : callable, optional
        Called with the share that is done; what it raises stops the runs.

    Examples
    --------
    >>> from explorer import evidence, load
    >>> checkpoint = load("xor4-modular")
    >>> found = evidence(checkpoint, 20, effects=False)
    >>> found.effect is None, with_effects(checkpoint, found) == evidence(checkpoint, 20)
    (True, True)
    """
    if checkpoint.task is None:
        return found
    first, second = part_of(progress, 0.0, 0.6), part_of(progress, 0.6, 1.0)
    if isinstance(found, InterfaceEvidence):
        cut = cut_interface(checkpoint, found.interface, progress=first)
        activity = part_activity(checkpoint, found.interface)
        facts = _facts(checkpoint, found.interface, found.facts, activity, cut, second)
        most, least = ends_of(activity, checkpoint.task)
        return replace(found, effect=cut, activity=activity, most=most, least=least, facts=facts)
    part = found.node if isinstance(found, NeuronEvidence) else found.module
    effects, effect = effects_of(checkpoint, part, first)
    activity = part_activity(checkpoint, part)
    facts = _facts(checkpoint, part, found.facts, activity, effect, second)
    return replace(found, effect=effect, effects=effects, facts=facts)


def effects_of(
    checkpoint: Checkpoint, part: Module | int, progress: Progress | None = None
) -> tuple[tuple[Effect, ...], Effect | None]:
    """Ablate a part at 0 and at its mean; where a run takes long, only in the usual way.

    Returns
    -------
    tuple of Effect
    Effect or None
        The one of the usual way of the task; None of an output, and without a task.
    """
    nodes = ablated_nodes(checkpoint, part).tolist()
    if checkpoint.task is None or (isinstance(part, int) and not nodes):
        return (), None
    usual = usual_ablation(checkpoint.task)
    kinds = (usual,) if takes_long(checkpoint) else ("zero", "mean")
    share = 1 / len(kinds)
    effects = tuple(
        ablate(checkpoint, nodes, kind, SPLIT, part_of(progress, n * share, (n + 1) * share))
        for n, kind in enumerate(kinds)
    )
    return effects, next(effect for effect in effects if effect.kind == usual)


def ends_of(activity: Floats | None, task: Task | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows of largest and of smallest activity, marks of a text left out."""
    if activity is None:
        return (), ()
    ranked = np.argsort(-activity, kind="stable")
    if task is not None and task.marks:
        read = observed(task, SPLIT).flatten()
        ranked = ranked[~torch.isin(read, torch.tensor(task.marks)).numpy()[ranked]]
    return tuple(ranked[:_EXAMPLES].tolist()), tuple(ranked[: -_EXAMPLES - 1 : -1].tolist())


def _facts(
    checkpoint: Checkpoint,
    part: Part,
    facts: Facts,
    activity: Floats | None,
    effect: Effect | None,
    progress: Progress | None,
) -> Facts:
    task = checkpoint.task
    assert task is not None
    needs = () if effect is None else needs_of(effect)
    if activity is None:
        return replace(facts, needs=needs)
    return replace(
        facts,
        needs=needs,
        promotes=promotes_of(checkpoint, part, activity, SPLIT, progress),
        shares=label_shares(PartExamples(activity, *labels_of(task, SPLIT), SPLIT)),
        snippets=snippets_of(task, activity, SPLIT),
    )
