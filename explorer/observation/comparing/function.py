"""Modules by what their neurons do on the same examples."""

import numpy as np
import torch

from explorer.modularity.partition import Partition
from explorer.network.graph import Floats, Ints
from explorer.observation.activations import Recording, record_activations

SPLIT = "explain"
_ROWS = 512  # examples, or tokens of a text
_NEURONS = 512  # of a module
_AT_ONCE = 1024  # neurons that are read


def shared_task(first: Partition, second: Partition) -> str | None:
    """Task whose examples both networks read; None where there is none.

    Two tasks count as one if their examples are the same: of data without labels, the answers that
    are looked for are each network's own.
    """
    one, two = (p.graph.checkpoint.task if p.graph.checkpoint else None for p in (first, second))
    if one is None or two is None:
        return None
    if one.name != two.name:
        if one.tokens != two.tokens or one.is_text != two.is_text:
            return None
        inputs = one.split(SPLIT).inputs, two.split(SPLIT).inputs
        if inputs[0].shape != inputs[1].shape or not torch.equal(*inputs):
            return None
    return one.name


class Doing:
    """What groups of a network's neurons do: similarities of examples, as each group sees them.

    A group's row is the matrix of similarities between all pairs of examples, in the activations of
    its hidden neurons (each times its reach, so that a rescaling of the network changes nothing),
    centred and of length 1. The product of two such rows is the linear CKA of two groups: 1 if one
    tells examples apart as the other does, whatever the number, order and directions of neurons.

    Parameters
    ----------
    partition : Partition
        Of the graph of a network with a task.
    seed : int
        Of the choice of rows and of neurons: 512 rows, and of a larger group 512 neurons.

    References
    ----------
    Kornblith et al. (2019), Similarity of neural network representations revisited, ICML.
    """

    def __init__(self, partition: Partition, seed: int = 0) -> None:
        checkpoint = partition.graph.checkpoint
        assert checkpoint is not None
        recording = record_activations(checkpoint, SPLIT)
        rows = len(recording.values)
        self.rows = np.unique(np.linspace(0, rows - 1, min(rows, _ROWS)).astype(int))
        self.count = partition.count
        hidden = np.array([layer.role == "hidden" for layer in partition.graph.layers])
        self._hidden = np.flatnonzero(hidden[partition.graph.layer_of])
        self._values = _weighed(recording, self.rows, self._hidden)
        self._seed = seed

    def __call__(self, labels: Ints) -> Floats:
        """Return one row for every group."""
        size = len(self.rows)
        found = np.zeros((self.count, size * size))
        own = labels[self._hidden]
        rng = np.random.default_rng(self._seed)
        for group in range(self.count):
            nodes = np.flatnonzero(own == group)
            if len(nodes) > _NEURONS:
                nodes = rng.choice(nodes, _NEURONS, replace=False)
            values = self._values[:, nodes]
            likeness = (values @ values.T).reshape(-1)
            length = np.linalg.norm(likeness)
            if length > 0:
                found[group] = likeness / length
        return found


def cka(first: Floats, second: Floats) -> Floats:
    """Linear CKA of all pairs of groups; see ``Doing``."""
    return np.asarray(first @ second.T, dtype=np.float64)


def _weighed(recording: Recording, rows: Ints, nodes: Ints) -> Floats:
    values = np.empty((len(rows), len(nodes)), dtype=np.float32)
    for start in range(0, len(nodes), _AT_ONCE):  # they may lie in a file
        chosen = slice(start, start + _AT_ONCE)
        values[:, chosen] = recording.values[:, nodes[chosen]][rows]
    values -= values.mean(axis=0)
    values *= np.asarray(recording.reach[nodes], dtype=np.float32)
    return np.asarray(values / max(float(np.abs(values).max(initial=0.0)), 1e-30))
