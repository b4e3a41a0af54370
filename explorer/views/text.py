"""Figures in plain words."""

import math

from explorer.modularity.cut_tree import CutTree
from explorer.modularity.partition import Partition
from explorer.modularity.quality import Figure, Quality
from explorer.network.graph import Floats
from explorer.network.tasks import Task
from explorer.observation.ablation import Effect
from explorer.observation.record import InterfaceEvidence, ModuleEvidence

# A network is called modular if Q_B is as large in at most 5 % of the shuffled networks, and closes
# at least a tenth of the gap between chance and the most that can be. Ranks decide, and not z,
# because the values on sparse shuffled networks are far from normal; the gap decides too, because
# the number of modules was chosen on the network itself, and large networks differ from their
# shuffles by little that is significant and means nothing.
SIGNIFICANT = 0.05
SLIGHTLY, PARTLY, CLEARLY = 0.1, 0.3, 0.8
_ENOUGH = 19  # shuffled networks that a figure must exceed to be significant
HARM = 0.05  # of accuracy: less than this is not called a loss


def describe_unattached(partition: Partition) -> str:
    """How many neurons belong to no module, and why; empty if there are none."""
    loose = int((partition.labels < 0).sum())
    if not loose or loose == len(partition.labels):
        return ""
    return (
        f"{loose:,} of its {len(partition.labels):,} neurons carry no weight at all under the "
        f"weighting {partition.graph.weighting} (never active, or leading nowhere) and belong to "
        f"no module."
    )


def verdict(partition: Partition, found: Quality) -> str:
    """How modular the network is, in one or two sentences of plain words."""
    figure = found.layered_modularity
    null = figure.null("all")
    inside = found.inside_mass.value
    if partition.count == 0:
        return "**No modules:** no weight of this network carries anything."
    if partition.count < 2:
        return "**No modules found:** no way to part these neurons keeps weight inside the parts."
    parts = f"{number_word(partition.count)} modules"
    if null.count == 0 or math.isnan(null.mean):
        return f"**{parts.capitalize()}**, which hold {inside:.0%} of the weight inside them."
    held = (
        f"{inside:.0%} of the weight inside them; in networks with the same weights shuffled, the "
        f"best split holds {found.inside_mass.null('all').mean:.0%}"
    )
    gap = gap_closed(figure, partition.count)
    if null.count < _ENOUGH and null.percentile == 100 and gap >= SLIGHTLY:
        return (
            f"**{parts.capitalize()}**, which hold {held}. That is more than in any of the "
            f"{null.count} networks shuffled so far; {_ENOUGH} are needed to tell it from chance."
        )
    if null.p_value > SIGNIFICANT or gap < SLIGHTLY:
        if null.p_value <= SIGNIFICANT:
            return (
                f"**Not modular to speak of.** The best split, into {parts}, holds {held}. That is "
                f"more than shuffling gives, but only {max(gap, 0.0):.1%} of the way from "
                f"there to the most that can be."
            )
        less = "is even less modular than" if null.percentile <= 5 else "is hardly beyond"
        return (
            f"**Not modular beyond chance.** The best split, into {parts}, holds {held}: the "
            f"network {less} what shuffling gives."
        )
    degree = "Clearly" if gap >= CLEARLY else "Partly" if gap >= PARTLY else "Slightly"
    said = f"**{degree} modular.** It falls into {parts}, which hold {held}."
    if figure.null("nonzero").p_value > SIGNIFICANT:
        said += (
            " Shuffling only the weights that are not zero changes little, though: it is the "
            "pattern of zeros that makes it modular."
        )
    return said


def gap_closed(figure: Figure, count: int) -> float:
    """How far Q_B lies on the way from chance, 0, to the most for this many modules, 1."""
    chance, most = figure.null("all").mean, 1 - 1 / count
    return (figure.value - chance) / (most - chance) if most > chance else 0.0


def describe_null(figure: Figure, percent: bool = False) -> str:
    """Where chance would put a figure, in a few words."""
    null = figure.null("all")
    if null.count == 0 or math.isnan(null.mean):
        return "chance: cannot be told"
    mean = f"{null.mean:.0%}" if percent else f"{null.mean:.2f}"
    larger = round(null.percentile / 100 * null.count)
    return f"chance: {mean}; larger than {larger} of {null.count} shuffles"


def describe_tree(tree: CutTree) -> str:
    """What the shape of the neuron-level cut tree says, in plain words."""
    if math.isnan(tree.trivial_share):
        return "There is nothing to cut: no weight of this network carries anything."
    cuts = tree.cut_count
    if tree.is_star:
        return (
            f"**The tree is a star:** each of its {cuts:,} cuts isolates a single neuron. In a "
            f"densely connected network it is usually cheaper to cut off one neuron than to part "
            f"two groups, so this tree alone tells of no modules. That is no fault; it says that "
            f"the groups are still tied together by more weight than one neuron holds."
        )
    lasting = round((1 - tree.trivial_share) * cuts)
    return (
        f"**{lasting:,} of its {cuts:,} cuts part off a group of neurons**, the others isolate a "
        f"single neuron. No cut in the tree is heavier than the heaviest neuron on either side of "
        f"it, so a group can be parted off only if it hangs on by less than that."
    )


def describe_effect(effect: Effect, what: str) -> str:
    """What is lost by an intervention, in one or two sentences."""
    hurt = [change for change in effect.heads if change.lost >= HARM]
    several = len(effect.heads) > 1
    if hurt:
        parts = [
            f"accuracy {f'on {c.head} ' if several else ''}falls from {c.before:.0%} to "
            f"{c.after:.0%}"
            for c in hurt
        ]
        kept = [
            f"{change.head} changes by {points:+d} points"
            if (points := round(-100 * change.lost))
            else f"{change.head} hardly changes"
            for change in effect.heads
            if change.lost < HARM
        ]
        tail = f"; {', '.join(kept)}" if kept else ""
        said = f"Without {what}, {' and '.join(parts)}{tail}."
    else:
        most = max((abs(change.lost) for change in effect.heads), default=0.0)
        said = f"Without {what}, accuracy changes by {100 * most:.1f} points at most."
    untouched = {change.head for change in effect.heads} - {change.head for change in hurt}
    worst = max(
        (change for change in effect.classes if change.head in untouched and change.count),
        key=lambda change: change.lost,
        default=None,
    )
    if worst is not None and worst.lost >= 2 * HARM:
        said += (
            f" Hardest hit there: {worst.head} {worst.label}, from {worst.before:.0%} to "
            f"{worst.after:.0%}."
        )
    return said


def describe_split(effect: Effect) -> str:
    """On what data an effect was measured, and what became of the loss."""
    loss = effect.losses[0]
    return (
        f"Measured on {effect.heads[0].count:,} examples, the task's {effect.split} split; the "
        f"loss goes from {loss.before:.3f} to {loss.after:.3f} nats."
    )


def describe_holding(effect: Effect) -> str:
    """What was done to the neurons of a module, in one sentence."""
    held = "at their mean" if effect.kind == "mean" else "at 0"
    return (
        f"Its hidden neurons are held {held}. Grey: the whole network; colour: without this module."
    )


def small_share(share: float) -> str:
    """Write a share as a percentage, however small it is.

    Examples
    --------
    >>> small_share(0.436), small_share(0.0123), small_share(0.00001), small_share(0.0)
    ('44%', '1.23%', 'less than 0.01%', '0.00%')
    """
    if share >= 0.1:
        return f"{share:.0%}"
    return "less than 0.01%" if 0 < share < 1e-4 else f"{share:.2%}"


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
        f"{counts[role]:,} {noun if counts[role] > 1 else noun.removesuffix('s')}"
        for role, noun in (
            ("input", "inputs"),
            ("residual", "residual dimensions"),
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
        f"**{small_share(interface.mass)}** of the network's weight: {forward:.0%} of that leads "
        f"from {first.name} to {second.name}, {1 - forward:.0%} from {second.name} to {first.name}."
    )


def describe_module_tree(tree: CutTree) -> str:
    """In which order the modules part, in words."""
    children = [node for node in tree.order.tolist() if tree.parent[node] >= 0]
    first = min(children, key=lambda node: tree.capacity[node])
    last = max(children, key=lambda node: tree.capacity[node])
    least, most = small_share(tree.capacity[first]), small_share(tree.capacity[last])
    if len(children) == 1:
        return f"The two modules part when {least} of the weight is cut."
    return (
        f"Cheapest to part off is module {tree.nodes[first]}, for {least} of the network's weight; "
        f"hardest to part are modules {tree.nodes[last]} and {tree.nodes[tree.parent[last]]}, "
        f"at {most}."
    )
