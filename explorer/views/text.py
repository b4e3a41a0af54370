"""Figures in plain words."""

import math
from collections.abc import Sequence

from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import Partition
from explorer.modularity.quality import Figure, Quality
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.observation.ablation import Effect
from explorer.observation.record import InterfaceEvidence, ModuleEvidence

# A figure is beyond chance if it is larger than in so many of 100 shuffled networks. Ranks decide,
# and not z, because the values on shuffled networks that are sparse are far from normal.
BEYOND_CHANCE = 97.5


def describe_network(checkpoint: Checkpoint) -> str:
    """What the network is, in one sentence of Markdown."""
    widths = checkpoint.network.widths
    shape = "-".join(str(width) for width in widths)
    weights = sum(weight.numel() for weight in checkpoint.network.weights)
    task = checkpoint.task
    does = task.summary if task else "Its task is not known, so there is no data to run it on."
    return (
        f"A multilayer perceptron of {sum(widths)} neurons ({shape}) and {weights:,} weights. "
        f"{does}"
    )


def describe_accuracy(shares: Sequence[tuple[str, float, int]]) -> str:
    """Accuracy on examples that were not used in training, with 95 % intervals.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, J. Am.
    Stat. Assoc. 22, 209-212: the interval.
    """
    parts = []
    for head, share, count in shares:
        low, high = wilson_interval(share, count)
        of = f"{head} " if len(shares) > 1 else ""
        parts.append(f"{of}**{share:.1%}** ({low:.0%} to {high:.0%})")
    return f"Accuracy on {shares[0][2]:,} test examples: {', '.join(parts)}."


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


def verdict(partition: Partition, found: Quality) -> str:
    """How modular the network is, in one sentence of plain words."""
    figure = found.layered_modularity
    null = figure.null("all")
    inside = found.inside_mass.value
    if partition.count < 2:
        return (
            "**No modules found.** No way to part these neurons keeps more weight inside the "
            "parts than chance would."
        )
    parts = f"{number_word(partition.count)} modules"
    if null.count == 0 or math.isnan(null.mean):
        return f"**{parts.capitalize()}**, which hold {inside:.0%} of the weight inside them."
    if not exceeds_null(figure, "all"):
        return (
            f"**Not modular beyond chance.** The best split into {parts} holds {inside:.0%} of "
            f"the weight inside them, but networks with the same weights shuffled do as well."
        )
    strength = figure.value / (1 - 1 / partition.count)
    degree = "Clearly" if strength >= 0.8 else "Partly" if strength >= 0.3 else "Slightly"
    said = (
        f"**{degree} modular.** It falls into {parts}, which hold {inside:.0%} of the weight "
        f"inside them; in networks with the same weights shuffled, the best split holds "
        f"{found.inside_mass.null('all').mean:.0%}."
    )
    if not exceeds_null(figure, "nonzero"):
        said += (
            " Shuffling only the weights that are not zero changes little, though: it is the "
            "pattern of zeros that makes it modular."
        )
    return said


def exceeds_null(figure: Figure, kind: str) -> bool:
    """Whether a figure is larger than in nearly all networks that were shuffled in this way."""
    return figure.null(kind).percentile >= BEYOND_CHANCE


def describe_null(figure: Figure, percent: bool = False) -> str:
    """Where chance would put a figure, in a few words."""
    null = figure.null("all")
    if null.count == 0 or math.isnan(null.mean):
        return "chance: cannot be told"
    mean = f"{null.mean:.0%}" if percent else f"{null.mean:.2f}"
    if math.isnan(null.z):
        return f"chance: always {mean}"
    return f"chance: {mean} (z = {null.z:+.0f})"


def describe_tree(tree: CutTree) -> str:
    """What the shape of the neuron-level cut tree says, in plain words."""
    if math.isnan(tree.trivial_share):
        return "There is nothing to cut: no weight of this network carries anything."
    cuts = tree.cut_count
    if tree.is_star:
        return (
            f"**The tree is a star:** each of its {cuts} cuts isolates a single neuron. In a "
            f"densely connected network it is always cheaper to cut off one neuron than to part "
            f"two groups, so this tree alone tells of no modules. That is no fault; it says that "
            f"the groups are still tied together by more weight than one neuron holds."
        )
    lasting = round((1 - tree.trivial_share) * cuts)
    return (
        f"**{lasting} of its {cuts} cuts part off a group of neurons**, the others isolate a "
        f"single neuron. A group that is cheaper to part off than any one of its neurons is a "
        f"certificate: no cheaper way to separate them exists."
    )


def describe_effect(effect: Effect, what: str) -> str:
    """What is lost by an intervention, in one sentence."""
    hurt = [change for change in effect.heads if change.lost >= 0.05]
    if not hurt:
        worst = max(change.lost for change in effect.heads)
        return f"Without {what} the network loses {max(worst, 0.0):.1%} of its accuracy at most."
    several = len(effect.heads) > 1
    parts = [
        f"accuracy {f'on {c.head} ' if several else ''}falls from {c.before:.0%} to {c.after:.0%}"
        for c in hurt
    ]
    kept = [change.head for change in effect.heads if change.lost < 0.05]
    tail = f"; {', '.join(kept)} {'stays' if len(kept) == 1 else 'stay'} as before" if kept else ""
    return f"Without {what}, {' and '.join(parts)}{tail}."


def describe_split(effect: Effect) -> str:
    """On what data an effect was measured."""
    return f"Measured on {effect.heads[0].count:,} examples, the task's {effect.split} split."


def number_word(count: int) -> str:
    """Write a small number as a word.

    Examples
    --------
    >>> number_word(3), number_word(12)
    ('three', '12')
    """
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else str(count)


def describe_module(partition: Partition, found: ModuleEvidence) -> str:
    """What a module is made of, in one or two sentences."""
    graph, module = partition.graph, found.module
    counts: dict[str, int] = {}
    for neuron in found.neurons:
        role = graph.layers[graph.layer_of[neuron.node]].role
        counts[role] = counts.get(role, 0) + 1
    made_of = ", ".join(
        f"{counts[role]} {noun if counts[role] > 1 else noun.removesuffix('s')}"
        for role, noun in (
            ("input", "inputs"),
            ("hidden", "hidden neurons"),
            ("output", "outputs"),
        )
        if role in counts
    )
    return (
        f"{made_of}. It holds **{module.volume:.0%}** of the network's weight, and "
        f"**{module.inside:.0%}** of the weight at its neurons stays inside it."
    )


def describe_inputs(task: Task, input_mass: Floats, limit: int = 6) -> str:
    """Name the inputs that a module reads most, where they are no pixels."""
    ranked = sorted(range(len(input_mass)), key=lambda at: -input_mass[at])
    read = [f"{task.inputs[at]} ({input_mass[at]:.0%})" for at in ranked if input_mass[at] >= 0.05]
    if not read:
        return "It reads no input directly."
    return f"It reads {', '.join(read[:limit])}; weight that comes in, as a share of the largest."


def describe_interface(partition: Partition, found: InterfaceEvidence) -> str:
    """How much passes between two modules, and which way."""
    interface = found.interface
    first, second = partition.modules[interface.first], partition.modules[interface.second]
    forward = interface.forward / interface.mass if interface.mass else 0.0
    return (
        f"{interface.edge_count:,} weights between modules {first.name} and {second.name} hold "
        f"**{interface.mass:.2%}** of the network's weight: {forward:.0%} of that leads from "
        f"{first.name} to {second.name}, {1 - forward:.0%} back."
    )


def describe_module_tree(tree: CutTree) -> str:
    """In which order the modules part, in words."""
    children = [node for node in tree.order.tolist() if tree.parent[node] >= 0]
    first = min(children, key=lambda node: tree.capacity[node])
    last = max(children, key=lambda node: tree.capacity[node])
    lightest = f"module {tree.nodes[first]} for {tree.capacity[first]:.2%} of the network's weight"
    if len(children) == 1:
        return f"The two modules part when {tree.capacity[first]:.2%} of the weight is cut."
    return (
        f"Cheapest to part off is {lightest}; hardest to part are modules {tree.nodes[last]} and "
        f"{tree.nodes[tree.parent[last]]}, at {tree.capacity[last]:.2%}."
    )
