"""What is lost, example by example, when a part is ablated: what a claimed need is held against."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.errors import ScoringError
from explorer.modularity.partition import Interface
from explorer.network.architectures import Edit, Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Bools, Floats
from explorer.network.tasks import Task, pair_margins
from explorer.observation.ablation import holding, usual_ablation, without_interface
from explorer.observation.activations import task_of
from explorer.observation.parts import Part, ablated_nodes, checked_part
from explorer.observation.streaming import batches, few_examples


@dataclass(frozen=True, eq=False)
class Drops:
    """Right answers lost, row by row.

    Attributes
    ----------
    labels : tuple of (str, str)
        Classes of all heads; of a text, its skills.
    has : array of bool, shape (rows, labels)
        Which labels a row has. A row is an example; of a text, a minimal pair.
    lost : array, shape (rows, labels)
        1 where an answer about the label was right and is no more, -1 where it became right.
    block : int
        So many rows that follow each other belong together.
    """

    labels: tuple[tuple[str, str], ...]
    has: Bools
    lost: Floats
    block: int = 1

    def by_label(self, counts: Floats | None = None) -> Floats:
        """Accuracy lost on every label, for every row of counts; 0 where no example has it.

        Parameters
        ----------
        counts : array, shape (repeats, rows), optional
            By default every row once.

        Returns
        -------
        array, shape (repeats, labels)
        """
        weights = np.ones((1, len(self.has))) if counts is None else counts
        rows = weights @ self.has
        lost = weights @ (self.lost * self.has)
        return np.asarray(np.divide(lost, rows, out=np.zeros_like(lost), where=rows > 0))


@torch.no_grad()
def drops(checkpoint: Checkpoint, part: Part, split: str) -> Drops:
    """Ablate a part, or cut an interface, and tell of every row whether it is still right.

    The means over rows are the ``needs`` of ``Facts``. Where a run takes long, on 32 examples.

    Raises
    ------
    PartitionError
        If the part is none of the network's.
    TaskError
        If the checkpoint has no task.
    ScoringError
        If it is a text without minimal pairs, whose answers are not right or wrong.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("pair-modular")
    >>> module = find_modules(network_graph(checkpoint), k=2).module("A")
    >>> found = drops(checkpoint, module, "score")
    >>> lost = found.by_label()[0]
    >>> sorted([bool(lost[:10].mean() > 0.5), bool(lost[10:].mean() > 0.5)])
    [False, True]
    """
    part, task = checked_part(checkpoint, part), task_of(checkpoint)
    before = checkpoint.network
    if isinstance(part, Interface):
        after, edit = without_interface(checkpoint, part), None
    else:
        nodes = ablated_nodes(checkpoint, part).tolist()
        after, edit = before, holding(before, task, nodes, usual_ablation(task))
    if task.is_text:
        return _of_pairs(task, before, after, edit, split)
    examples = few_examples(checkpoint, split)
    old, new = (
        torch.cat([network(batch, change) for _, batch in batches(network, examples.inputs)])
        for network, change in ((before, None), (after, edit))
    )
    labels: list[tuple[str, str]] = []
    has, lost = [], []
    for head, outputs, target in zip(task.heads, task.head_slices, examples.targets.T, strict=True):
        change = _right(old, outputs, target) - _right(new, outputs, target)
        labels += [(head.name, name) for name in head.classes]
        has += [target == number for number in range(len(head.classes))]
        lost += [change] * len(head.classes)
    return Drops(tuple(labels), torch.stack(has, 1).numpy(), torch.stack(lost, 1).numpy())


def _right(logits: Tensor, outputs: slice, target: Tensor) -> Tensor:
    return (logits[:, outputs].argmax(dim=1) == target).double()


def _of_pairs(task: Task, before: Network, after: Network, edit: Edit | None, split: str) -> Drops:
    if task.pairs is None:
        raise ScoringError(
            f"found the text {task.title or task.name} without minimal pairs; expected some, to "
            f"tell what a network no longer gets right"
        )
    sets = task.pairs(split)
    changes, skills, groups = [], [], set()
    for number, pairs in enumerate(sets):
        old, new = pair_margins(before, pairs), pair_margins(after, pairs, edit)
        changes.append((old > 0).double() - (new > 0).double())
        skills.append(torch.full((len(pairs),), number))
        groups.add(pairs.group)
    skill = torch.cat(skills)
    has = (skill[:, None] == torch.arange(len(sets))).numpy()
    lost = torch.cat(changes)[:, None].expand(-1, len(sets)).numpy()
    labels = tuple(("skill", pairs.skill) for pairs in sets)
    return Drops(labels, has, lost, block=groups.pop() if len(groups) == 1 else 1)
