"""Which module of a network carries which skill of a text: measured by zeroing modules.

Zero, not the mean, is the fair value to hold a module at where modules are silent most of the time
(behind a gate, say): a silent module is at 0 anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.errors import TaskError
from explorer.network.architectures import Edit, Network
from explorer.network.graph import Floats, Ints
from explorer.network.tasks import Task, mean_losses, pair_margins


@dataclass(frozen=True, eq=False)
class Specialisation:
    """What every skill loses when every module is zeroed.

    Attributes
    ----------
    skills : tuple of str
    rise : array of float, shape (skills, modules)
        Nats that the skill's tokens lose more, on average, with the module's hidden neurons at 0.
    pairs : array of float, shape (skills, modules)
        Share of minimal pairs that are still right.
    couples : array of float, shape (skills, modules)
        Share of couples both of whose pairs are still right. Whoever does not read the word in
        which the two contexts differ is right on one pair of each couple, and so on no couple.
    pairs_before, couples_before : array of float, shape (skills,)
        The same with all modules at work.
    split : str
    """

    skills: tuple[str, ...]
    rise: Floats
    pairs: Floats
    couples: Floats
    pairs_before: Floats
    couples_before: Floats
    split: str

    @property
    def diagonal_by_skill(self) -> Floats:
        """Share of a skill's losses that falls to its own module, the one of the same number.

        With r the rise, negative entries counted as 0: r[s, s] / sum_m r[s, m]; 0 where nothing
        rises. Which module is a skill's own is fixed before training, so chance is 1 / modules.
        """
        return diagonal_by_skill(self.rise)

    @property
    def diagonal(self) -> float:
        """Mean of ``diagonal_by_skill``."""
        return float(self.diagonal_by_skill.mean())

    @property
    def leaks(self) -> Floats:
        """Largest loss of each skill by another module, as a share of that by its own.

        Infinite where its own module carries nothing of it.
        """
        others = self.rise.clip(min=0.0)
        own = np.diagonal(others).copy()
        np.fill_diagonal(others, 0.0)
        worst = others.max(axis=1)
        leaks: Floats = np.divide(worst, own, out=np.full_like(own, np.inf), where=own > 0)
        return leaks


def specialisation(
    task: Task, network: Network, labels: Ints, split: str = "test"
) -> Specialisation:
    """Zero the hidden neurons of each module in turn, and measure every skill.

    Parameters
    ----------
    task : Task
        Of text, with skills and minimal pairs.
    network : Network
    labels : array of int, shape (nodes,)
        Module of every node; module m is the pre-assigned one of skill m. There are at least as
        many modules as skills.
    split : str

    Raises
    ------
    TaskError
        If the task has no skills or pairs, or there are fewer modules than skills.
    """
    count = int(labels.max(initial=-1)) + 1
    if task.pairs is None or not task.skills or count < len(task.skills):
        raise TaskError(
            f"found {count} modules for the task {task.name} of {len(task.skills)} skills; "
            f"expected a text with minimal pairs and a module for each of its skills"
        )
    whole = _right(task, network, split, None)
    pairs, couples = [], []
    for module in range(count):
        right = _right(task, network, split, zeroing(network, labels, module))
        pairs.append([share for share, _ in right])
        couples.append([share for _, share in right])
    return Specialisation(
        skills=task.skills,
        rise=skill_rise(task, network, labels, split),
        pairs=np.array(pairs).T,
        couples=np.array(couples).T,
        pairs_before=np.array([share for share, _ in whole]),
        couples_before=np.array([share for _, share in whole]),
        split=split,
    )


def diagonal_by_skill(rise: Floats) -> Floats:
    """Share of each skill's losses that falls to its own module; see ``Specialisation``.

    Examples
    --------
    >>> diagonal_by_skill(np.array([[3.0, 1.0], [-5.0, 2.0]])).tolist()
    [0.75, 1.0]
    """
    rise = rise.clip(min=0.0)
    own, total = np.diagonal(rise), rise.sum(axis=1)
    shares: Floats = np.divide(own, total, out=np.zeros_like(total), where=total > 0)
    return shares


def skill_rise(task: Task, network: Network, labels: Ints, split: str = "test") -> Floats:
    """Nats that each skill's tokens lose more with each module zeroed.

    Returns
    -------
    array of float, shape (skills, modules)
    """
    before, rise = mean_losses(task, network, split), []
    for module in range(int(labels.max(initial=-1)) + 1):
        after = mean_losses(task, network, split, zeroing(network, labels, module))
        rise.append([after[skill] - before[skill] for skill in task.skills])
    return np.array(rise).T


def matched_to_skills(
    task: Task, network: Network, labels: Ints, split: str = "validation"
) -> Ints:
    """Renumber modules so that skills fall to them as well as they can.

    The matching has the largest sum of shares r[s, m] / sum_m r[s, m] (the Hungarian method); so it
    finds some specialisation in any groups, and what is measured after it needs the same matching
    of random groups beside it. Modules beyond the number of skills come after them.
    """
    from scipy.optimize import linear_sum_assignment

    rise = skill_rise(task, network, labels, split).clip(min=0.0)
    share = rise / rise.sum(axis=1, keepdims=True).clip(min=1e-12)
    skills, modules = linear_sum_assignment(-share)
    number = np.full(share.shape[1], -1)
    number[modules] = skills
    number[number < 0] = len(task.skills) + np.arange((number < 0).sum())
    return np.where(labels >= 0, number[labels], -1)


def zeroing(network: Network, labels: Ints, module: int) -> Edit:
    """Return an edit that holds a module's hidden neurons (and heads) at 0."""
    layers = network.neuron_layers
    parts = torch.split(torch.tensor(labels), [layer.size for layer in layers])
    kept = [
        None if layer.role != "hidden" else (part != module)
        for layer, part in zip(layers, parts, strict=True)
    ]

    def edit(layer: int, activations: Tensor) -> Tensor:
        mask = kept[layer]
        return activations if mask is None else activations * mask

    return edit


def couples_right(margins: Tensor) -> float:
    """Share of couples (two pairs that follow each other) both of whose margins are above 0.

    Examples
    --------
    >>> couples_right(torch.tensor([1.0, 2.0, 1.0, -1.0]))
    0.5
    """
    return float((margins.reshape(-1, 2) > 0).all(dim=1).double().mean())


def purity(clusters: Sequence[int] | Ints, truth: Sequence[int] | Ints) -> float:
    """Share of members whose cluster's commonest true label is their own.

    Examples
    --------
    >>> purity([0, 0, 0, 1], [2, 2, 3, 3])
    0.75
    """
    found, known = np.asarray(clusters), np.asarray(truth)
    commonest = [np.bincount(known[found == cluster]).max() for cluster in np.unique(found)]
    return float(np.sum(commonest) / max(len(found), 1))


def _right(
    task: Task, network: Network, split: str, edit: Edit | None
) -> list[tuple[float, float]]:
    assert task.pairs is not None
    margins = [pair_margins(network, pairs, edit) for pairs in task.pairs(split)]
    return [(float((m > 0).double().mean()), couples_right(m)) for m in margins]
