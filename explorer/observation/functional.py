"""Functional modularity: whether each module carries one head or skill, and no other."""

from itertools import pairwise

import numpy as np

from explorer.modularity.partition import Partition
from explorer.network.graph import Ints
from explorer.network.tasks import abilities
from explorer.observation.ablation import holding, usual_ablation

_NOTHING_TO_LOSE = 0.01


def functional_modularity(
    partition: Partition, split: str = "test", groups: Ints | None = None
) -> float | None:
    """How much ablating a module harms one head more than the others, averaged over modules.

    For each module with hidden neurons, these are held at their mean. The accuracy that a head
    loses is divided by the most that it can lose (accuracy minus one over the number of classes,
    that of guessing) and kept between 0 and 1; the figure is the largest loss minus the mean of the
    other heads' losses, averaged over modules. 1 means that each module carries all of one head
    and nothing of the others.

    Parameters
    ----------
    partition : Partition
    split : str
    groups : array of int, shape (nodes,), optional
        Other labels to take in the place of the partition's, as for a null.

    Returns
    -------
    float or None
        None for a network with fewer than two heads, or of fewer than two modules.
    """
    checkpoint = partition.graph.checkpoint
    if checkpoint is None or checkpoint.task is None or partition.count < 2:
        return None
    task, network = checkpoint.task, checkpoint.network
    if len(task.heads or task.skills) < 2:
        return None
    labels = partition.labels if groups is None else groups
    hidden = np.array([layer.role == "hidden" for layer in partition.graph.layers])
    is_hidden = hidden[partition.graph.layer_of]
    before = abilities(task, network, split)
    found = []
    for module in range(partition.count):
        nodes = np.flatnonzero((labels == module) & is_hidden)
        if len(nodes):
            edit = holding(network, task, nodes.tolist(), usual_ablation(task))
            after = abilities(task, network, split, edit)
            lost = sorted(
                # Who only guessed has nothing to lose.
                float(np.clip((old.share - new.share) / (old.share - old.chance), 0.0, 1.0))
                if old.share - old.chance > _NOTHING_TO_LOSE
                else 0.0
                for old, new in zip(before, after, strict=True)
            )
            found.append(lost[-1] - float(np.mean(lost[:-1])))
    return float(np.mean(found)) if found else None


def random_groups(partition: Partition, rng: np.random.Generator) -> Ints:
    """Let the labels of a partition change places within each layer."""
    groups = partition.labels.copy()
    for start, end in pairwise(partition.graph.offsets.tolist()):
        groups[start:end] = rng.permutation(groups[start:end])
    return groups


def functional_null(
    partition: Partition, count: int = 10, seed: int = 0, split: str = "test"
) -> float | None:
    """Functional modularity of random groups: labels change places within each layer.

    Returns
    -------
    float or None
        The mean over ``count`` shuffles; None as for ``functional_modularity``.
    """
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(count):
        groups = random_groups(partition, rng)
        values.append(functional_modularity(partition, split, groups))
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
