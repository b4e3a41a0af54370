"""Edge masses: how much each weight of a network counts in its graph.

Three weightings, each written once, in torch, so that a loss can differentiate through the same
formula that a figure is computed with. For layer l, with W its weight matrix (neurons of the next
layer x neurons of this one):

- ``layer``: |W_ji|. Simple, and a rescaling that leaves the function of the network as it was can
  change it at will.
- ``path``: b_j |W_ji| f_i, where f_i is the path norm from the inputs to neuron i (sum over all
  paths of the product of |weights|) and b_j the path norm from neuron j to the outputs. A positive
  rescaling of a ReLU neuron (incoming weights times a, outgoing weights by a) leaves it unchanged.
- ``activity``: m_i |W_ji| b_j, where m_i is the mean of |activation of i| over data, and b_j the
  path norm to the outputs in which every hidden neuron counts by the share of examples on which it
  is active. Invariant as above; neurons that are never active carry no mass.

Each matrix is then divided by its sum, so that all layers count alike.

References
----------
Neyshabur, Salakhutdinov, Srebro (2015), Path-SGD, arXiv:1506.02617: the path norm and its
invariance. Filan et al. (2021), Clusterability in neural networks, arXiv:2103.03386: networks as
graphs of |W|.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.errors import GraphError
from explorer.network.architectures import MLP

WEIGHTINGS = ("activity", "path", "layer")


@dataclass(frozen=True)
class Activity:
    """What the neurons do on data.

    Attributes
    ----------
    mean : tuple of Tensor
        Mean of |activation| of every neuron, one tensor a layer.
    active_share : tuple of Tensor
        Share of examples on which a neuron's activation is not zero, one tensor a layer.
    """

    mean: tuple[Tensor, ...]
    active_share: tuple[Tensor, ...]


def measure_activity(network: MLP, inputs: Tensor) -> Activity:
    """Run a network on inputs of shape (examples, inputs) and note what its neurons do."""
    with torch.no_grad():
        layers = network.activations(inputs)
    return Activity(
        mean=tuple(a.abs().mean(dim=0) for a in layers),
        active_share=tuple((a != 0).to(a.dtype).mean(dim=0) for a in layers),
    )


def layer_masses(weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Masses |W|, each matrix divided by its sum.

    Examples
    --------
    >>> layer_masses([torch.tensor([[1.0, -3.0]])])
    (tensor([[0.2500, 0.7500]]),)
    """
    return tuple(_normalised(weight.abs()) for weight in weights)


def path_masses(weights: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Masses b |W| f of the path weighting."""
    forward = [torch.ones_like(weights[0][0])]
    for weight in weights[:-1]:
        forward.append(weight.abs() @ forward[-1])
    return _outer_masses(weights, forward, reach(weights))


def activity_masses(weights: Sequence[Tensor], activity: Activity) -> tuple[Tensor, ...]:
    """Masses m |W| b of the activity weighting."""
    return _outer_masses(weights, activity.mean, reach(weights, activity))


def reach(weights: Sequence[Tensor], activity: Activity | None = None) -> tuple[Tensor, ...]:
    """Path norm from every neuron to the outputs, one tensor a layer; 1 for an output.

    With ``activity``, hidden neurons count by the share of examples on which they are active.
    """
    backward = [torch.ones_like(weights[-1][:, 0])]
    for layer in range(len(weights) - 1, -1, -1):
        norm = weights[layer].abs().T @ backward[-1]
        if activity is not None and layer > 0:
            norm = norm * activity.active_share[layer]
        backward.append(norm)
    return tuple(reversed(backward))


def edge_masses(network: MLP, weighting: str, inputs: Tensor | None) -> tuple[Tensor, ...]:
    """Masses of a network in double precision.

    Parameters
    ----------
    network : MLP
    weighting : {"activity", "path", "layer"}
    inputs : Tensor, shape (examples, inputs), or None
        Data for the activity weighting; the others need none.

    Returns
    -------
    tuple of Tensor
        One matrix of shape (neurons of the next layer, neurons of this layer) for every weight
        matrix, its sum 1 (0 where the layer carries no mass at all).

    Raises
    ------
    GraphError
        If the weighting is unknown, or needs data and there is none.
    """
    weights = [weight.detach().double() for weight in network.weights]
    if weighting == "layer":
        return layer_masses(weights)
    if weighting == "path":
        return path_masses(weights)
    if weighting != "activity":
        raise GraphError(
            f"found weighting {weighting!r:.60}; expected one of {', '.join(WEIGHTINGS)}"
        )
    if inputs is None:
        raise GraphError(
            "the activity weighting needs data, and this network has no task; expected a task "
            "(load(..., task=...)) or one of the weightings path and layer"
        )
    measured = measure_activity(network, inputs)
    return activity_masses(
        weights,
        Activity(
            tuple(m.double() for m in measured.mean),
            tuple(s.double() for s in measured.active_share),
        ),
    )


def _outer_masses(
    weights: Sequence[Tensor], source: Sequence[Tensor], target: Sequence[Tensor]
) -> tuple[Tensor, ...]:
    return tuple(
        _normalised(target[layer + 1][:, None] * weight.abs() * source[layer][None, :])
        for layer, weight in enumerate(weights)
    )


def _normalised(mass: Tensor) -> Tensor:
    total = mass.sum()
    return mass / torch.where(total > 0, total, torch.ones_like(total))
