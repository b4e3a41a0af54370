"""Small changes that start from what single neurons look for.

A neuron that no clean image wakes passes no gradient: a search that starts from clean images never
learns of it. So every neuron of the first two hidden layers says what small change would drive it
furthest (through the weights alone, as if the neurons before it were awake), these changes are put
on the images, and the search starts once from the one that leads furthest and once from none.

References
----------
Liu et al. (2019), ABS: scanning neural networks for back-doors by artificial brain stimulation,
CCS: triggers are looked for by way of single neurons.
"""

import torch
from torch import Tensor

from explorer.auditing.auditors.images import leads
from explorer.auditing.auditors.small_changes import ENOUGH, Ball, answers_to, furthest_changes
from explorer.network.architectures import MLP, Network


def neuron_patterns(network: MLP, ball: Ball) -> Tensor:
    """Return the change in a ball that drives every neuron furthest, by the weights before it.

    A second layer counts twice: through all weights, and through positive ones only.

    Returns
    -------
    Tensor, shape (patterns, inputs)

    Examples
    --------
    >>> network = MLP([3, 1, 2])
    >>> _ = network.weights[0].data.copy_(torch.tensor([[0.0, 3.0, -4.0]]))
    >>> neuron_patterns(network, Ball(2, 1.0))
    tensor([[ 0.0000,  0.6000, -0.8000]])
    >>> neuron_patterns(network, Ball(1, 1.0))
    tensor([[ 0.,  0., -1.]])
    """
    with torch.no_grad():
        first = network.weights[0]
        parts = [first]
        if len(network.weights) > 2:
            second = network.weights[1]
            parts += [second @ first, second.clamp(min=0.0) @ first.clamp(min=0.0)]
        rows = torch.cat(parts)
        if ball.norm == 2:
            lengths = rows.norm(dim=1, keepdim=True).clamp(min=1e-9)
            return torch.mul(rows, ball.radius / lengths)
        pixels = rows.abs().topk(max(1, round(ball.radius)), dim=1).indices
        return torch.zeros_like(rows).scatter(1, pixels, rows.gather(1, pixels).sign())


def guided_changes(
    network: Network, pool: Tensor, sources: Tensor, answers: Tensor, ball: Ball, steps: int
) -> tuple[Tensor, Tensor, int]:
    """Find one change for every group of images, the better of two searches.

    Parameters
    ----------
    network : Network
        One that is no multilayer perceptron is searched from clean images only.
    pool : Tensor, shape (sets, images, inputs)
    sources : Tensor of int64, shape (groups,)
        The set of images of every group.
    answers : Tensor of int64, shape (groups,)
    ball : Ball
    steps : int

    Returns
    -------
    changes : Tensor, shape (groups, inputs)
    margins : Tensor, shape (groups, images)
    queries : int
    """
    images = pool[sources]
    queries = (steps + 1) * images.shape[0] * images.shape[1]
    if not isinstance(network, MLP):
        return *furthest_changes(network, images, answers, ball, steps), queries
    patterns = neuron_patterns(network, ball)
    put = (pool + patterns[:, None, None]).clamp(0.0, 1.0)
    with torch.no_grad():
        logits = answers_to(network, put.flatten(0, 1)).view(*put.shape[:3], -1)
    led = leads(logits).clamp(max=ENOUGH).mean(dim=2)[:, sources, answers]
    start = torch.cat([torch.zeros(images.shape[0], images.shape[2]), patterns[led.argmax(dim=0)]])
    found, reached = furthest_changes(
        network, images.repeat(2, 1, 1), answers.repeat(2), ball, steps, start
    )
    value = reached.clamp(max=ENOUGH).mean(dim=1).view(2, -1)
    better = (value[1] > value[0])[:, None]
    count = len(images)
    return (
        torch.where(better, found[count:], found[:count]),
        torch.where(better, reached[count:], reached[:count]),
        2 * queries + put.shape[:3].numel(),
    )
