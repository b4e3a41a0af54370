"""What the nodes of a network are called, for people."""

from explorer.network.architectures import Network
from explorer.network.tasks import Task

_SINGULAR = {"hidden": "neuron", "heads": "head", "feed-forward": "neuron", "channels": "channel"}


def node_names(network: Network, task: Task | None) -> tuple[str, ...]:
    """Names of all nodes: those of the task for inputs and outputs, else a noun and a number."""
    names: list[str] = []
    for layer in network.neuron_layers:
        noun, _, number = layer.name.partition(" ")
        if layer.role == "input":
            known = task.inputs if task is not None else ()
            pictures = tuple(i.name for i in task.images) if task is not None else ()
            known = known if len(known) == layer.size else pictures
            default = [f"input {i + 1}" for i in range(layer.size)]
            names += known if len(known) == layer.size else default
        elif layer.role == "output":
            names += task.outputs if task else (f"output {i + 1}" for i in range(layer.size))
        elif layer.role == "residual":
            names += (f"dimension {i + 1}" for i in range(layer.size))
        else:
            names += (f"{_SINGULAR.get(noun, noun)} {number}.{i + 1}" for i in range(layer.size))
    return tuple(names)
