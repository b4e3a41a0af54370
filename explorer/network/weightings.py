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

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.errors import GraphError
from explorer.network.architectures import Activity, Change, Network, activity_of

WEIGHTINGS = ("activity", "path", "layer")


def weightings_of(network: Network) -> tuple[str, ...]:
    """Weightings that have a meaning for a network: a path norm needs a chain of layers."""
    return WEIGHTINGS if network.is_chain else ("activity", "layer")


def usual_weighting(network: Network, has_data: bool) -> str:
    """Weighting to look at a network by, if nobody says otherwise: activity where there is data.

    Parameters
    ----------
    network : Network
    has_data : bool
        Whether its task is known, or data was given.

    Examples
    --------
    >>> from explorer import load
    >>> network = load("xor4-modular").network
    >>> usual_weighting(network, True), usual_weighting(network, False)
    ('activity', 'path')
    """
    return next(w for w in weightings_of(network) if w != "activity" or has_data)


def measure_activity(
    network: Network,
    inputs: Tensor,
    progress: Callable[[float], None] | None = None,
    marks: Sequence[int] = (),
) -> Activity:
    """Run a network on inputs, a part at a time, and note what its neurons do.

    Tokens that are ``marks`` (see ``Task.marks``) do not count. ``progress`` is called with the
    share that is done; what it raises stops the work.
    """
    parts, done = [], 0
    positions = inputs.shape[1] if network.example_axes == 2 else 1
    with torch.no_grad():
        for batch in torch.split(inputs, network.examples_inside(positions)):
            counted = ~torch.isin(batch, torch.tensor(marks)) if marks else None
            parts.append((len(batch), activity_of(network.inside(batch), counted)))
            done += len(batch)
            if progress is not None:
                progress(done / len(inputs))
    if len(parts) == 1:
        return parts[0][1]

    def mean(tensors: Sequence[Tensor]) -> Tensor:
        weighed = [count * tensor for (count, _), tensor in zip(parts, tensors, strict=True)]
        return torch.stack(weighed).sum(dim=0) / len(inputs)

    sites = range(len(parts[0][1].mean))
    return Activity(
        mean=tuple(mean([part.mean[site] for _, part in parts]) for site in sites),
        active_share=tuple(mean([part.active_share[site] for _, part in parts]) for site in sites),
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


def graph_masses(
    network: Network, weighting: str, activity: Activity | None, double: bool = False
) -> tuple[Tensor, ...]:
    """Masses of every link, differentiable in the weights of the network.

    Parameters
    ----------
    network : Network
    weighting : {"activity", "path", "layer"}
    activity : Activity or None
        For the activity weighting; the others need none.
    double : bool
        Whether to compute in double precision.

    Returns
    -------
    tuple of Tensor
        One matrix of shape (target neurons, source neurons) a link, its sum 1 (0 where the link
        carries no mass at all).

    Raises
    ------
    GraphError
        If the weighting is unknown, has no meaning for the network, or needs data and there is
        none.
    """
    _check(network, weighting, activity is not None)
    # A transformer counts activity in its magnitudes; a chain's formula stands below.
    counted = activity if weighting == "activity" and not network.is_chain else None
    weights = network.magnitudes(counted)
    if double:
        weights = tuple(weight.double() for weight in weights)
    if weighting == "layer":
        return layer_masses(weights)
    if weighting == "path":
        return path_masses(weights)
    assert activity is not None
    if not network.is_chain:
        return layer_masses(weights)
    if double:
        activity = Activity(
            tuple(m.double() for m in activity.mean),
            tuple(s.double() for s in activity.active_share),
        )
    return activity_masses(weights, activity)


def masses_by_link(
    network: Network,
    weighting: str,
    activity: Activity | None = None,
    change: Change | None = None,
) -> Callable[[int], NDArray[np.float64]]:
    """Return a function that gives the masses of one link after the other.

    Of a network that streams, the masses of only one link are in memory at a time.

    Parameters
    ----------
    network : Network
    weighting : {"activity", "path", "layer"}
    activity : Activity, optional
        What the network does on data, for the activity weighting.
    change : callable, optional
        What to do to every weight matrix first; only of a network that streams.
    """
    if not network.streams:
        assert change is None
        with torch.no_grad():
            masses = graph_masses(network, weighting, activity, double=True)
        return lambda link: masses[link].numpy()
    _check(network, weighting, activity is not None)

    def mass_of(link: int) -> NDArray[np.float64]:
        with torch.no_grad():
            counted = activity if weighting == "activity" else None
            mass = network.link_magnitude(link, counted, change).to(torch.float64, copy=True)
        values = np.ascontiguousarray(mass.numpy())
        # numpy adds up in the same order whatever the number of threads.
        values /= values.sum() or 1.0
        return values

    return mass_of


def _check(network: Network, weighting: str, has_activity: bool) -> None:
    if weighting not in WEIGHTINGS:
        raise GraphError(
            f"found weighting {weighting!r:.60}; expected one of {', '.join(WEIGHTINGS)}"
        )
    if weighting not in weightings_of(network):
        raise GraphError(
            f"found the weighting {weighting} for a {network.kind}; expected one of "
            f"{', '.join(weightings_of(network))}: there are no path norms past an attention layer"
        )
    if weighting == "activity" and not has_activity:
        raise GraphError(
            "the activity weighting needs data, and this network has no task; expected a task "
            "(load(..., task=...)) or one of the weightings path and layer"
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
