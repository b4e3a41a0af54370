"""What scores come to in a random partition and in the untrained network, described the same way.

A network that never learned anything can be described as well: its random neurons are more active
on some classes than on others too (Heap et al. 2025, Sparse autoencoders can interpret randomly
initialized transformers, arXiv 2501.17727). How much a score says is therefore its distance to
these, not its value.
"""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from explorer.description.measured import measured_description
from explorer.modularity.partition import Interface, Module, Partition, make_partition
from explorer.network.architectures import build
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Ints, network_graph
from explorer.observation.gather_facts import gather_facts
from explorer.observation.parts import Part
from explorer.observation.streaming import takes_long
from explorer.scoring.rule_scores import RULE_SCORES, figures
from explorer.scoring.scores import Null
from explorer.scoring.truth import truth_of

RANDOM, UNTRAINED = "random partition", "untrained network"
_MOST_INTERFACES = 4
_MOST_MODULES = 12
_OF_TEXT = 2  # parts of a network that reads text take seconds each
_KEPT = 32

_Values = Mapping[str, tuple[float, ...]]
_Key = tuple[str, str, str, str]
_cache: "OrderedDict[_Key, _Values]" = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class NullPart:
    """A part of a network in which there is nothing to find."""

    null: str
    checkpoint: Checkpoint
    part: Part


def nulls_of(checkpoint: Checkpoint, part: Part) -> Mapping[str, tuple[Null, ...]]:
    """What every rule-based score comes to where there is nothing to be right about.

    Modules of a random partition with as many neurons of each layer, and those of the network
    before training, partitioned the same, are described by the measured template and scored as any
    other, on the same split. The first call for a partition computes them all; the parts of a
    partition share them. Of a network that takes long to run on somebody's own data there is no
    untrained one, and what its parts are needed for is not measured.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module, Interface or int
        Of an interface, those of the null partitions are scored. Of a neuron, the same neuron of
        the untrained network alone.

    Returns
    -------
    mapping of str to tuple of Null
        For each score.
    """
    for _ in null_steps(checkpoint, part):
        pass
    found = {null: _kept(_key(checkpoint, part, null)) for null in _names(checkpoint, part)}
    return {
        name: tuple(mean_null(null, (values or {}).get(name, ())) for null, values in found.items())
        for name in RULE_SCORES
    }


def null_steps(checkpoint: Checkpoint, part: Part) -> Iterator[float]:
    """Compute the nulls of a partition piece by piece; see ``nulls_of``.

    Yields
    ------
    float
        Share that is done.
    """
    missing = [n for n in _names(checkpoint, part) if _kept(_key(checkpoint, part, n)) is None]
    if not missing:
        return
    parts = [piece for null in missing for piece in null_parts(checkpoint, part, null)]
    values: dict[str, dict[str, list[float]]] = {
        null: {name: [] for name in RULE_SCORES} for null in missing
    }
    for done, piece in enumerate(parts, start=1):
        for name, value in null_figures(piece).items():
            values[piece.null][name].append(value)
        yield done / len(parts)
    for null in missing:
        _keep(_key(checkpoint, part, null), {name: tuple(v) for name, v in values[null].items()})


def null_parts(checkpoint: Checkpoint, part: Part, null: str) -> tuple[NullPart, ...]:
    """Return the parts that stand for chance; see ``nulls_of``."""
    if isinstance(part, int):
        return (NullPart(null, untrained(checkpoint), part),)
    partition = part.partition
    if null == RANDOM:
        made = make_partition(partition.graph, shuffled_labels(partition))
        return tuple(NullPart(null, checkpoint, one) for one in _parts(made, part))
    before = untrained(checkpoint)
    # Neurons that lost all their weight in training belong nowhere: they are left out again.
    gone = set(np.flatnonzero(partition.labels < 0).tolist())
    graph = network_graph(before, partition.graph.weighting)
    made = make_partition(graph, partition.labels)
    outside = {module.index for module in made.modules if gone & set(module.nodes)}
    return tuple(
        NullPart(null, before, one)
        for one in _parts(made, part)
        if not outside & ({one.index} if isinstance(one, Module) else {one.first, one.second})
    )


def null_figures(piece: NullPart, text: str | None = None) -> Mapping[str, float]:
    """Describe a part by the measured template, unless there is a text, and score it."""
    facts = gather_facts(piece.checkpoint, piece.part)
    truth = truth_of(piece.checkpoint, piece.part, facts)
    return figures(measured_description(facts).text if text is None else text, truth)


def untrained(checkpoint: Checkpoint) -> Checkpoint:
    """Return the network as it was before training: the weights that its seed draws.

    Where the seed is not recorded, those of seed 0.
    """
    network = build(checkpoint.network.describe())
    seed = checkpoint.config.get("seed", 0)
    network.initialise(torch.Generator().manual_seed(seed if isinstance(seed, int) else 0))
    return Checkpoint(f"{checkpoint.name}, untrained", network, checkpoint.task_name)


def shuffled_labels(partition: Partition, seed: int = 0) -> Ints:
    """Deal the nodes of every layer to the modules at random, as many to each as it has."""
    labels, rng = partition.labels.copy(), np.random.default_rng(seed)
    offsets = partition.graph.offsets
    for layer in range(len(partition.graph.layers)):
        nodes = np.arange(offsets[layer], offsets[layer + 1])
        nodes = nodes[labels[nodes] >= 0]
        labels[nodes] = rng.permutation(labels[nodes])
    return labels


def mean_null(name: str, values: tuple[float, ...] | list[float]) -> Null:
    """Average the values that can be told."""
    known = [value for value in values if math.isfinite(value)]
    return Null(name, sum(known) / len(known) if known else float("nan"), len(known))


def _names(checkpoint: Checkpoint, part: Part) -> tuple[str, ...]:
    """Nulls of a part; the untrained network is left out where a run takes long."""
    untrained_too = () if takes_long(checkpoint) else (UNTRAINED,)
    return untrained_too if isinstance(part, int) else (RANDOM, *untrained_too)


def _parts(partition: Partition, like: Part) -> tuple[Module | Interface, ...]:
    checkpoint = partition.graph.checkpoint
    slow = checkpoint is not None and checkpoint.task is not None and checkpoint.task.is_text
    if isinstance(like, Interface):
        return partition.interfaces[: _OF_TEXT if slow else _MOST_INTERFACES]
    return partition.modules[: _OF_TEXT if slow else _MOST_MODULES]


def _key(checkpoint: Checkpoint, part: Part, null: str) -> _Key:
    if isinstance(part, int):
        return checkpoint.id, "", str(part), null
    return checkpoint.id, part.partition_id, type(part).__name__, null


def _kept(key: _Key) -> _Values | None:
    with _lock:
        return _cache.get(key)


def _keep(key: _Key, values: _Values) -> None:
    with _lock:
        _cache[key] = values
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
