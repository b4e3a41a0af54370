"""Parts of a network: a module, an interface or a neuron, and whether one belongs to a network."""

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Ints
from explorer.observation.activations import hidden_nodes

Part = Module | Interface | int


def checked_part(checkpoint: Checkpoint, part: object) -> Part:
    """Return a part of a network, a neuron as a plain whole number.

    Raises
    ------
    PartitionError
        If it is none, belongs to another network, or there is no such node.
    """
    if isinstance(part, Module | Interface):
        if part.partition.graph.checkpoint_id != checkpoint.id:
            raise PartitionError(
                f"found a part of the network {part.partition.graph.checkpoint_id}; expected one "
                f"of {checkpoint.id}"
            )
        return part
    if isinstance(part, bool) or not isinstance(part, int | np.integer):
        raise PartitionError(f"found {part!r:.40}; expected a module, an interface or a node")
    count = sum(layer.size for layer in checkpoint.network.neuron_layers)
    if not 0 <= part < count:
        raise PartitionError(f"found node {part}; expected 0 to {count - 1}")
    return int(part)


def kind_of(part: Part) -> str:
    """Return what a part is: module, interface or neuron."""
    if isinstance(part, Module):
        return "module"
    return "interface" if isinstance(part, Interface) else "neuron"


def name_of(part: Part) -> str:
    """Return the name of a module or interface, or the number of a node."""
    return str(part) if isinstance(part, int) else part.name


def place_of(checkpoint: Checkpoint, node: int) -> tuple[int, int]:
    """Return the layer of a node and its place in the layer."""
    for index, layer in enumerate(checkpoint.network.neuron_layers):
        if node < layer.size:
            return index, node
        node -= layer.size
    raise PartitionError(f"found node {node} behind the last; expected a node of the network")


def ablated_nodes(checkpoint: Checkpoint, part: Module | int) -> Ints:
    """Nodes to hold when a part is ablated: a module's hidden neurons, or a neuron itself.

    None of an output: holding it would only say that an answer is given by its output.
    """
    if isinstance(part, Module):
        return hidden_nodes(part)
    layer, _ = place_of(checkpoint, part)
    is_output = checkpoint.network.neuron_layers[layer].role == "output"
    return np.array([] if is_output else [part], dtype=np.int64)
