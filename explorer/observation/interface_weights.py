"""How many single weights between modules a network of text can do with.

``interface_size`` counts whole edges and what minimal pairs or heads lose; behind an edge of a GPT
may stand many weights, and pairs forgive much. This is the finer and stricter count.
"""

import torch
from torch import Tensor

from explorer.errors import TaskError
from explorer.network.architectures import Network
from explorer.network.graph import Ints
from explorer.network.tasks import Task
from explorer.observation.interface_size import check_small

_TOLERANCE = 0.01
_SLACK = 50  # part of the count up to which it is determined


def interface_weights(
    task: Task, network: Network, labels: Ints, split: str = "test", tolerance: float = _TOLERANCE
) -> tuple[int, int]:
    """Count the weights between modules that must stay for at most a point of accuracy lost.

    Weights between modules are set to 0, the smallest first, as many as can be; accuracy is the
    share of tokens that are named right. The count is found by bisection, to 2 %, and the network
    with the weights counted was run.

    Parameters
    ----------
    task : Task
        Of text.
    network : Network
    labels : array of int, shape (nodes,)
        Module of every node.
    split : str
    tolerance : float
        Accuracy that may be lost.

    Returns
    -------
    kept, between : int
        Weights between modules that must stay, and that there are.

    Raises
    ------
    TaskError
        If the task is not of text.
    PartitionError
        If the network is large: the search sorts all weights and takes dozens of runs.
    """
    if not task.is_text:
        raise TaskError(f"found the task {task.name}; expected one of text")
    check_small(task, network, split)
    sizes = [layer.size for layer in network.neuron_layers]
    parts = torch.split(torch.from_numpy(labels), sizes)
    crossing = _behind_edges(
        network,
        [parts[target][:, None] != parts[source][None, :] for source, target in network.links],
    )
    values = [w.detach().abs() for w in network.matrices]
    order = torch.cat([v[c] for v, c in zip(values, crossing, strict=True)]).sort().values
    examples, between = task.split(split), len(order)

    def accuracy(of: Network) -> float:
        with torch.no_grad():
            right = of(examples.inputs).argmax(dim=-1) == examples.targets
        return float(right.double().mean())

    def keeping(count: int) -> Network:
        least = float(order[between - count]) if count else float("inf")
        return network.with_matrices(
            [
                w.detach().masked_fill(c & (v < least), 0.0)
                for w, v, c in zip(network.matrices, values, crossing, strict=True)
            ]
        )

    floor = accuracy(network) - tolerance
    if not between or accuracy(keeping(0)) >= floor:
        return 0, between
    low, high = 0, between  # ``high`` is enough, ``low`` is not
    while high - low > max(1, high // _SLACK):
        middle = (low + high) // 2
        if accuracy(keeping(middle)) >= floor:
            high = middle
        else:
            low = middle
    return high, between


def _behind_edges(network: Network, edges: list[Tensor]) -> list[Tensor]:
    """Which entries of the matrices stand behind edges: those that cutting them sets to 0."""
    ones = network.with_matrices([torch.ones_like(w) for w in network.matrices])
    return [w == 0 for w in ones.without_edges(edges).matrices]
