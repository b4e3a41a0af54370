"""Modules by what their neurons do on the same examples."""

import numpy as np
import torch

from explorer.modularity.partition import Partition
from explorer.network.graph import Floats, Ints
from explorer.observation.activations import SPLIT, Recording

ROWS = 512  # examples, or tokens of a text
_NEURONS = 4096  # of a module
_STILL = 1e-9  # a deviation that is none
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
    its hidden neurons, centred and of length 1. The product of two such rows is the linear CKA of
    two groups: 1 if one tells examples apart as the other does, whatever the number, order and
    directions of neurons. So that a rescaling of the network changes nothing, an activation is
    taken times the reach of its neuron; in a network that is no chain, whose reach is not known so
    well, over its standard deviation. (Else a handful of neurons would be all that counts: of
    Gemma 3 270M, 10 of 36,936 would have three quarters of the variance.)

    Parameters
    ----------
    partition : Partition
    recording : Recording
        Of its network; of more than 512 rows, 512 that lie evenly over it are looked at.
    seed : int
        Of the choice of neurons: of a larger group, 4,096.

    References
    ----------
    Kornblith et al. (2019), Similarity of neural network representations revisited, ICML.
    """

    def __init__(self, partition: Partition, recording: Recording, seed: int = 0) -> None:
        rows = len(recording.values)
        self.rows = np.unique(np.linspace(0, rows - 1, min(rows, ROWS)).astype(int))
        self.count = partition.count
        hidden = np.array([layer.role == "hidden" for layer in partition.graph.layers])
        self._hidden = np.flatnonzero(hidden[partition.graph.layer_of])
        checkpoint = partition.graph.checkpoint
        chain = checkpoint is None or checkpoint.network.is_chain
        self._values = _weighed(recording, self.rows, self._hidden, chain)
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


def _weighed(recording: Recording, rows: Ints, nodes: Ints, chain: bool) -> Floats:
    values = np.empty((len(rows), len(nodes)), dtype=np.float32)
    for start in range(0, len(nodes), _AT_ONCE):  # they may lie in a file
        chosen = slice(start, start + _AT_ONCE)
        values[:, chosen] = recording.values[:, nodes[chosen]][rows]
    values -= values.mean(axis=0)
    if chain:
        values *= np.asarray(recording.reach[nodes], dtype=np.float32)
    else:
        size = values.std(axis=0)
        values = np.divide(values, size, out=np.zeros_like(values), where=size > _STILL)
    return np.asarray(values / max(float(np.abs(values).max(initial=0.0)), 1e-30))
