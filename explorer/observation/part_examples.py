"""How active a part of a network is on every example, and which labels the examples have."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from explorer.errors import PartitionError
from explorer.modularity.partition import Interface, Module
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Bools, Floats
from explorer.network.tasks import Task
from explorer.observation.activations import (
    SPLIT,
    Recording,
    hidden_nodes,
    module_activity,
    record_activations,
    task_of,
)
from explorer.observation.parts import Part, checked_part, kind_of, name_of, place_of
from explorer.observation.streaming import batches, link_magnitudes, observed, one_number

TOLD_FROM = 5  # times that a token must occur to be told of
_MOST_TOKENS = 1_000


@dataclass(frozen=True, eq=False)
class PartExamples:
    """Activity and labels, row by row.

    Attributes
    ----------
    activity : array, shape (rows,)
        1 is the average over the rows. Of a text, a row is a token.
    labels : tuple of (str, str)
        Head and class of every column of ``has``; of a text, ``token`` and ``skill`` labels.
    has : array of bool, shape (rows, labels)
        Which labels a row has.
    split : str
    """

    activity: Floats
    labels: tuple[tuple[str, str], ...]
    has: Bools
    split: str


def part_examples(checkpoint: Checkpoint, part: Part, split: str = SPLIT) -> PartExamples:
    """Run a network on a split and tell how active a part is on every example; see ``activity_of``.

    Labels of an example are its class in every head. A row of a text is a token that the network
    has just read: its labels are that token, and the skill that naming the next one takes, where
    there is such a skill. The first 64 texts are looked at.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
        An int is the number of a node.
    split : str

    Returns
    -------
    PartExamples

    Raises
    ------
    TaskError
        If the checkpoint has no task, so that there is no data.
    PartitionError
        If the part is none of the network's, or is never active on the split.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("xor4-modular")
    >>> module = find_modules(network_graph(checkpoint)).module("A")
    >>> found = part_examples(checkpoint, module, split="score")
    >>> found.has.shape, found.labels[:2], round(float(found.activity.mean()), 6)
    ((256, 8), (('pair 1', 'same'), ('pair 1', 'differ')), 1.0)
    """
    part, task = checked_part(checkpoint, part), task_of(checkpoint)
    activity = part_activity(checkpoint, part, split)
    if activity is None:
        raise PartitionError(
            f"found the {kind_of(part)} {name_of(part)} without any activity on the {split} split; "
            f"expected one that is active on some example"
        )
    labels, has = labels_of(task, split)
    return PartExamples(activity, labels, has, split)


def part_activity(
    checkpoint: Checkpoint, part: Part, split: str = SPLIT, recording: Recording | None = None
) -> Floats | None:
    """How active a part is on every row of a split, 1 on average; None if it never is.

    - A module: what its hidden neurons can do to the outputs; see ``module_activity``.
    - An interface: what crosses it, the sum over its edges of |activation of the source| |weight|
      reach(target), with the reach of ``Recording``.
    - A neuron: its activation, which is never negative after a ReLU. Inputs and residual dimensions
      go either way, and count by their absolute value; a head of a transformer by its root mean
      square; an output by the probability that its head gives it.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
    split : str
    recording : Recording, optional
        Of this split, where there is one already.
    """
    if isinstance(part, Interface):
        total = _crossing(checkpoint, part, split)
    else:
        recording = recording or record_activations(checkpoint, split)
        if isinstance(part, Module):
            return module_activity(part, recording) if len(hidden_nodes(part)) else None
        total = _of_neuron(checkpoint, part, recording)
    mean = float(total.mean()) if len(total) else 0.0
    return total / mean if mean > 0 else None


@lru_cache(maxsize=8)
def labels_of(task: Task, split: str) -> tuple[tuple[tuple[str, str], ...], Bools]:
    """Labels of the rows of a split, and which row has which; see ``part_examples``.

    Of somebody's own text, whose vocabulary may be large, the tokens that occur five times or more
    are labels, at most the 1,000 most frequent ones; marks are none.
    """
    examples = task.split(split)
    labels: list[tuple[str, str]] = []
    columns: list[Tensor] = []
    if task.is_text:
        read = observed(task, split).flatten()
        occurring = _telling(read, task) if task.opened else torch.unique(read).tolist()
        labels += [("token", task.tokens[token]) for token in occurring]
        columns += [read == token for token in occurring]
        if examples.skills is not None:
            skills = examples.skills[: task.texts].flatten()
            labels += [("skill", skill) for skill in task.skills]
            columns += [skills == index for index in range(len(task.skills))]
    for index, head in enumerate(task.heads):
        labels += [(head.name, label) for label in head.classes]
        columns += [examples.targets[:, index] == number for number in range(len(head.classes))]
    has = (torch.stack(columns, dim=1) if columns else torch.zeros(len(read), 0).bool()).numpy()
    has.setflags(write=False)
    return tuple(labels), has


def _telling(read: Tensor, task: Task) -> list[int]:
    tokens, counts = torch.unique(read, return_counts=True)
    counts = counts.masked_fill(torch.isin(tokens, torch.tensor(task.marks)), 0)
    frequent = counts.argsort(descending=True, stable=True)[:_MOST_TOKENS]
    return sorted(tokens[frequent[counts[frequent] >= TOLD_FROM]].tolist())


def _of_neuron(checkpoint: Checkpoint, node: int, recording: Recording) -> Floats:
    layer, at = place_of(checkpoint, node)
    if checkpoint.network.neuron_layers[layer].role != "output":
        return np.asarray(np.abs(recording.values[:, node]))
    task = task_of(checkpoint)
    outputs = next(s for s in task.head_slices if s.start <= at < s.stop)
    first = node - at
    logits = recording.values[:, first + outputs.start : first + outputs.stop]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers[:, at - outputs.start] / powers.sum(axis=1))


def _crossing(checkpoint: Checkpoint, interface: Interface, split: str) -> Floats:
    network, partition = checkpoint.network, interface.partition
    reach = record_activations(checkpoint, split).reach
    offsets, labels = partition.graph.offsets, partition.labels
    pair = (interface.first, interface.second)
    out: list[Floats] = []
    for (source, target), magnitude in zip(network.links, link_magnitudes(network), strict=True):
        nodes = [slice(offsets[layer], offsets[layer + 1]) for layer in (source, target)]
        from_, to = labels[nodes[0]], labels[nodes[1]]
        crosses = ((to[:, None] == pair[0]) & (from_[None, :] == pair[1])) | (
            (to[:, None] == pair[1]) & (from_[None, :] == pair[0])
        )
        weights = np.abs(magnitude.double().numpy()) * crosses
        out.append((weights * reach[nodes[1]][:, None]).sum(axis=0))
    return _sent(checkpoint, split, out)


def _sent(checkpoint: Checkpoint, split: str, out: list[Floats]) -> Floats:
    """Sum over links of the size of what every node of its source layer sends, times a weight.

    A residual dimension of a transformer sends what its norm made of it. Marks send nothing.
    """
    network, task = checkpoint.network, task_of(checkpoint)
    found: list[Floats] = []
    with torch.no_grad():
        for _, batch in batches(network, observed(task, split), inside=True):
            trace = network.inside(batch)
            total: Floats = np.zeros(1)
            for link, weights in enumerate(out):
                if weights.any() or not link:
                    total = total + _size(network, trace.layers, trace.sites, link) @ weights
            if task.marks:
                mark = torch.isin(batch, torch.tensor(task.marks)).flatten().numpy()
                total = np.where(mark, 0.0, total)
            found.append(total)
    return np.concatenate(found)


def _size(
    network: Network, layers: tuple[Tensor, ...], sites: tuple[Tensor, ...], link: int
) -> Floats:
    source = network.links[link][0]
    own_site = not network.is_chain and sites[link].shape[-1] == layers[source].shape[-1]
    sent = sites[link] if own_site else layers[source]
    return np.asarray(one_number(sent, network.example_axes).abs().double().numpy())
