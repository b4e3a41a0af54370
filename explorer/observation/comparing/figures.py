"""Figures of two networks beside each other."""

import numpy as np
import torch
from torch.nn import functional as F

from explorer.modularity.layered import layered_modularity
from explorer.modularity.null_models import Null
from explorer.modularity.partition import Partition
from explorer.modularity.quality import Quality, inside_mass
from explorer.network.checkpoint import Checkpoint
from explorer.network.tasks import Task, abilities, mean_losses
from explorer.observation.comparing.values import ComparedFigure
from explorer.observation.functional import functional_modularity
from explorer.observation.streaming import batches, few_examples, takes_long

SPLIT = "test"
_Figures = dict[str, tuple[str, float | None, Null | None]]


def compared_figures(
    first: Partition,
    second: Partition,
    qualities: tuple[Quality | None, Quality | None] = (None, None),
) -> tuple[ComparedFigure, ...]:
    """Put the figures of two networks beside each other.

    Parameters
    ----------
    first, second : Partition
    qualities : tuple of two Quality or None
        Where they are known, for the nulls.

    Returns
    -------
    tuple of ComparedFigure
    """
    sides = [_figures(p, q) for p, q in zip((first, second), qualities, strict=True)]
    names = list(dict.fromkeys(name for side in sides for name in side))
    found = []
    for name in names:
        one, two = (side.get(name) for side in sides)
        form = (one or two or ("number", None, None))[0]
        values = [None if side is None else side[1] for side in (one, two)]
        nulls = [None if side is None else side[2] for side in (one, two)]
        found.append(ComparedFigure(name, values[0], values[1], form, (nulls[0], nulls[1])))
    return tuple(found)


def _figures(partition: Partition, quality: Quality | None) -> _Figures:
    graph = partition.graph
    found: _Figures = {
        "nodes": ("count", graph.node_count, None),
        "edges": ("count", len(graph.edges[0]), None),
    }
    if graph.pruning is not None:
        found["weight on the edges that were kept"] = ("share", graph.pruning.mass, None)
    found["modules"] = ("count", partition.count, None)
    if partition.count:
        null = quality.layered_modularity.null("all") if quality else None
        found[f"Q_B by {graph.weighting}"] = (
            "number",
            layered_modularity(graph, partition.labels),
            null,
        )
        inside = quality.inside_mass.null("all") if quality else None
        found["weight inside modules"] = ("share", inside_mass(partition), inside)
        found["weights in interfaces"] = ("count", weights_in_interfaces(partition), None)
    return found | _abilities(partition)


def _abilities(partition: Partition) -> _Figures:
    """What it does on the test split of its task."""
    checkpoint = partition.graph.checkpoint
    if checkpoint is None or checkpoint.task is None:
        return {}
    task, network = checkpoint.task, checkpoint.network
    if takes_long(checkpoint, SPLIT):
        return _on_few(checkpoint, task)
    found: _Figures = {}
    for ability in abilities(task, network, SPLIT):
        found[f"right answers: {ability.name}"] = ("share", ability.share, None)
    losses = mean_losses(task, network, SPLIT)
    found["loss in nats"] = ("number", losses[""], None)
    found |= {f"loss: {name}": ("number", nats, None) for name, nats in losses.items() if name}
    if not partition.graph.is_large:
        functional = functional_modularity(partition, SPLIT)
        if functional is not None:
            found["functional modularity"] = ("number", functional, None)
    return found


@torch.no_grad()
def _on_few(checkpoint: Checkpoint, task: Task) -> _Figures:
    """Return what a large network does on some examples of somebody's own data."""
    examples = few_examples(checkpoint, SPLIT)
    slices = [slice(None)] if task.is_text else task.head_slices
    right: list[float] = []
    nats: list[float] = []
    for chosen, inputs in batches(checkpoint.network, examples.inputs):
        logits = checkpoint.network(inputs)
        targets = examples.targets[chosen]
        for at, outputs in enumerate(slices):
            wanted = targets.flatten() if task.is_text else targets[:, at]
            given = logits[..., outputs].flatten(0, -2)
            right += (given.argmax(dim=-1) == wanted).double().tolist()
            nats += F.cross_entropy(given.float(), wanted, reduction="none").double().tolist()
    what = f"on {len(examples)} examples"
    return {
        f"right answers, {what}": ("share", float(np.mean(right)), None),
        f"loss in nats, {what}": ("number", float(np.mean(nats)), None),
    }


def weights_in_interfaces(partition: Partition) -> int:
    """Count the weights between modules whose mass is above the mean mass of their layer.

    The same figure as on the curve of a live run.
    """
    graph = partition.graph
    u, v, mass, block_of = graph.edges
    sizes = [graph.layers[b.target].size * graph.layers[b.source].size for b in graph.blocks]
    mean = np.bincount(block_of, mass, len(sizes)) / np.maximum(sizes, 1)
    return int(((partition.labels[u] != partition.labels[v]) & (mass > mean[block_of])).sum())
