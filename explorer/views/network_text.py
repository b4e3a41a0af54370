"""What a network is and how well it does its task, in plain words."""

from collections.abc import Mapping, Sequence

from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task
from explorer.network.tasks.margins import wilson_interval


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


def describe_winograd(metrics: Mapping[str, float]) -> str:
    """How often pronouns are understood, as recorded when the network was trained; else nothing."""
    if "test_winograd" not in metrics:
        return ""
    share, low, high = (metrics[f"test_winograd{end}"] for end in ("", "_low", "_high"))
    return (
        f"Winograd-style pairs (a pronoun whose referent flips with one word, of animals never "
        f"paired in training): **{share:.1%}** right ({low:.0%} to {high:.0%}), by a mean margin "
        f"of {metrics['test_winograd_margin']:.1f} nats."
    )


def describe_losses(losses: Mapping[str, float]) -> str:
    """Cross-entropy on held-out data, over all and for each head or skill."""
    parts = [f"{name} {nats:.3f}" for name, nats in losses.items() if name]
    each = f" ({', '.join(parts)})" if parts else ""
    return f"Loss on the test split, in nats: **{losses['']:.3f}**{each}."
