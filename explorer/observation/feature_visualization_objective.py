"""How active a part of a network is, as a function of inputs that can be differentiated."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.observation.activations import SPLIT, hidden_nodes, record_activations
from explorer.observation.parts import Part, checked_part, place_of

Objective = Callable[[Tensor], Tensor]
_TINY = 1e-12  # keeps the slope of a root finite at 0


def part_objective(checkpoint: Checkpoint, part: Part) -> Objective:
    """Return the function that feature visualization climbs.

    - A module: the sum over its hidden neurons of activation times reach (see ``Recording``).
    - An interface: what crosses it, the sum over its edges of |activation of the source| |weight|
      reach(target).
    - A neuron: its activation; of an output its logit, not its probability, which is raised as well
      by input that speaks against the other classes (Simonyan et al. 2014, arXiv:1312.6034).

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int

    Returns
    -------
    callable
        Takes inputs of shape (examples, inputs) or tokens of shape (examples, positions); returns
        a Tensor of shape (examples,) or (examples, positions).

    Examples
    --------
    >>> from explorer import load
    >>> checkpoint = load("xor4-modular")
    >>> part_objective(checkpoint, 0)(torch.eye(8)[:2])
    tensor([1., 0.])
    """
    part = checked_part(checkpoint, part)
    network = checkpoint.network
    if isinstance(part, int):
        layer, at = place_of(checkpoint, part)
        signed = network.neuron_layers[layer].role == "output"

        def of_neuron(inputs: Tensor) -> Tensor:
            activations = network.trace(inputs).layers[layer]
            if signed:
                return activations[..., at]
            return sizes(activations[..., at : at + 1], network.example_axes)[..., 0]

        return of_neuron
    if isinstance(part, Module):
        weights = _module_weights(checkpoint, hidden_nodes(part))
        return lambda inputs: _weighed(network.trace(inputs).layers, weights, network.example_axes)
    links = _crossing_weights(checkpoint, part)

    def of_interface(inputs: Tensor) -> Tensor:
        trace = network.trace(inputs)
        sent = []
        for link, (source, _) in enumerate(network.links):
            # A residual dimension of a transformer sends what its norm made of it.
            size = network.neuron_layers[source].size
            own_site = not network.is_chain and trace.sites[link].shape[-1] == size
            sent.append(trace.sites[link] if own_site else trace.layers[source])
        return _weighed(sent, links, network.example_axes)

    return of_interface


def sizes(activations: Tensor, example_axes: int) -> Tensor:
    """|activation| of every neuron; of a channel or head the root mean square of its numbers.

    Returns
    -------
    Tensor, shape (examples, neurons) or (examples, positions, neurons)
    """
    if activations.dim() == example_axes + 1:
        return activations.abs()
    squares = activations.pow(2).flatten(example_axes, -2).mean(dim=example_axes)
    return (squares + _TINY).sqrt()


def _weighed(
    values: "tuple[Tensor, ...] | list[Tensor]", weights: list[Tensor | None], example_axes: int
) -> Tensor:
    parts = [
        sizes(value, example_axes) @ weight
        for value, weight in zip(values, weights, strict=True)
        if weight is not None
    ]
    if not parts:
        return values[0].flatten(example_axes).sum(dim=-1) * 0.0
    return torch.stack(parts).sum(dim=0)


def _module_weights(checkpoint: Checkpoint, nodes: Ints) -> list[Tensor | None]:
    """Reach of a module's neurons, 0 for all others; None for a layer that has none of them."""
    reach = np.zeros(sum(layer.size for layer in checkpoint.network.neuron_layers))
    reach[nodes] = record_activations(checkpoint, SPLIT).reach[nodes]
    parts = np.split(reach, np.cumsum([layer.size for layer in checkpoint.network.neuron_layers]))
    return [_as_weight(part) for part in parts[:-1]]


def _crossing_weights(checkpoint: Checkpoint, interface: Interface) -> list[Tensor | None]:
    """What a source neuron's size counts, one entry a link."""
    network, partition = checkpoint.network, interface.partition
    reach = record_activations(checkpoint, SPLIT).reach
    offsets, labels = partition.graph.offsets, partition.labels
    pair = [interface.first, interface.second]
    found: list[Tensor | None] = []
    for (source, target), magnitude in zip(network.links, network.magnitudes(), strict=True):
        from_ = labels[offsets[source] : offsets[source + 1]]
        to = labels[offsets[target] : offsets[target + 1]]
        ends = np.isin(to, pair)[:, None] & np.isin(from_, pair)[None, :]
        crosses = ends & (to[:, None] != from_[None, :])
        weights = np.abs(magnitude.double().numpy()) * crosses
        found.append(_as_weight(reach[offsets[target] : offsets[target + 1]] @ weights))
    return found


def _as_weight(values: Floats) -> Tensor | None:
    return torch.from_numpy(values).float() if values.any() else None
