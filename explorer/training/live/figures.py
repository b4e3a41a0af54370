"""The figures that a live run shows: how good the network is now, and how modular.

They are computed beside the training, on a part of the validation split, and change nothing in it.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.modularity.cut_tree import gomory_hu_tree
from explorer.modularity.layered import maximise_layered_modularity
from explorer.network.architectures import activity_of
from explorer.network.graph import Ints, NetworkGraph, graph_from_masses
from explorer.network.tasks import Examples, Task, task_loss
from explorer.network.weightings import graph_masses, weightings_of
from explorer.training.live.wire import MAX_MODULES
from explorer.training.loop import Training

_EXAMPLES, _TOKENS = 512, 1_024  # that are looked at
_SHOWN_AT_FIRST = 4  # modules, while the number is to be chosen and is not yet


@dataclass(frozen=True, eq=False)
class Figures:
    """How good and how modular a network is at one moment; see ``wire`` for the meanings."""

    accuracy: float
    validation_loss: float
    layered_modularity: float
    inside: float
    interface_count: float
    mass: NDArray[np.float32]
    nodes: NDArray[np.uint16]


class Observer:
    """Looks at a run from outside.

    Attributes
    ----------
    labels : array of int, shape (nodes,), or None
        Module of every node as it is shown: modules keep their numbers, and so their colours, when
        the partition changes a little.
    count : int
        Modules of that partition.
    revision : int
        Counts the partitions.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        self.examples = _some(training.task)
        weighting = training.config.graph
        usable = weightings_of(training.network)
        self.weighting = weighting if weighting in usable else usable[0]
        self.labels: Ints | None = None
        self.count = self.revision = 0
        self._taken: Ints | None = None  # labels of the loss that are shown
        self._indicators: list[Tensor] = []
        self._masses: tuple[Tensor, ...] = ()

    @property
    def edge_count(self) -> int:
        """Weights that are edges."""
        sizes = [layer.size for layer in self.training.network.neuron_layers]
        return sum(sizes[a] * sizes[b] for a, b in self.training.network.links)

    @torch.no_grad()
    def figures(self) -> Figures:
        """Compute the figures of now, from one pass over the examples."""
        network, task = self.training.network, self.training.task
        trace = network.trace(self.examples.inputs)
        self._masses = graph_masses(network, self.weighting, activity_of(trace))
        loss = float(task_loss(task, trace.outputs, _alike(self.examples)))
        right = _share_right(task, trace.outputs, self.examples)
        modularity = inside = between = float("nan")
        mass = np.zeros((MAX_MODULES, MAX_MODULES), np.float32)
        nodes = np.zeros(MAX_MODULES, np.uint16)
        if self.labels is not None:
            count = self._indicators[0].shape[1]
            total = torch.zeros(count, count)
            modularity = between = 0.0
            for (source, target), block in zip(network.links, self._masses, strict=True):
                ends = self._indicators[source], self._indicators[target]
                within = ends[1].T @ block @ ends[0]
                modularity += float(within.trace() - within.sum(dim=0) @ within.sum(dim=1))
                total += within.T
                heavy = (block > block.mean()).float()
                among = ends[1].T @ heavy @ ends[0]
                between += int(among.sum() - among.trace())
            total /= len(network.links)
            modularity /= len(network.links)
            inside = float(total.trace() / total.sum()) if float(total.sum()) > 0 else float("nan")
            mass = _first_modules(total).numpy()
            sizes = torch.cat(self._indicators).sum(dim=0).long().numpy()
            np.add.at(nodes, np.minimum(np.arange(count), MAX_MODULES - 1), sizes.astype(np.uint16))
        return Figures(right, loss, modularity, inside, between, mass, nodes)

    def graph(self) -> NetworkGraph:
        """Return the graph of the masses that ``figures`` last saw."""
        if not self._masses:
            self.figures()
        return graph_from_masses(self.training.network, self._masses, self.weighting)

    def take_labels(self, penalised: bool) -> bool:
        """Show the partition that the loss works with, if it has a new one.

        Parameters
        ----------
        penalised : bool
            Whether the penalty counts now. While it does not, the partition has to be searched
            for: see ``search_labels``.

        Returns
        -------
        bool
            Whether the partition has changed.
        """
        found = self.training.loss.labels
        if found is None or not penalised or found is self._taken:
            return False
        self._taken = found
        return self._show(found)

    def search_labels(self) -> bool:
        """Search for a partition of the network as it is now; tell whether it is another one."""
        count = self.training.loss.count or self.training.config.module_count or _SHOWN_AT_FIRST
        self._taken = None
        return self._show(
            maximise_layered_modularity(self.graph(), count, self.labels, self.training.config.seed)
        )

    def trivial_share(self) -> float:
        """Share of the exact cut tree's edges that cut off a single neuron."""
        return float(gomory_hu_tree(self.graph()).trivial_share)

    def _show(self, found: Ints) -> bool:
        shown = alike_labels(found, found if self.labels is None else self.labels)
        if self.labels is not None and np.array_equal(shown, self.labels):
            return False
        self.labels = shown
        self.revision += 1
        self.count = len(np.unique(shown[shown >= 0]))
        count = max(int(shown.max(initial=0)) + 1, 1)
        one_hot = torch.nn.functional.one_hot(torch.from_numpy(shown) + 1, count + 1)[:, 1:]
        sizes = [layer.size for layer in self.training.network.neuron_layers]
        self._indicators = list(torch.split(one_hot.float(), sizes))
        return True


def alike_labels(found: Ints, before: Ints) -> Ints:
    """Renumber the modules of a partition so that most nodes keep the number that they had.

    Up to eight modules have numbers below eight: those are drawn one by one.

    Examples
    --------
    >>> alike_labels(np.array([9, 9, 0, -1]), np.array([0, 0, 1, 1])).tolist()
    [0, 0, 1, -1]
    """
    from scipy.optimize import linear_sum_assignment

    modules = np.unique(found[found >= 0])
    count = max(len(modules), min(int(before.max(initial=0)) + 1, MAX_MODULES))
    both = (found >= 0) & (before >= 0) & (before < count)
    shared = np.zeros((len(modules), count), np.int64)
    np.add.at(shared, (np.searchsorted(modules, found[both]), before[both]), 1)
    _, numbers = linear_sum_assignment(-shared)
    shown = np.full(found.shape, -1)
    shown[found >= 0] = numbers[np.searchsorted(modules, found[found >= 0])]
    return shown


def _some(task: Task) -> Examples:
    """Return a part of the validation split, spread evenly over it."""
    examples = task.split("validation")
    wanted = _EXAMPLES
    if task.is_text:
        wanted = max(1, _TOKENS // examples.targets.shape[1])
    if len(examples) <= wanted:
        return examples
    return examples[torch.linspace(0, len(examples) - 1, wanted).long()]


def _alike(examples: Examples) -> Examples:
    """Let all tokens count alike, whatever they weigh in training."""
    return Examples(examples.inputs, examples.targets)


def _share_right(task: Task, outputs: Tensor, examples: Examples) -> float:
    if task.is_text:
        return float((outputs.argmax(dim=-1) == examples.targets).float().mean())
    shares = [
        (outputs[:, head].argmax(dim=1) == examples.targets[:, index]).float().mean()
        for index, head in enumerate(task.head_slices)
    ]
    return float(torch.stack(shares).mean())


def _first_modules(total: Tensor) -> Tensor:
    """Return an 8 x 8 matrix; modules from the eighth on are added up in the last one."""
    at = torch.arange(len(total)).clamp(max=MAX_MODULES - 1)
    wide = torch.zeros(MAX_MODULES, len(total)).index_add_(0, at, total)
    return torch.zeros(MAX_MODULES, MAX_MODULES).index_add_(1, at, wide)
