"""What neurons and modules do on examples."""

from dataclasses import dataclass

import numpy as np
import torch

from explorer.errors import TaskError
from explorer.modularity.partition import Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, Ints
from explorer.network.tasks import Task
from explorer.network.weightings import measure_activity, reach

SPLIT = "explain"


@dataclass(frozen=True)
class Recording:
    """Activations of all neurons on the examples of one split.

    Attributes
    ----------
    values : array, shape (examples, nodes)
        Inputs, hidden neurons after their ReLU, and logits, in the order of the graph's nodes.
    targets : array of int, shape (examples, heads)
    reach : array, shape (nodes,)
        Path norm from a neuron to the outputs, hidden neurons counted by how often they are active.
    checkpoint_id : str
    """

    values: Floats
    targets: Ints
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
    examples = task_of(checkpoint).split(split)
    network = checkpoint.network
    with torch.no_grad():
        layers = network.activations(examples.inputs)
        norms = reach(network.weights, measure_activity(network, examples.inputs))
    return Recording(
        values=torch.cat(layers, dim=1).double().numpy(),
        targets=examples.targets.numpy(),
        reach=torch.cat(norms).double().numpy(),
        checkpoint_id=checkpoint.id,
    )


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
