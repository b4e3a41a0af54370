"""What a network is and how well it does its task, in plain words."""

from collections.abc import Mapping, Sequence

from explorer.network.architectures import Layer
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task
from explorer.network.tasks.margins import wilson_interval
from explorer.views.pruning_text import count_words


def describe_network(checkpoint: Checkpoint) -> str:
    """What the network is, in a sentence or two of Markdown."""
    network = checkpoint.network
    sizes = [layer.size for layer in network.neuron_layers]
    shape = network.shape
    if len(shape) > _LONGEST:
        first, last = ("-".join(str(size) for size in part) for part in (sizes[:2], sizes[-2:]))
        shape = f"{first}-...-{last}, {len(sizes) - 1} layers of weights"
    weights = count_words(sum(weight.numel() for weight in network.matrices))
    task = checkpoint.task
    if task is None:
        does = "No data is known here to run it on."
    elif task.opened:
        said = task.summary[:1].lower() + task.summary[1:]
        does = f"It is looked at on data that was brought to it: {said}"
    else:
        does = task.summary
    described = network.describe()
    family = str(described.get("family", "")).replace("_", "-")
    kind = _KINDS.get(network.kind, _OTHER)
    layers = _counted(network.neuron_layers)
    return f"{kind.format(**_facts(sum(sizes), shape, weights, family, layers))} {does}"


def _facts(nodes: int, shape: str, weights: str, family: str, layers: str) -> dict[str, str]:
    return {
        "nodes": f"{nodes:,}",
        "shape": shape,
        "weights": weights,
        "family": f"the {family} family" if family else "an unnamed family",
        "layers": layers,
    }


_LONGEST = 60  # characters of a shape that is written out
_KINDS = {
    "mlp": "A multilayer perceptron of {nodes} neurons ({shape}) and {weights} weights.",
    "cnn": "A convolutional network of {nodes} channels and outputs ({shape}) and {weights} "
    "weights.",
    "gpt": "A small GPT of {nodes} nodes ({shape}: residual dimensions, then heads and "
    "feed-forward neurons of each block) and {weights} weights between them.",
    "transformer": "A pretrained transformer of {family}: {layers}; {nodes} nodes in all, and "
    "{weights} weights between them (embeddings not counted). A *head* moves information between "
    "tokens, a *feed-forward neuron* works on one token, and all of them read from and write to "
    "the *residual stream*, whose dimensions are nodes too.",
    "dataflow": "A network of {nodes} channels, neurons, inputs and outputs ({layers}) and "
    "{weights} weights. Channels that are added to each other, as over a skip connection, count "
    "as one layer.",
}
_OTHER = "A network of {nodes} nodes ({layers}) and {weights} weights."


def _counted(layers: Sequence[Layer]) -> str:
    """Say how many nodes of each kind there are, and in how many layers."""
    kinds: dict[str, list[int]] = {}
    for layer in layers:
        noun, _, number = layer.name.rpartition(" ")
        kinds.setdefault(noun if noun and number.isdecimal() else layer.name, []).append(layer.size)
    parts = []
    for kind, sizes in kinds.items():
        noun = _NOUNS.get(kind, kind)
        if len(sizes) == 1:
            parts.append(f"{sizes[0]:,} {noun}")
        elif len(set(sizes)) == 1:
            parts.append(f"{len(sizes)} times {sizes[0]:,} {noun}")
        else:
            parts.append(f"{sum(sizes):,} {noun} in {len(sizes)} layers")
    return ", ".join(parts)


_NOUNS = {
    "residual stream": "residual dimensions",
    "heads": "heads",
    "feed-forward": "feed-forward neurons",
    "hidden": "hidden neurons",
}


def describe_origin(checkpoint: Checkpoint) -> str:
    """Say what is known of where a network came from, as a list of Markdown."""
    lines = [f"Id `{checkpoint.id}`, a hash of its weights, architecture and task."]
    origin = checkpoint.origin
    if origin is not None:
        if origin.format:
            lines.append(f"Format: {origin.format}.")
        if checkpoint.network.reads == "tokens":
            with_it = "came with it" if origin.tokenizer else "did not come with it"
            lines.append(f"Its tokenizer {with_it}.")
        lines += [f"{note[:1].upper()}{note[1:].removesuffix('.')}." for note in origin.notes]
    return "\n".join(f"- {line}" for line in lines)


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
