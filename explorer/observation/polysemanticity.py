"""Polysemanticity: how many unrelated features one neuron or module stands for.

The figure is an effective number, as ecologists count species. Each label of the data (a class of a
head, a token) takes a share of the part's *excess* activity: what it does beyond its average where
the label holds. Labels that the rest of the network hardly tells apart count as one. With shares
p and similarities Z between labels, the effective number of order 2 is

    D = 1 / sum_ij p_i Z_ij p_j

1 for a part with one feature; n for one that answers n unrelated labels alike; near 1 again where
these labels look the same to the other neurons (one feature that several labels share). With Z the
identity D is the participation ratio of the shares.

References
----------
Leinster and Cobbold (2012), Measuring diversity: the importance of species similarity, Ecology 93:
the effective number of order q with similarities. Olah et al. (2020), Zoom in: an introduction to
circuits, Distill: polysemantic neurons. Elhage et al. (2022), Toy models of superposition: why they
arise. Morcos et al. (2018), On the importance of single directions, arXiv:1803.06959: class
selectivity, of which this is the kin for several classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.partition import Interface, Module
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import Bools, Floats, Ints
from explorer.network.tasks import Task
from explorer.observation.activations import SPLIT, Recording, hidden_nodes, task_of
from explorer.observation.activations import record_activations as record
from explorer.observation.part_examples import labels_of
from explorer.observation.parts import checked_part, place_of
from explorer.observation.polysemanticity_figures import (
    effective_number,
    excess_shares,
    label_profiles,
    label_similarity,
)

_DIRECTIONS = 200
_GROUPS = 50
_SHOWN = 8


@dataclass(frozen=True)
class Polysemanticity:
    """How many unrelated features a part stands for, beside chance.

    Attributes
    ----------
    features : float or None
        Effective number of unrelated labels, 1 or more; None where no label goes with it for sure.
    labels : tuple of (str, str, float)
        Head, label and share of the excess activity, the largest first, at most eight.
    null : tuple of float
        The same figure of what a neuron or module could as well be, in rising order: random
        directions in the neuron's layer, or random groups of as many neurons of each layer.
    split : str
    checkpoint_id : str
    partition_id : str
        Empty for a neuron.
    """

    features: float | None
    labels: tuple[tuple[str, str, float], ...]
    null: tuple[float, ...]
    split: str
    checkpoint_id: str
    partition_id: str = ""

    @property
    def null_mean(self) -> float:
        """Mean of the null; NaN where it has no figure at all."""
        return float(np.mean(self.null)) if self.null else float("nan")

    @property
    def below(self) -> float:
        """Share of the null that lies at or below the figure."""
        if self.features is None or not self.null:
            return float("nan")
        return float(np.mean(np.array(self.null) <= self.features))


def polysemanticity(
    checkpoint: Checkpoint, part: Module | int, split: str = SPLIT, seed: int = 0
) -> Polysemanticity:
    """Count the unrelated features of a module or of a hidden neuron.

    Parameters
    ----------
    checkpoint : Checkpoint
    part : Module or int
        A module, or the node of a neuron.
    split : str
    seed : int
        Of the random directions or groups.

    Raises
    ------
    TaskError
        If the checkpoint has no task, so that there are no labels.
    PartitionError
        If the part is none of the network's, an interface, or a module of more than 10,000 nodes.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> checkpoint = load("pair-modular")
    >>> partition = find_modules(network_graph(checkpoint), k=2)
    >>> found = polysemanticity(checkpoint, partition.module("A"))
    >>> {head for head, _, share in found.labels if share > 0.05}
    {'right'}
    """
    whose = checked_part(checkpoint, part)
    if isinstance(whose, Interface):
        raise PartitionError(
            f"found the interface {whose.name}; expected a module or the node of a neuron"
        )
    recording = record(checkpoint, split)
    labels, has = feature_labels(task_of(checkpoint), split)
    rng = np.random.default_rng(seed)
    if isinstance(whose, Module):
        if whose.partition.graph.is_large:
            raise PartitionError(
                f"found a module of a network of {whose.partition.graph.node_count:,} nodes; "
                f"expected a neuron, or a network of at most 10,000 nodes: features of a module "
                f"are told apart by all of them"
            )
        own = hidden_nodes(whose)
        groups = [own, *_random_groups(whose, own, rng)]
        activity = np.stack([_summed(recording, group) for group in groups], axis=1)
        shares = excess_shares(activity, has)
        profiles = label_profiles(recording.values[:, :], has)
        figures = [_figure(shares[:, at], profiles, group) for at, group in enumerate(groups)]
        features, null = figures[0], [figure for figure in figures[1:] if figure is not None]
        of_labels = shares[:, 0]
    else:
        layer, at = place_of(checkpoint, whose)
        size = checkpoint.network.neuron_layers[layer].size
        values = recording.values[:, whose - at : whose - at + size]
        of_labels = excess_shares(values[:, at], has)
        features = _figure(of_labels, label_profiles(values, has), np.array([at]))
        null = random_directions(values, has, rng)
    order = np.argsort(-of_labels, kind="stable")[:_SHOWN]
    return Polysemanticity(
        features=features,
        labels=tuple(
            (*labels[at], float(of_labels[at])) for at in order.tolist() if of_labels[at] > 0
        ),
        null=tuple(sorted(null)),
        split=split,
        checkpoint_id=checkpoint.id,
        partition_id=whose.partition_id if isinstance(whose, Module) else "",
    )


def neuron_features(checkpoint: Checkpoint, split: str = SPLIT) -> Floats:
    """Effective number of unrelated features of every hidden neuron.

    Returns
    -------
    array, shape (hidden neurons,)
        Layer after layer; NaN where no label goes with a neuron for sure.
    """
    recording = record(checkpoint, split)
    _, has = feature_labels(task_of(checkpoint), split)
    found, start = [], 0
    for layer in checkpoint.network.neuron_layers:
        if layer.role == "hidden":
            values = recording.values[:, start : start + layer.size]
            shares, profiles = excess_shares(values, has), label_profiles(values, has)
            figures = [_figure(shares[:, at], profiles, np.array([at])) for at in range(layer.size)]
            found += [np.nan if figure is None else figure for figure in figures]
        start += layer.size
    return np.array(found)


def random_directions(
    values: Floats, has: Bools, rng: np.random.Generator, count: int = _DIRECTIONS
) -> list[float]:
    """Effective numbers of random directions among a layer's neurons, each of spread 1.

    If neurons are no more than directions like any other, they have as many features as these.
    """
    spread = values.std(axis=0)
    scaled = values[:, spread > 0] / spread[spread > 0]
    shares = excess_shares(scaled @ rng.normal(size=(scaled.shape[1], count)), has)
    profiles = label_profiles(values, has)
    figures = [_figure(shares[:, at], profiles, np.array([], dtype=int)) for at in range(count)]
    return [figure for figure in figures if figure is not None]


def feature_labels(task: Task, split: str = SPLIT) -> tuple[tuple[tuple[str, str], ...], Bools]:
    """What features are told by: classes of the heads, or the tokens that are read.

    Returns
    -------
    tuple of (str, str)
        Head and label of every column.
    array of bool, shape (rows, labels)
        Rows as in ``record_activations``.
    """
    labels, has = labels_of(task, split)
    kept = [at for at, (head, _) in enumerate(labels) if not task.is_text or head == "token"]
    return tuple(labels[at] for at in kept), has[:, kept]


def _figure(shares: Floats, profiles: Floats, own: Ints) -> float | None:
    """Effective number of labels, their similarity seen by all neurons but its own."""
    at = np.flatnonzero(shares)
    if not len(at):
        return None
    seen = np.delete(profiles[at], own, axis=1)
    return effective_number(shares[at], label_similarity(seen))


def _summed(recording: Recording, nodes: Ints) -> Floats:
    return recording.weighed(nodes)


def _random_groups(module: Module, own: Ints, rng: np.random.Generator) -> list[Ints]:
    """Groups of as many hidden neurons of each layer, drawn at random."""
    graph = module.partition.graph
    layers = graph.layer_of
    wanted: Sequence[tuple[Ints, int]] = [
        (np.flatnonzero(layers == layer), int((layers[own] == layer).sum()))
        for layer in np.unique(layers[own])
    ]
    return [
        np.concatenate([rng.choice(nodes, count, replace=False) for nodes, count in wanted])
        for _ in range(_GROUPS if len(own) else 0)
    ]
