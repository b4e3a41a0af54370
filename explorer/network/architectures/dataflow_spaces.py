"""From labelled values to layers of nodes and the links between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.errors import ArchitectureError
from explorer.network.architectures.base import MAX_NODES, Layer
from explorer.network.architectures.dataflow_labels import (
    Ints,
    Labels,
    MixedError,
    label_values,
    read_axis,
)
from explorer.network.architectures.dataflow_steps import ACTIVATIONS, JOINS, WEIGHTS, Step

_MAX_MADE = 4 * MAX_NODES


@dataclass(frozen=True, eq=False)
class Link:
    """The edges that one weight step makes between two layers.

    Attributes
    ----------
    step : int
        Number of the step.
    source, target : int
        Layers of nodes.
    rows : array
        Of every row of the step's weights, its node in the target layer.
    columns : array
        Places along the axis that the step reads which belong to the source layer.
    nodes : array
        Of each of these, its node in the source layer.
    whole : bool
        Whether these are all places along the axis.
    """

    step: int
    source: int
    target: int
    rows: Ints
    columns: Ints
    nodes: Ints
    whole: bool


@dataclass(frozen=True, eq=False)
class Recorded:
    """Where the activations of a layer of nodes are read and edited.

    Attributes
    ----------
    value : int
        Number of the value.
    axis : int
        Along which its channels lie, without the axis of examples; -1 where every number of the
        value is a node.
    order : array or None
        For every node of the layer its place along the axis; None where they are in order.
    """

    value: int
    axis: int
    order: Ints | None


@dataclass(frozen=True, eq=False)
class Spaces:
    """Layers of nodes, where each is recorded, and the links between them."""

    layers: tuple[Layer, ...]
    recorded: tuple[Recorded, ...]
    links: tuple[Link, ...]


def find_spaces(steps: Sequence[Step], shapes: Sequence[tuple[int, ...]]) -> Spaces:
    """Find the layers of a network.

    Numbers that are read one by one are nodes each; otherwise the channels of the input are, which
    lie along its first axis or else along its last.

    Raises
    ------
    ArchitectureError
        If there are too many nodes, or none are joined by weights.
    """
    axes = len(shapes[0])
    for counted in (range(axes), (0,), (axes - 1,)):
        try:
            return _spaces(steps, shapes, label_values(steps, shapes, counted))
        except MixedError as problem:
            reason = problem
    raise reason


def _spaces(steps: Sequence[Step], shapes: Sequence[tuple[int, ...]], labels: Labels) -> Spaces:
    if labels.count > _MAX_MADE:
        raise ArchitectureError(
            f"found {labels.count:,} channels; at most {MAX_NODES:,} nodes can be opened"
        )
    node_of, layer_of, sizes, groups = _tie(labels)
    hides_input = groups[0] == [0] and sizes[0] == 1 and len(shapes[0]) > 1
    ends = labels.values[-1].reshape(-1)
    outputs = int(layer_of[ends[0]])
    is_output = (layer_of[ends] == outputs).all() and np.array_equal(
        node_of[ends], np.arange(sizes[outputs])
    )
    if not is_output:
        raise MixedError(
            "found outputs that are only some of the channels added up in them, or of several "
            "layers; expected one layer of outputs"
        )
    kept = [layer for layer in range(len(sizes)) if not (hides_input and layer == 0)]
    if sum(sizes[layer] for layer in kept) > MAX_NODES:
        raise ArchitectureError(f"found {sum(sizes):,} nodes; at most {MAX_NODES:,} can be opened")
    place = {layer: index for index, layer in enumerate(kept)}
    layers = _named(kept, sizes, groups, outputs, labels, steps, shapes[0])
    recorded = tuple(
        _recorded(layer, steps, shapes, labels, node_of, layer_of, sizes, layer == outputs)
        for layer in kept
    )
    links = []
    for number, step in enumerate(steps, start=1):
        if step.kind not in WEIGHTS:
            continue
        columns, rows = _ends(step, number, shapes, labels)
        found = layer_of[columns]
        for source in sorted(set(found.tolist()) & set(place)):
            at = np.flatnonzero(found == source)
            links.append(
                Link(
                    number,
                    place[source],
                    place[int(layer_of[rows[0]])],
                    node_of[rows],
                    at,
                    node_of[columns[at]],
                    len(at) == len(columns),
                )
            )
    if not links:
        raise ArchitectureError(
            "found no weights that lead from one layer of nodes to another; expected at least two "
            "layers with weights"
        )
    return Spaces(layers, recorded, tuple(links))


def _ends(
    step: Step, number: int, shapes: Sequence[tuple[int, ...]], labels: Labels
) -> tuple[Ints, Ints]:
    """Labels of what a weight step reads, along its axis, and of what it makes."""
    read = labels.values[step.inputs[0]]
    shape = shapes[step.inputs[0]]
    axis = read_axis(step, len(shape))
    columns = np.broadcast_to(read.reshape(-1), shape[axis])
    return columns, labels.values[number].reshape(-1)


def _tie(labels: Labels) -> tuple[Ints, Ints, list[int], list[list[int]]]:
    """Number nodes inside layers, and layers in the order in which they are first made.

    Returns node and layer of every channel, the size of every layer, and its groups of channels.
    """
    count, group_sizes = labels.count, [size for _, size in labels.groups]
    group_of = np.repeat(np.arange(len(group_sizes)), group_sizes)
    none = np.empty(0, dtype=np.int64)
    one, other = (np.concatenate([none, *(tie[end] for tie in labels.ties)]) for end in (0, 1))
    class_of = _components(count, one, other)
    layer_of_group = _components(len(group_sizes), group_of[one], group_of[other])
    layer_of = layer_of_group[group_of]
    node_of = np.empty(count, dtype=np.int64)
    sizes, groups = [], []
    for layer in range(int(layer_of_group.max()) + 1):
        channels = np.flatnonzero(layer_of == layer)
        _, first, inside = np.unique(class_of[channels], return_index=True, return_inverse=True)
        rank = np.argsort(np.argsort(first))
        node_of[channels] = rank[inside.reshape(-1)]
        sizes.append(len(first))
        groups.append(np.flatnonzero(layer_of_group == layer).tolist())
    return node_of, layer_of, sizes, groups


def _components(count: int, one: Ints, other: Ints) -> Ints:
    """Number what hangs together, in the order of the first member."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    matrix = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(count, count))
    found = connected_components(matrix, directed=False)[1]
    _, first, inside = np.unique(found, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inside.reshape(-1)].astype(np.int64)


def _named(
    kept: Sequence[int],
    sizes: Sequence[int],
    groups: Sequence[Sequence[int]],
    outputs: int,
    labels: Labels,
    steps: Sequence[Step],
    input_shape: tuple[int, ...],
) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    for layer in kept:
        maker = labels.groups[groups[layer][-1]][0]
        if layer == outputs:
            name, role = "outputs", "output"
        elif groups[layer] == [0]:
            name, role = ("input pictures" if len(input_shape) > 2 else "inputs"), "input"
            name = "inputs" if labels.values[0].size > input_shape[0] else name
        else:
            noun = "channels" if steps[maker - 1].kind == "convolution" else "hidden"
            number = 1 + sum(one.role == "hidden" for one in layers)
            name, role = f"{noun} {number}", "hidden"
        layers.append(Layer(name, role, sizes[layer]))
    return tuple(layers)


def _recorded(
    layer: int,
    steps: Sequence[Step],
    shapes: Sequence[tuple[int, ...]],
    labels: Labels,
    node_of: Ints,
    layer_of: Ints,
    sizes: Sequence[int],
    is_output: bool,
) -> Recorded:
    """Find the last value, behind weights, an addition or an activation, that holds all nodes."""
    last = len(steps)
    for value in [last] if is_output else range(last, -1, -1):
        settles = (
            value == 0 or is_output or steps[value - 1].kind in (*ACTIVATIONS, *JOINS, *WEIGHTS)
        )
        own = labels.values[value]
        if not settles or own.size != sizes[layer] or (layer_of[own] != layer).any():
            continue
        nodes = node_of[own.reshape(-1)]
        order = np.argsort(nodes)
        if not np.array_equal(nodes[order], np.arange(sizes[layer])):
            continue
        long = [axis for axis, n in enumerate(own.shape) if n > 1]
        if len(long) > 1 and own.shape != shapes[value]:
            continue
        if not long and 1 not in shapes[value]:
            continue
        axis = -1 if len(long) > 1 else long[0] if long else shapes[value].index(1)
        return Recorded(
            value, axis, None if np.array_equal(order, np.arange(len(order))) else order
        )
    raise MixedError(
        f"found {sizes[layer]} channels that are added up in part only, and nowhere stand side by "
        f"side; expected layers that are added up whole"
    )
