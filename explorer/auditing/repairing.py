"""Repair: an intervention becomes part of a network's weights, so that it can be saved."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.auditing.edits import Intervention, check_nodes, held_at, within_layers
from explorer.auditing.history import Repair, with_history
from explorer.errors import AuditError
from explorer.network.architectures import CNN, GPT, MLP, Network
from explorer.network.checkpoint import Checkpoint


def repaired(checkpoint: Checkpoint, intervention: Intervention) -> Checkpoint:
    """Make the network that answers as another one does under an intervention.

    A neuron that is held at a constant loses the weights into it and out of it and its bias, and
    what the constant gave to the neurons behind it goes into their biases. A neuron that is scaled
    has the weights out of it scaled (an output, those into it and its bias).

    Parameters
    ----------
    checkpoint : Checkpoint
    intervention : Intervention

    Returns
    -------
    Checkpoint
        A new one, which records what was done (see ``explorer.auditing.history``).

    Raises
    ------
    AuditError
        If a node is none of the network's neurons; or if its kind of network has no weight that
        could hold the constant: a channel before the last convolution, whose constant picture is
        no bias, or anything but 0 in a GPT, which has no biases; or a residual dimension, which is
        written to and read at every depth.

    Examples
    --------
    >>> from explorer.network.load import load
    >>> made = repaired(load("xor4-modular"), Intervention((8, 9), "zero"))
    >>> float(made.network.weights[0][:2].abs().sum()), made.config["repairs"][-1]["nodes"]
    (0.0, [8, 9])
    """
    check_nodes(checkpoint.network, intervention.nodes)
    network = checkpoint.network.copy()
    if isinstance(network, MLP):
        _in_mlp(network, checkpoint, intervention)
    elif isinstance(network, CNN):
        _in_cnn(network, checkpoint, intervention)
    elif isinstance(network, GPT):
        network = _in_gpt(network, intervention)
    else:
        raise AuditError(
            f"found a network of kind {network.kind}; expected an MLP, CNN or GPT to repair"
        )
    factor = intervention.factor if intervention.kind == "scale" else 0.0
    repair = Repair(intervention.kind, checkpoint.id, intervention.nodes, factor)
    return with_history(checkpoint, network, repair)


def cannot_bake(network: Network, intervention: Intervention) -> str:
    """Why an intervention cannot become part of the weights, in one sentence; empty if it can."""
    chosen = [len(places) > 0 for places in within_layers(network, intervention.nodes)]
    constant = intervention.kind in ("mean", "freeze")
    if isinstance(network, GPT):
        if chosen[0]:
            return (
                "found a dimension of the residual stream, which is read and written at every "
                "depth; expected heads or feed-forward neurons to save a repair of"
            )
        if constant:
            return (
                f"found neurons of a GPT held at a constant ({intervention.kind}), which has no "
                f"biases to hold it; expected zero or scale to save a repair of"
            )
    if isinstance(network, CNN) and constant and any(chosen[:-2]):
        return (
            "found channels before the last convolution held at a constant picture, which is no "
            "bias; expected zero or scale, or channels of the last convolution"
        )
    return ""


def _in_mlp(network: MLP, checkpoint: Checkpoint, intervention: Intervention) -> None:
    chosen = within_layers(network, intervention.nodes)
    held = held_at(checkpoint, intervention)
    last = len(chosen) - 1
    for layer, places in enumerate(chosen):
        into = (network.weights[layer - 1], network.biases[layer - 1]) if layer else None
        if held is None:
            if layer < last:
                network.weights[layer][:, places] *= intervention.factor
            elif into is not None:
                into[0][places] *= intervention.factor
                into[1][places] *= intervention.factor
            continue
        if into is not None:
            into[0][places] = 0.0
            into[1][places] = held[layer] if layer == last else 0.0
        if layer < last:
            out = network.weights[layer]
            network.biases[layer].add_(out[:, places] @ held[layer])
            out[:, places] = 0.0


def _in_cnn(network: CNN, checkpoint: Checkpoint, intervention: Intervention) -> None:
    problem = cannot_bake(network, intervention)
    if problem:
        raise AuditError(problem)
    chosen = within_layers(network, intervention.nodes)
    held = held_at(checkpoint, intervention)
    convolutions = [layer for layer in network.convolutions if isinstance(layer, nn.Conv2d)]
    shown = len(chosen) - len(convolutions) - 1  # 1 where the input pictures are nodes
    head = network.head
    for layer, places in enumerate(chosen[:-1]):
        at = layer - shown  # the convolution that makes these channels; -1 for input pictures
        out = (
            convolutions[at + 1].weight.transpose(0, 1)
            if at + 1 < len(convolutions)
            else _by_channel(network)
        )
        if held is None:
            out[places] *= intervention.factor
            continue
        if at >= 0:
            _silence(convolutions[at], places)
        if at == len(convolutions) - 1 and len(places) and intervention.kind != "zero":
            picture = F.max_pool2d(held[layer].movedim(-1, 0)[None], 2, ceil_mode=True)[0]
            head.bias.add_(torch.einsum("cop,cp->o", out[places], picture.flatten(1)))
        out[places] = 0.0
    places = chosen[-1]
    if held is None:
        head.weight[places] *= intervention.factor
        head.bias[places] *= intervention.factor
    else:
        head.weight[places] = 0.0
        head.bias[places] = held[-1]


def _silence(layer: nn.Conv2d, places: Tensor) -> None:
    assert layer.bias is not None
    layer.weight[places] = 0.0
    layer.bias[places] = 0.0


def _by_channel(network: CNN) -> Tensor:
    """View the weights of the linear layer as (channels, outputs, places)."""
    weight = network.head.weight
    return weight.view(len(weight), network.channels[-1], network.places).transpose(0, 1)


def _in_gpt(network: GPT, intervention: Intervention) -> GPT:
    problem = cannot_bake(network, intervention)
    if problem:
        raise AuditError(problem)
    chosen = within_layers(network, intervention.nodes)
    factor = intervention.factor if intervention.kind == "scale" else 0.0
    matrices = [matrix.clone() for matrix in network.matrices]
    size = network.sizes[1] // network.sizes[2]
    # Six matrices a block: query, key, value, out of the heads, into the neurons, out of them.
    for number, (heads, neurons) in enumerate(zip(chosen[1::2], chosen[2::2], strict=True)):
        of_block = matrices[6 * number : 6 * number + 6]
        columns = (heads[:, None] * size + torch.arange(size)).flatten()
        of_block[3][:, columns] *= factor
        of_block[5][:, neurons] *= factor
        if intervention.kind == "zero":
            of_block[4][neurons] = 0.0
            for matrix in of_block[:3]:
                matrix[columns] = 0.0
    return network.with_matrices(matrices)
