"""Keep the strongest edges of a network, a block at a time.

A large network has more edges than anybody can look at, nearly all of them weak. What is kept is
decided neuron by neuron, so that no layer is lost for being weaker than another; where the figures
must not depend on it, ``explorer.modularity.sensitivity`` says how much they do.

References
----------
The share of the mass as a measure of what to keep follows the cumulative influence of
circuit-tracer (github.com/safety-research/circuit-tracer), which keeps .98 of it for edges.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.errors import GraphError
from explorer.network.architectures import Network
from explorer.network.edge_block import Bools, EdgeBlock, Floats, Ints, sparse_block

MAX_EDGES = 2_000_000  # of a network whose edges are all kept unless something else is asked for
DEFAULT_KEEP = 32
_AT_ONCE = 2**16  # numbers: what stays in the cache is looked through much faster


@dataclass(frozen=True)
class Pruning:
    """Which edges of a network a graph leaves out.

    Attributes
    ----------
    keep : int or float
        An int k: every neuron keeps its k strongest edges, in and out together (a head, which
        stands for as many neurons as its size, k times as many), and an edge stays if one of its
        ends keeps it; residual dimensions and inputs keep none by themselves, except of a block
        between two such layers, where the target's keep. A float: of every block the strongest
        edges stay, until they hold this share of its mass.
    edges : int
        Edges of positive mass that were kept.
    all_edges : int
        Edges of positive mass before.
    mass : float
        Share of the mass that was kept, averaged over blocks. The masses of a pruned block add up
        to 1 again.
    """

    keep: int | float
    edges: int
    all_edges: int
    mass: float


def resolved_keep(network: Network, keep: int | float | None) -> int | float | None:
    """Return what to keep of a network, or None for everything.

    Raises
    ------
    GraphError
        If ``keep`` is no whole number from 1 and no share above 0 and up to 1.
    """
    if keep is None:
        sizes = [layer.size for layer in network.neuron_layers]
        places = sum(sizes[source] * sizes[target] for source, target in network.links)
        return DEFAULT_KEEP if places > MAX_EDGES else None
    number = isinstance(keep, (int, float, np.integer, np.floating)) and not isinstance(keep, bool)
    if number and isinstance(keep, (int, np.integer)) and keep >= 1:
        return int(keep)
    if number and isinstance(keep, (float, np.floating)) and 0 < keep <= 1:
        return float(keep)
    raise GraphError(
        f"found keep = {keep!r:.40}; expected a whole number of edges a neuron, or a share of the "
        f"mass such as 0.98"
    )


def pruned_blocks(
    network: Network,
    masses: Callable[[int], Floats],
    keep: int | float,
    progress: Callable[[float], None] | None = None,
) -> tuple[tuple[EdgeBlock, ...], Pruning | None]:
    """Make the blocks of a pruned graph; of the dense masses, one block at a time is in memory.

    Edges of equal mass are kept in the order of blocks, and then of the neurons at their other
    end.

    Parameters
    ----------
    network : Network
    masses : callable
        Returns the dense masses of a link by its place in ``network.links``; called once each.
    keep : int or float
        See ``Pruning``.
    progress : callable, optional
        Called with the share that is done; what it raises stops the work.

    Returns
    -------
    blocks : tuple of EdgeBlock
        Sparse; the masses of each add up to 1.
    pruning : Pruning or None
        None if every edge was kept.
    """
    layers, links = network.neuron_layers, network.links
    sizes = [layer.size for layer in layers]
    keeps_own = [layer.role not in ("residual", "input") for layer in layers]
    chosen: list[list[_Candidates]] = [[] for _ in layers]  # by layer, of its neurons
    whole: list[_Edges] = []  # by block, what a share keeps
    totals, counts = [], []
    for place, (source, target) in enumerate(links):
        mass = masses(place)
        totals.append(float(mass.sum()))
        counts.append(int(np.count_nonzero(mass)))
        if isinstance(keep, float):
            whole.append(_strongest_share(mass, keep))
        else:
            if keeps_own[target] or not keeps_own[source]:
                most = keep * network.neurons_behind(target)
                chosen[target].append(_candidates(place, True, mass, most))
            if keeps_own[source]:
                most = keep * network.neurons_behind(source)
                chosen[source].append(_candidates(place, False, mass.T, most))
        if progress is not None:
            progress((place + 1) / len(links))
    if not isinstance(keep, float):
        whole = _union(
            chosen, [keep * network.neurons_behind(i) for i in range(len(layers))], links, sizes
        )
    blocks, kept = [], []
    for (source, target), (at, values), total in zip(links, whole, totals, strict=True):
        rows, columns = np.divmod(at, sizes[source])
        share = float(values.sum())
        shape = (sizes[target], sizes[source])
        blocks.append(sparse_block(source, target, shape, rows, columns, values / (share or 1.0)))
        if total > 0:
            kept.append(share / total)
    edges = sum(block.count for block in blocks)
    if edges == sum(counts):
        return tuple(blocks), None
    return tuple(blocks), Pruning(keep, edges, sum(counts), float(np.mean(kept)))


# Places in the flattened block, in order, and the masses there.
_Edges = tuple[Ints, Floats]


@dataclass(frozen=True)
class _Candidates:
    """Of every neuron of a layer, its strongest edges in one block, by its other end."""

    block: int
    neurons_are_targets: bool
    others: Ints
    mass: Floats


def _candidates(block: int, targets: bool, mass: Floats, most: int) -> _Candidates:
    mask = strongest(mass, most)
    # Places in one row of all are found several times as fast as those in a matrix.
    others = (np.flatnonzero(mask) % mask.shape[1]).reshape(len(mass), -1)
    return _Candidates(block, targets, others, np.take_along_axis(mass, others, axis=1))


def _union(
    chosen: list[list[_Candidates]],
    most: list[int],
    links: tuple[tuple[int, int], ...],
    sizes: list[int],
) -> list[_Edges]:
    """Of each layer's candidates, the strongest over all blocks; of these, the union."""
    found: list[list[_Edges]] = [[] for _ in links]
    for own, count in zip(chosen, most, strict=True):
        if not own:
            continue
        mask = strongest(np.concatenate([one.mass for one in own], axis=1), count)
        ends = np.cumsum([one.mass.shape[1] for one in own])[:-1]
        for one, mine in zip(own, np.split(mask, ends, axis=1), strict=True):
            neurons, at = np.nonzero(mine & (one.mass > 0))
            others, width = one.others[neurons, at], sizes[links[one.block][0]]
            rows, columns = (neurons, others) if one.neurons_are_targets else (others, neurons)
            found[one.block].append((rows * width + columns, one.mass[neurons, at]))
    joint = []
    for parts in found:
        at = np.concatenate([np.empty(0, dtype=np.int64), *(part[0] for part in parts)])
        mass = np.concatenate([np.empty(0), *(part[1] for part in parts)])
        at, first = np.unique(at, return_index=True)
        joint.append((at, mass[first]))
    return joint


def strongest(values: Floats, most: int) -> Bools:
    """Mark the largest numbers of every row; of equal ones, those on the left.

    Examples
    --------
    >>> strongest(np.array([[1.0, 3.0, 1.0, 2.0], [0.0, 0.0, 0.0, 0.0]]), 3).astype(int).tolist()
    [[1, 1, 0, 1], [1, 1, 1, 0]]
    """
    width = values.shape[1]
    if most >= width:
        return np.ones(values.shape, dtype=bool)
    mask = np.empty(values.shape, dtype=bool)
    step = max(_AT_ONCE // width, 1)
    for at in range(0, len(values), step):
        mask[at : at + step] = _strongest(np.ascontiguousarray(values[at : at + step]), most)
    return mask


def _strongest(values: Floats, most: int) -> Bools:
    width = values.shape[1]
    least = np.partition(values, width - most, axis=1)[:, width - most, None]
    mask = values >= least
    if np.count_nonzero(mask) == most * len(values):  # nothing is tied with the least
        return np.asarray(mask)
    mask = values > least
    # A row has room for as many more as it has numbers larger than the least one too few.
    room = most - mask.sum(axis=1)
    equal = values == least
    tied = np.flatnonzero(equal.sum(axis=1) > room)
    equal[tied] &= np.cumsum(equal[tied], axis=1) <= room[tied, None]
    return np.asarray(mask | equal)


def _strongest_share(mass: Floats, share: float) -> _Edges:
    flat = np.ascontiguousarray(mass).reshape(-1)
    order = np.argsort(-flat, kind="stable")
    held = np.cumsum(flat[order])
    count = int(np.searchsorted(held, share * held[-1] * (1 - 1e-12))) + 1 if len(held) else 0
    at = np.sort(order[:count])
    at = at[flat[at] > 0]
    return at, flat[at]
