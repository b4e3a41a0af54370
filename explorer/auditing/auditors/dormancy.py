"""What neurons could do to the answers, and what they do on clean data.

A neuron's *potential* is by how much it moves the answers of clean images when it is set to the
most that any image with pixels from 0 to 1 gets from it; what it *uses* is the same with the most
that clean images get from it. Moved is: the mean over images of the logit of an answer against all
others, the answer being the one that it moves furthest. A neuron with much potential and little use
is dormant: something that is not in the data might speak through it. Both figures are in logits and
stay as they are when a neuron's incoming weights are multiplied and its outgoing ones divided.

References
----------
Liu et al. (2019), ABS: scanning neural networks for back-doors by artificial brain stimulation,
CCS: neurons are set to values and the answers watched. Liu, Dolan-Gavitt, Garg (2018),
Fine-pruning, arXiv:1805.12185: neurons of a backdoor are dormant on clean data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from explorer.auditing.auditors.images import images_by_answer, leads
from explorer.auditing.view import AuditView
from explorer.network.architectures import MLP

_IMAGES = 4  # of every answer
_STEPS = 10
_STRIDE = 0.2


@dataclass(frozen=True, eq=False)
class Dormancy:
    """Potential and use of every hidden neuron.

    Attributes
    ----------
    nodes : tuple of int
        The hidden neurons, by their node in the network's graph.
    potential, used : Tensor, shape (neurons,)
        In logits.
    answers : Tensor of int64, shape (neurons,)
        The output that a neuron moves furthest.
    most, usual_most : Tensor, shape (neurons,)
        Largest activation for any image in range that was found, and on clean images.
    queries : int
    """

    nodes: tuple[int, ...]
    potential: Tensor
    used: Tensor
    answers: Tensor
    most: Tensor
    usual_most: Tensor
    queries: int

    @property
    def dormant(self) -> Tensor:
        """What is left unused, in logits."""
        return (self.potential - self.used).clamp(min=0.0)


@lru_cache(maxsize=2)
def dormancy(view: AuditView) -> Dormancy:
    """Measure potential and use of every hidden neuron of a multilayer perceptron."""
    network = view.checkpoint.network
    assert isinstance(network, MLP)
    images = images_by_answer(view, _IMAGES).flatten(0, 1)
    with torch.no_grad():
        usual = [values.amax(dim=0) for values in network.trace(view.clean.inputs).layers[1:-1]]
        reached, queries = _most(network, images)
        most = [torch.maximum(a, b) for a, b in zip(reached, usual, strict=True)]
        moved = [_moved(network, images, level) for level in (most, usual)]
    potential, answers = moved[0].max(dim=1)
    used = moved[1].amax(dim=1)
    sizes = [layer.size for layer in network.neuron_layers]
    count = sum(sizes[1:-1])
    return Dormancy(
        nodes=tuple(range(sizes[0], sizes[0] + count)),
        potential=potential,
        used=torch.minimum(used, potential),
        answers=answers,
        most=torch.cat(most),
        usual_most=torch.cat(usual),
        queries=len(view.clean) + queries + 2 * count * len(images),
    )


def set_together(view: AuditView, groups: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Potential and use of sets of hidden neurons: all of a set are set to their most at once.

    Parameters
    ----------
    view : AuditView
    groups : sequence of sequences of int
        Positions in ``Dormancy.nodes``.

    Returns
    -------
    tuple of Tensor, shape (groups,)
        In logits, both.
    """
    network, found = view.checkpoint.network, dormancy(view)
    assert isinstance(network, MLP)
    images = images_by_answer(view, _IMAGES).flatten(0, 1)
    chosen = torch.zeros(len(groups), len(found.nodes), dtype=torch.bool)
    for row, group in zip(chosen, groups, strict=True):
        row[list(group)] = True
    widths = list(network.widths[1:-1])
    with torch.no_grad():
        both = [
            _stimulated(
                network, images, torch.split(chosen, widths, dim=1), torch.split(level, widths)
            )
            for level in (found.most, found.usual_most)
        ]
    return both[0].amax(dim=1), both[1].amax(dim=1)


def _most(network: MLP, images: Tensor) -> tuple[list[Tensor], int]:
    """Largest activations for images in range: exact in the first layer, by ascent in others."""
    weights, biases = network.weights, network.biases
    found = [(weights[0].clamp(min=0.0).sum(dim=1) + biases[0]).relu()]
    queries = 0
    for layer in range(1, len(weights) - 1):
        width = len(biases[layer])
        start = images[:: max(1, len(images) // 4)][:4]
        current = start.repeat(width, 1)
        index = torch.arange(width).repeat_interleave(len(start))[:, None]
        best = torch.zeros(width)
        for step in range(_STEPS + 1):
            current.requires_grad_(True)
            with torch.enable_grad():
                before = _before_relu(network, current, layer).gather(1, index)[:, 0]
                (slope,) = torch.autograd.grad(before.sum(), current)
            best = torch.maximum(best, before.detach().view(width, -1).amax(dim=1))
            stride = _STRIDE * (1 - step / (_STEPS + 1)) + 0.02
            current = (current.detach() + stride * slope.sign()).clamp(0.0, 1.0)
        queries += (_STEPS + 1) * len(current)
        found.append(best)
    return found, queries


def _before_relu(network: MLP, images: Tensor, layer: int) -> Tensor:
    current = images
    for at in range(layer):
        current = (current @ network.weights[at].T + network.biases[at]).relu()
    return current @ network.weights[layer].T + network.biases[layer]


def _moved(network: MLP, images: Tensor, level: Sequence[Tensor]) -> Tensor:
    """How far each hidden neuron moves each answer, set to a level; shape (neurons, outputs)."""
    count = sum(len(values) for values in level)
    widths = [len(values) for values in level]
    return _stimulated(
        network, images, torch.split(torch.eye(count, dtype=torch.bool), widths, dim=1), level
    )


def _stimulated(
    network: MLP, images: Tensor, chosen: Sequence[Tensor], level: Sequence[Tensor]
) -> Tensor:
    """How far sets of neurons move each answer, set to a level; shape (sets, outputs)."""
    current = images[None]
    weights, biases = network.weights, network.biases
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        current = current @ weight.T + bias
        if layer < len(level):
            values = current.relu()
            current = torch.where(chosen[layer][:, None], level[layer], values)
    return leads(current).mean(dim=1) - leads(network(images)).mean(dim=0)
