"""What a network is and how well it does its task, in plain words."""

import math
from collections.abc import Mapping, Sequence

from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task


def describe_network(checkpoint: Checkpoint) -> str:
    """What the network is, in one sentence of Markdown."""
    network = checkpoint.network
    sizes = [layer.size for layer in network.neuron_layers]
    shape = network.shape
    if len(sizes) > 8:
        first, last = ("-".join(str(size) for size in part) for part in (sizes[:2], sizes[-2:]))
        shape = f"{first}-...-{last}, {len(sizes) - 1} layers of weights"
    weights = sum(weight.numel() for weight in network.matrices)
    task = checkpoint.task
    does = task.summary if task else "Its task is not known, so there is no data to run it on."
    return f"{_KINDS[network.kind].format(nodes=sum(sizes), shape=shape, weights=weights)} {does}"


_KINDS = {
    "mlp": "A multilayer perceptron of {nodes} neurons ({shape}) and {weights:,} weights.",
    "cnn": "A convolutional network of {nodes} channels and outputs ({shape}) and {weights:,} "
    "weights.",
    "gpt": "A small GPT of {nodes} nodes ({shape}: residual dimensions, then heads and "
    "feed-forward neurons of each block) and {weights:,} weights between them.",
}


def describe_accuracy(task: Task, shares: Sequence[tuple[str, float, int]]) -> str:
    """Accuracy of every head, with 95 % intervals where it was measured on a sample.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, J. Am.
    Stat. Assoc. 22, 209-212: the interval.
    """
    count = shares[0][2]
    if task.pairs is not None:
        pairs = ", ".join(f"{name} **{share:.0%}**" for name, share, _ in shares)
        return (
            f"Right on {count} minimal pairs a skill (two texts that differ in what the skill "
            f"decides; guessing gives 50%): {pairs}."
        )
    parts = []
    for head, share, _ in shares:
        of = f"{head} " if len(shares) > 1 else ""
        low, high = wilson_interval(share, task.distinct or count)
        interval = "" if task.exhaustive else f" ({low:.0%} to {high:.0%})"
        parts.append(f"{of}**{share:.1%}**{interval}")
    said = ", ".join(parts)
    if task.exhaustive:
        return f"Accuracy on all {count:,} inputs there are, those of training included: {said}."
    made_of = f", made of {task.distinct} pictures" if task.distinct else ""
    return f"Accuracy on {count:,} test examples{made_of} (with 95 % intervals): {said}."


def describe_losses(losses: Mapping[str, float]) -> str:
    """Cross-entropy on held-out data, over all and for each head or skill."""
    parts = [f"{name} {nats:.3f}" for name, nats in losses.items() if name]
    each = f" ({', '.join(parts)})" if parts else ""
    return f"Loss on the test split, in nats: **{losses['']:.3f}**{each}."


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a share that was measured on ``count`` independent examples.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(0.9, 100)]
    [0.826, 0.945]
    """
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = (
        z
        / (1 + z * z / count)
        * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    )
    return max(0.0, middle - half), min(1.0, middle + half)
