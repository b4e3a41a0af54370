"""Graphs whose modules are known: planted ones, and trained networks of several tasks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from explorer.modularity.planted import (
    PlantedGraph,
    planted_flat,
    planted_layered,
    planted_nested,
    planted_noisy,
)
from explorer.network.architectures import MLP
from explorer.network.bundled import bundled_names
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Ints, NetworkGraph, network_graph
from explorer.network.load import load

_DIGITS_COUNT = 4  # the digits task has one head: no truth, so any number to compare methods at
_NO_EFFECT = 1e-3  # nats that ablating a neuron must cost for the neuron to serve a head


@dataclass(frozen=True)
class Case:
    """A graph and what is known of its modules.

    Attributes
    ----------
    graph : NetworkGraph
    labels : array of int, shape (nodes,), or None
        True modules, -1 where a node's is not known; None where none is.
    count : int
        Number of modules to ask for.
    counts : tuple of int or None
        Number of modules at each level, from fine to coarse, where ``labels`` are the finest of
        several levels.
    """

    graph: NetworkGraph
    labels: Ints | None
    count: int
    counts: tuple[int, ...] | None = None


def _fine(planted: PlantedGraph) -> Case:
    count = int(planted.labels.max()) + 1
    if planted.coarse_labels is None:
        return Case(planted.graph, planted.labels, count)
    coarse = int(planted.coarse_labels.max()) + 1
    return Case(planted.graph, planted.labels, count, (count, coarse))


def _coarse(planted: PlantedGraph) -> Case:
    assert planted.coarse_labels is not None
    return Case(planted.graph, planted.coarse_labels, int(planted.coarse_labels.max()) + 1)


PLANTED: Mapping[str, Callable[[int], Case]] = {
    "flat, 3 modules, ratio 10": lambda seed: _fine(planted_flat(3, ratio=10, seed=seed)),
    "flat, 4 modules, ratio 3": lambda seed: _fine(planted_flat(4, ratio=3, seed=seed)),
    "flat, 7 modules, ratio 10": lambda seed: _fine(planted_flat(7, ratio=10, seed=seed)),
    "nested 3 x 2, fine": lambda seed: _fine(planted_nested(3, 2, ratio=3, seed=seed)),
    "nested 3 x 2, coarse": lambda seed: _coarse(planted_nested(3, 2, ratio=3, seed=seed)),
    "layered 50/30/20 %, ratio 10": lambda seed: _fine(planted_layered(ratio=10, seed=seed)),
    "layered 50/30/20 %, ratio 4": lambda seed: _fine(planted_layered(ratio=4, seed=seed)),
    "noisy, 4 modules, noise 0.1": lambda seed: _fine(planted_noisy(noise=0.1, seed=seed)),
    "noisy, 4 modules, noise 0.2": lambda seed: _fine(planted_noisy(noise=0.2, seed=seed)),
    "noisy, 4 modules, noise 0.4": lambda seed: _fine(planted_noisy(noise=0.4, seed=seed)),
}


def trained_cases() -> dict[str, Callable[[int], Case]]:
    """Bundled networks; the truth is the head that each hidden and output neuron serves."""
    made: dict[str, Callable[[int], Case]] = {}
    for name in bundled_names():
        checkpoint = load(name)
        heads = served_heads(checkpoint)
        count = _DIGITS_COUNT if heads is None else int(heads.max()) + 1
        case = Case(network_graph(checkpoint), heads, count)
        made[name] = _always(case)
    return made


def _always(case: Case) -> Callable[[int], Case]:
    return lambda seed: case  # of a trained network, only the search has a seed


def served_heads(checkpoint: Checkpoint) -> Ints | None:
    """Find which head of its task each neuron serves.

    A hidden neuron serves the head whose cross-entropy rises most when it is held at its mean.

    Parameters
    ----------
    checkpoint : Checkpoint

    Returns
    -------
    array of int, shape (nodes,), or None
        Head of every node; -1 for inputs and for neurons that serve none. None for a network
        without a task, with one head, or that is no MLP.

    Examples
    --------
    >>> heads = served_heads(load("pair-modular"))
    >>> heads[:32].tolist() == [-1] * 32, heads[-20:].tolist() == [0] * 10 + [1] * 10
    (True, True)
    """
    import torch
    from torch import Tensor
    from torch.nn.functional import cross_entropy

    task, network = checkpoint.task, checkpoint.network
    if task is None or len(task.heads) < 2 or not isinstance(network, MLP):
        return None
    examples = task.split("explain")

    def losses(logits: Tensor) -> np.ndarray:
        return np.array(
            [
                float(cross_entropy(logits[:, outputs], examples.targets[:, index]))
                for index, outputs in enumerate(task.head_slices)
            ]
        )

    labels = [np.full(network.widths[0], -1)]
    with torch.no_grad():
        before = losses(network(examples.inputs))
        means = [a.mean(dim=0) for a in network.trace(examples.inputs).layers]
        for layer, width in enumerate(network.widths[1:-1], start=1):
            served = np.full(width, -1)
            for neuron in range(width):

                def hold(at: int, values: Tensor, here: int = layer, held: int = neuron) -> Tensor:
                    if at != here:
                        return values
                    changed = values.clone()
                    changed[:, held] = means[at][held]
                    return changed

                rise = losses(network(examples.inputs, hold)) - before
                if rise.max() > _NO_EFFECT:
                    served[neuron] = rise.argmax()
            labels.append(served)
    labels.append(np.repeat(np.arange(len(task.heads)), [len(h.classes) for h in task.heads]))
    return np.concatenate(labels).astype(np.int64)
