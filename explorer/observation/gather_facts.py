"""Gather the facts of a part of a network: all that a describer may say of it."""

import math

from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Floats, NetworkGraph, network_graph
from explorer.network.weightings import weightings_of
from explorer.observation.ablation import Effect, ablate, cut_interface
from explorer.observation.activations import SPLIT, Recording, hidden_nodes
from explorer.observation.facts import Facts, LabelShare, Need, Share
from explorer.observation.figures import figure, small_figure
from explorer.observation.label_shares import label_shares
from explorer.observation.part_examples import PartExamples, labels_of, part_activity
from explorer.observation.parts import Part, ablated_nodes, checked_part, kind_of, name_of
from explorer.observation.promotes import promotes_of
from explorer.observation.reads import reads_of
from explorer.observation.snippets import snippets_of
from explorer.observation.streaming import Progress, part_of, takes_long


def gather_facts(
    checkpoint: Checkpoint,
    part: Part,
    split: str = SPLIT,
    effects: bool | None = None,
    progress: Progress | None = None,
) -> Facts:
    """Measure a part of a network in short.

    Figures are rounded where they are made (shares of counts to 4 decimals, all others to 3), so
    that what is measured twice, in another process or on a network that computes the same in other
    units is the same.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
        An int is the number of a node.
    split : str
        Data to measure on.
    effects : bool, optional
        Whether to run the network without the part, for ``needs`` and ``promotes``; by default
        unless that takes long (see ``takes_long``). Where it does, and it is not done, an interface
        has no activity either: that takes a run too.
    progress : callable, optional
        Called with the share of the runs that is done; what it raises stops them.

    Returns
    -------
    Facts
        Without shares, promoted outputs and snippets where the part is never active; of a network
        without a task, nothing but what it reads.

    Raises
    ------
    PartitionError
        If the part is none of the network's.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("pair-modular")
    >>> module = find_modules(network_graph(checkpoint)).module("A")
    >>> facts = gather_facts(checkpoint, module)
    >>> facts.data, facts.reads[0].name == facts.needs[0].head, facts.needs[0].lost > 0.5
    ('pairs of images of handwritten digits', True, True)
    """
    part = checked_part(checkpoint, part)
    task = checkpoint.task
    if task is None:
        return facts_from(checkpoint, part, None, None, graph_for(checkpoint, part), split)
    runs = not takes_long(checkpoint, split) if effects is None else effects
    activity = activity_of_part(checkpoint, part, split, runs)
    effect = usual_effect(checkpoint, part, split, part_of(progress, 0.0, 0.6)) if runs else None
    graph = graph_for(checkpoint, part)
    later = part_of(progress, 0.6, 1.0)
    return facts_from(checkpoint, part, activity, effect, graph, split, runs, later)


def activity_of_part(
    checkpoint: Checkpoint,
    part: Part,
    split: str,
    runs: bool,
    recording: Recording | None = None,
) -> Floats | None:
    """How active a part is on every row, where that is known without further runs, or they may be.

    See ``part_activity``. What crosses an interface takes a run.
    """
    if not runs and isinstance(part, Interface) and takes_long(checkpoint, split):
        return None
    return part_activity(checkpoint, part, split, recording)


def facts_from(
    checkpoint: Checkpoint,
    part: Part,
    activity: Floats | None,
    effect: Effect | None,
    graph: NetworkGraph,
    split: str,
    runs: bool = True,
    progress: Progress | None = None,
) -> Facts:
    """Put facts together, of what was measured already; see ``gather_facts``.

    Without ``runs`` the network is not run for what the part promotes.
    """
    task = checkpoint.task
    shares: tuple[LabelShare, ...] = ()
    promotes: tuple[Share, ...] = ()
    snippets: tuple[str, ...] = ()
    if task is not None and activity is not None:
        shares = label_shares(PartExamples(activity, *labels_of(task, split), split))
        promotes = promotes_of(checkpoint, part, activity, split, progress) if runs else ()
        snippets = snippets_of(task, activity, split)
    return Facts(
        part=name_of(part),
        kind=kind_of(part),
        task=checkpoint.task_name or "",
        data="inputs" if task is None else task.data_in_words,
        neurons=_size(part),
        shares=shares,
        needs=() if effect is None else needs_of(effect),
        reads=reads_of(graph, part),
        promotes=promotes,
        snippets=snippets,
        split=split,
        checkpoint_id=checkpoint.id,
        partition_id="" if isinstance(part, int) else part.partition.id,
    )


def usual_effect(
    checkpoint: Checkpoint, part: Part, split: str = SPLIT, progress: Progress | None = None
) -> Effect | None:
    """Ablate a part in the usual way of its task, or cut an interface; None of an output."""
    if isinstance(part, Interface):
        return cut_interface(checkpoint, part, split, progress)
    nodes = ablated_nodes(checkpoint, part)
    is_output = isinstance(part, int) and not len(nodes)
    if is_output:
        return None
    return ablate(checkpoint, nodes.tolist(), split=split, progress=progress)


def needs_of(effect: Effect) -> tuple[Need, ...]:
    """What every class loses, or every skill of a text, by falling loss of accuracy.

    Classes that no example has are left out. A text without skills has one, ``next token``.
    """
    if effect.classes:
        pairs = zip(effect.classes, effect.class_losses, strict=True)
        found = [
            Need(change.head, change.label or "", figure(change.lost), small_figure(loss.rise))
            for change, loss in pairs
            if not math.isnan(change.lost)
        ]
    else:
        rises = {loss.name: loss.rise for loss in effect.losses}
        found = [
            Need(
                "skill",
                change.head,
                figure(change.lost),
                small_figure(rises.get(change.head, rises.get("", 0.0))),
            )
            for change in effect.heads
        ]
    return tuple(sorted(found, key=lambda need: (-need.lost, -need.nats)))


def graph_for(checkpoint: Checkpoint, part: Part) -> NetworkGraph:
    """Return the graph that a part was found in; for a neuron, the usual one of its network.

    The usual graph is weighted by activity; where it takes long to run the network, by weights.
    """
    if isinstance(part, Module | Interface):
        return part.partition.graph
    if checkpoint.task is not None and not takes_long(checkpoint):
        return network_graph(checkpoint, "activity")
    usable = weightings_of(checkpoint.network)
    return network_graph(checkpoint, "path" if "path" in usable else "layer")


def _size(part: Part) -> int:
    if isinstance(part, Module):
        return len(hidden_nodes(part))
    return part.edge_count if isinstance(part, Interface) else 1
