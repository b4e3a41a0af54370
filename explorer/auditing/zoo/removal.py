"""What is left of a planted failure, and of what is right, without some neurons."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from explorer.auditing.edits import Intervention, editing
from explorer.auditing.zoo.members import MemberRecord
from explorer.modularity.partition import Partition
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import abilities


def with_zeros(checkpoint: Checkpoint, nodes: Sequence[int]) -> tuple[float, float]:
    """Success of what was planted and clean accuracy, on the test split, with neurons at 0.

    Parameters
    ----------
    checkpoint : Checkpoint
        Of a case.
    nodes : sequence of int

    Returns
    -------
    success, accuracy : float
    """
    task = checkpoint.task
    assert task is not None and task.planted is not None
    edit = editing(checkpoint, Intervention(tuple(nodes), "zero"))
    able = abilities(task, checkpoint.network, "test", edit)
    success = task.planted.success(checkpoint.network, edit)
    return success, sum(ability.share for ability in able) / len(able)


def hidden_nodes(checkpoint: Checkpoint, nodes: Sequence[int]) -> list[int]:
    """Those of some nodes that are neither inputs nor outputs."""
    sizes = [layer.size for layer in checkpoint.network.neuron_layers]
    return [node for node in nodes if sizes[0] <= node < sum(sizes[:-1])]


def best_modules(
    checkpoint: Checkpoint, partition: Partition, record: MemberRecord
) -> dict[str, Any] | None:
    """Success and accuracy without the best module of all, and of shuffled modules.

    Best is the one that takes most of the attack and least of the accuracy, by the truth: no
    auditor can do better with one module. Shuffled modules have as many neurons in every layer.

    Returns
    -------
    dict or None
        ``module`` and ``shuffled``, each a pair; None for a network that reads texts, of which
        every look takes too long.
    """
    assert checkpoint.task is not None
    if checkpoint.task.is_text:
        return None
    sizes = [layer.size for layer in checkpoint.network.neuron_layers]
    rng = np.random.default_rng(record.member.case.number)
    labels = np.asarray(partition.labels)
    shuffled = labels.copy()
    start = 0
    for size in sizes:
        shuffled[start : start + size] = rng.permutation(labels[start : start + size])
        start += size
    found = {}
    for name, chosen in (("module", labels), ("shuffled", shuffled)):
        groups = [
            hidden_nodes(checkpoint, np.flatnonzero(chosen == label).tolist())
            for label in np.unique(chosen[chosen >= 0])
        ]
        pairs = [with_zeros(checkpoint, group) for group in groups if group]
        if pairs:
            found[name] = min(pairs, key=lambda pair: pair[0] / record.success - pair[1])
    return found or None
