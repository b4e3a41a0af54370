"""Graphs of networks with planted modules: the truth to judge methods by.

Masses are half-normal, as the absolute weights of an initialised network are, times an affinity:
1 inside a module, less between modules. Neurons of a layer stand in random order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from explorer.errors import GraphError
from explorer.network.architectures import Layer
from explorer.network.graph import EdgeBlock, Floats, Ints, NetworkGraph


@dataclass(frozen=True)
class PlantedGraph:
    """A graph and the modules that it was made of.

    Attributes
    ----------
    graph : NetworkGraph
    labels : array of int, shape (nodes,)
        True module of every node; -1 for a dead neuron.
    coarse_labels : array of int, shape (nodes,), or None
        True module of modules of every node, where there are two levels.
    """

    graph: NetworkGraph
    labels: Ints = field(repr=False)
    coarse_labels: Ints | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.labels.setflags(write=False)
        if self.coarse_labels is not None:
            self.coarse_labels.setflags(write=False)


def planted_flat(
    count: int = 4, size: int = 8, layers: int = 4, ratio: float = 10.0, seed: int = 0
) -> PlantedGraph:
    """Plant modules of equal size.

    Parameters
    ----------
    count : int
        Number of modules.
    size : int
        Neurons of a module in each layer.
    layers : int
        Number of layers, inputs and outputs included.
    ratio : float
        Mean mass of an edge inside a module over that of an edge between two, at least 1.
    seed : int

    Returns
    -------
    PlantedGraph

    Raises
    ------
    GraphError
        If a parameter is out of range.

    Examples
    --------
    >>> planted = planted_flat(count=2, size=3, layers=3)
    >>> [layer.size for layer in planted.graph.layers], sorted(planted.labels[:6].tolist())
    ([6, 6, 6], [0, 0, 0, 1, 1, 1])
    >>> from explorer import find_modules
    >>> found = find_modules(planted.graph, k=2).labels
    >>> bool(((found == found[0]) == (planted.labels == planted.labels[0])).all())
    True
    """
    _check(count=count, size=size, layers=layers)
    return _planted([[size] * count] * layers, _affinity(count, _inverse(ratio)), seed)


def planted_nested(
    coarse: int = 2,
    fine: int = 2,
    size: int = 8,
    layers: int = 4,
    ratio: float = 4.0,
    seed: int = 0,
) -> PlantedGraph:
    """Plant modules of modules.

    Parameters
    ----------
    coarse : int
        Number of coarse modules.
    fine : int
        Number of fine modules in each.
    size, layers, seed
        As for ``planted_flat``; ``size`` is that of a fine module.
    ratio : float
        From one level to the next, the mean mass of an edge falls by this factor: inside a fine
        module, between two of one coarse module, between coarse modules.

    Returns
    -------
    PlantedGraph
        With ``coarse_labels``.

    Raises
    ------
    GraphError
        If a parameter is out of range.

    Examples
    --------
    >>> planted = planted_nested(coarse=2, fine=3, size=4)
    >>> int(planted.labels.max()) + 1, int(planted.coarse_labels.max()) + 1
    (6, 2)
    """
    _check(coarse=coarse, fine=fine, size=size, layers=layers)
    step = _inverse(ratio)
    inner = np.kron(_affinity(coarse, 0.0), np.ones((fine, fine)))
    affinity = np.where(inner > 0, step, step**2)
    np.fill_diagonal(affinity, 1.0)
    made = _planted([[size] * (coarse * fine)] * layers, affinity, seed)
    return PlantedGraph(made.graph, made.labels, made.labels // fine)


def planted_layered(
    widths: Sequence[int] = (24, 48, 36, 24, 12),
    shares: Sequence[float] = (0.5, 0.3, 0.2),
    ratio: float = 10.0,
    seed: int = 0,
) -> PlantedGraph:
    """Plant modules of unequal size in layers of unequal width, as in a network with hidden layers.

    Parameters
    ----------
    widths : sequence of int
        Neurons of each layer, from inputs to outputs.
    shares : sequence of float
        Of each module, in the neurons of every layer; each has at least one neuron in each layer.
    ratio, seed
        As for ``planted_flat``.

    Returns
    -------
    PlantedGraph

    Raises
    ------
    GraphError
        If a parameter is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> planted = planted_layered(widths=(10, 20, 10), shares=(0.6, 0.4))
    >>> np.bincount(planted.labels).tolist()
    [24, 16]
    """
    if not len(shares) or not min(shares) > 0 or not np.isclose(sum(shares), 1.0):
        raise GraphError(
            f"found shares {tuple(shares)!r:.60}; expected positive ones that sum to 1"
        )
    if len(widths) < 2 or min(widths) < len(shares):
        raise GraphError(
            f"found widths {tuple(widths)!r:.60} for {len(shares)} modules; expected two layers or "
            f"more, with a neuron for each module"
        )
    ends = np.concatenate([[0.0], np.cumsum(shares)])
    sizes = []
    for width in widths:
        spare = width - len(shares)  # one neuron each is given away first
        sizes.append((1 + np.diff(np.rint(ends * spare).astype(int))).tolist())
    return _planted(sizes, _affinity(len(shares), _inverse(ratio)), seed)


def planted_noisy(
    count: int = 4,
    size: int = 8,
    layers: int = 4,
    noise: float = 0.2,
    density: float = 0.5,
    dead: float = 0.1,
    seed: int = 0,
) -> PlantedGraph:
    """Plant sparse modules under dense background noise, and let some neurons be dead.

    Parameters
    ----------
    count, size, layers, seed
        As for ``planted_flat``.
    noise : float
        Mean mass of the background at every edge, inside modules or not, over the mean mass of
        the module's own edges that are present; at least 0.
    density : float
        Share of the edges inside a module that are present, above 0 and at most 1.
    dead : float
        Share of hidden neurons without any edge, from 0 to below 1.

    Returns
    -------
    PlantedGraph
        Its labels are -1 at dead neurons.

    Raises
    ------
    GraphError
        If a parameter is out of range.

    Examples
    --------
    >>> planted = planted_noisy(count=2, size=10, layers=3, dead=0.1)
    >>> int((planted.labels == -1).sum()), int((planted.graph.degrees == 0).sum())
    (2, 2)
    """
    _check(count=count, size=size, layers=layers)
    if not (noise >= 0 and np.isfinite(noise) and 0 < density <= 1 and 0 <= dead < 1):
        raise GraphError(
            f"found noise {noise!r:.20}, density {density!r:.20}, dead {dead!r:.20}; expected "
            f"noise >= 0, 0 < density <= 1, 0 <= dead < 1"
        )
    return _planted(
        [[size] * count] * layers,
        _affinity(count, 0.0),
        seed,
        noise=noise,
        density=density,
        dead=dead,
    )


def _planted(
    sizes: Sequence[Sequence[int]],
    affinity: Floats,
    seed: int,
    noise: float = 0.0,
    density: float = 1.0,
    dead: float = 0.0,
) -> PlantedGraph:
    """Draw masses; ``sizes`` holds, for every layer, the neurons of each module."""
    rng = np.random.default_rng(seed)
    truth = [rng.permutation(np.repeat(np.arange(len(layer)), layer)) for layer in sizes]
    alive = [np.ones(len(labels), dtype=bool) for labels in truth]
    for hidden in alive[1:-1]:
        hidden[rng.permutation(len(hidden))[: round(dead * len(hidden))]] = False
    masses = []
    for at, (a, b) in enumerate(pairwise(truth)):
        shape = (len(b), len(a))
        mass = np.abs(rng.normal(size=shape)) * affinity[np.ix_(b, a)]
        if density < 1:
            mass *= rng.random(shape) < density
        if noise > 0:
            mass += noise * np.abs(rng.normal(size=shape))
        mass *= alive[at + 1][:, None] & alive[at][None, :]
        masses.append(mass / (mass.sum() or 1.0))
    labels = np.where(np.concatenate(alive), np.concatenate(truth), -1)
    graph = _graph(masses)
    # A neuron all of whose edges fell to chance belongs nowhere either.
    return PlantedGraph(graph, np.where(graph.degrees > 0, labels, -1).astype(np.int64))


def _graph(masses: Sequence[Floats]) -> NetworkGraph:
    sizes = [masses[0].shape[1], *(len(mass) for mass in masses)]
    last = len(sizes) - 1
    layers = tuple(
        Layer("inputs", "input", size)
        if at == 0
        else Layer("outputs", "output", size)
        if at == last
        else Layer(f"hidden {at}", "hidden", size)
        for at, size in enumerate(sizes)
    )
    names = tuple(
        f"neuron {at}.{index + 1}" for at, size in enumerate(sizes) for index in range(size)
    )
    blocks = tuple(EdgeBlock(at, at + 1, mass) for at, mass in enumerate(masses))
    return NetworkGraph(layers, blocks, names, "planted")


def _affinity(count: int, between: float) -> Floats:
    affinity = np.full((count, count), between)
    np.fill_diagonal(affinity, 1.0)
    return affinity


def _inverse(ratio: float) -> float:
    if not ratio >= 1:
        raise GraphError(f"found ratio {ratio!r:.40}; expected 1 or more")
    return 1.0 / ratio


def _check(**numbers: int) -> None:
    for name, number in numbers.items():
        least = 2 if name == "layers" else 1
        if number < least:
            raise GraphError(f"found {name} {number!r:.40}; expected {least} or more")
