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
    TEXTS,
    Recording,
    hidden_nodes,
    module_activity,
    one_number,
    record_activations,
    task_of,
)
from explorer.observation.parts import Part, checked_part, kind_of, name_of, place_of


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
    """Labels of the rows of a split, and which row has which; see ``part_examples``."""
    examples = task.split(split)
    labels: list[tuple[str, str]] = []
    columns: list[Tensor] = []
    if task.is_text:
        read = examples.inputs[:TEXTS].flatten()
        occurring = torch.unique(read).tolist()
        labels += [("token", task.tokens[token]) for token in occurring]
        columns += [read == token for token in occurring]
        if examples.skills is not None:
            skills = examples.skills[:TEXTS].flatten()
            labels += [("skill", skill) for skill in task.skills]
            columns += [skills == index for index in range(len(task.skills))]
    for index, head in enumerate(task.heads):
        labels += [(head.name, label) for label in head.classes]
        columns += [examples.targets[:, index] == number for number in range(len(head.classes))]
    has = torch.stack(columns, dim=1).numpy()
    has.setflags(write=False)
    return tuple(labels), has


def _of_neuron(checkpoint: Checkpoint, node: int, recording: Recording) -> Floats:
    layer, at = place_of(checkpoint, node)
    if checkpoint.network.neuron_layers[layer].role != "output":
        return np.asarray(np.abs(recording.values[:, node]))
    task = task_of(checkpoint)
    outputs = next(s for s in task.head_slices if s.start <= at < s.stop)
    logits = recording.values[:, node - at :][:, outputs]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers[:, at - outputs.start] / powers.sum(axis=1))


def _crossing(checkpoint: Checkpoint, interface: Interface, split: str) -> Floats:
    network, partition = checkpoint.network, interface.partition
    reach = record_activations(checkpoint, split).reach
    offsets, labels = partition.graph.offsets, partition.labels
    pair = (interface.first, interface.second)
    total: Floats = np.zeros(1)
    links = zip(network.links, network.magnitudes(), _sources(checkpoint, split), strict=True)
    for (source, target), magnitude, values in links:
        nodes = [slice(offsets[layer], offsets[layer + 1]) for layer in (source, target)]
        from_, to = labels[nodes[0]], labels[nodes[1]]
        crosses = ((to[:, None] == pair[0]) & (from_[None, :] == pair[1])) | (
            (to[:, None] == pair[1]) & (from_[None, :] == pair[0])
        )
        out = (np.abs(magnitude.double().numpy()) * crosses * reach[nodes[1]][:, None]).sum(axis=0)
        total = total + values @ out
    return total


def _sources(checkpoint: Checkpoint, split: str) -> list[Floats]:
    """Size of what every node of a link's source layer sends, shape (rows, nodes), a link each.

    A residual dimension of a transformer sends what its norm made of it.
    """
    network, task = checkpoint.network, task_of(checkpoint)
    inputs = task.split(split).inputs
    trace = network.trace(inputs[:TEXTS] if task.is_text else inputs)
    return [_size(network, trace.layers, trace.sites, link) for link in range(len(network.links))]


def _size(
    network: Network, layers: tuple[Tensor, ...], sites: tuple[Tensor, ...], link: int
) -> Floats:
    source = network.links[link][0]
    own_site = not network.is_chain and sites[link].shape[-1] == layers[source].shape[-1]
    sent = sites[link] if own_site else layers[source]
    return np.asarray(one_number(sent, network.example_axes).abs().double().numpy())
