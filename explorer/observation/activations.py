"""What neurons and modules do on examples."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.errors import TaskError
from explorer.modularity.partition import Module
from explorer.network.architectures import Network, activity_of
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.network.tasks import Task
from explorer.network.weightings import reach

SPLIT = "explain"
TEXTS = 64  # of a text, so many examples are looked at token by token


@dataclass(frozen=True)
class Recording:
    """Activations of all neurons on the examples of one split.

    Attributes
    ----------
    values : array, shape (rows, nodes)
        One row an example; of a text, one a token, example after example. Neurons after their ReLU,
        and logits, in the order of the graph's nodes. A channel or head, which holds several
        numbers, by their root mean square.
    reach : array, shape (nodes,)
        Path norm from a neuron to the outputs, hidden neurons counted by how often they are active;
        of a network that is no chain, the sum of |weights| out of a neuron.
    checkpoint_id : str
    """

    values: Floats
    reach: Floats
    checkpoint_id: str


def task_of(checkpoint: Checkpoint) -> Task:
    """Return the task of a checkpoint.

    Raises
    ------
    TaskError
        If it has none, so that there is no data to run it on.
    """
    if checkpoint.task is None:
        raise TaskError(
            f"{checkpoint.name} has no task, so there is no data to run it on; expected one of "
            f"the tasks, as in load(..., task='digits')"
        )
    return checkpoint.task


def record_activations(checkpoint: Checkpoint, split: str = SPLIT) -> Recording:
    """Run a network on one split of its task.

    Parameters
    ----------
    checkpoint : Checkpoint
    split : str

    Returns
    -------
    Recording

    Raises
    ------
    TaskError
        If the checkpoint has no task.
    """
    task, network = task_of(checkpoint), checkpoint.network
    inputs = task.split(split).inputs
    trace = network.trace(inputs[:TEXTS] if task.is_text else inputs)
    columns = [one_number(layer, network.example_axes) for layer in trace.layers]
    if network.is_chain:
        norms = torch.cat(reach(network.magnitudes(), activity_of(trace)))
    else:
        norms = _weight_out(network)
    return Recording(
        values=torch.cat(columns, dim=1).double().numpy(),
        reach=norms.double().numpy(),
        checkpoint_id=checkpoint.id,
    )


def one_number(activations: Tensor, example_axes: int) -> Tensor:
    """Activations of a layer as (rows, neurons)."""
    rows = activations.flatten(0, example_axes - 1)
    return rows if rows.dim() == 2 else rows.pow(2).flatten(1, -2).mean(dim=1).sqrt()


def _weight_out(network: Network) -> Tensor:
    """Sum of |weights| out of every neuron."""
    layers = [torch.zeros(layer.size) for layer in network.neuron_layers]
    for (source, _), magnitude in zip(network.links, network.magnitudes(), strict=True):
        layers[source] = layers[source] + magnitude.sum(dim=0)
    return torch.cat(layers)


def hidden_nodes(module: Module) -> Ints:
    """Nodes of a module that are hidden neurons."""
    graph = module.partition.graph
    nodes = np.asarray(module.nodes, dtype=np.int64)
    hidden = np.array([layer.role == "hidden" for layer in graph.layers])
    return nodes[hidden[graph.layer_of[nodes]]] if len(nodes) else nodes


def module_activity(module: Module, recording: Recording) -> Floats | None:
    """How active a module is on every example; 1 is its average.

    The sum over its hidden neurons of activation times reach (the path norm to the outputs),
    divided by the mean over the examples: a neuron counts by what it can do to the outputs, and a
    rescaling that leaves the network's function as it was changes nothing.

    Returns
    -------
    array, shape (examples,), or None
        None if the module has no hidden neuron or is silent on every example.
    """
    nodes = hidden_nodes(module)
    total = recording.values[:, nodes] @ recording.reach[nodes]
    mean = float(total.mean()) if len(nodes) else 0.0
    return total / mean if mean > 0 else None
