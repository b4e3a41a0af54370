"""Null models: the same network with its weights shuffled, to tell structure from chance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from explorer.errors import GraphError
from explorer.modularity.shuffling_kernels import shuffle
from explorer.network.architectures import Network
from explorer.network.checkpoint import Checkpoint
from explorer.network.edge_block import EdgeBlock, Floats, sparse_block
from explorer.network.graph import NetworkGraph, network_graph
from explorer.network.pruning import pruned_blocks
from explorer.network.threads import single_threaded
from explorer.network.weightings import masses_by_link

NULL_KINDS = ("all", "nonzero")
_WHOLE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


@dataclass(frozen=True)
class Null:
    """Where a figure stands among its values on shuffled networks.

    Attributes
    ----------
    kind : {"all", "nonzero"}
        Whether all weights of a layer were shuffled, or only those that are not zero among
        themselves, which keeps the pattern of zeros.
    mean, std : float
        Of the figure over the shuffled networks.
    z : float
        (figure - mean) / std; NaN where the shuffled values do not vary.
    percentile : float
        Share of shuffled networks with a smaller value, ties counted half, times 100.
    count : int
        Number of shuffled networks.
    low, high : float
        Between these lie 95 % of the values on shuffled networks.
    """

    kind: str
    mean: float
    std: float
    z: float
    percentile: float
    count: int
    low: float
    high: float

    @property
    def p_value(self) -> float:
        """Chance of a value as large in a shuffled network: (1 + as large) / (1 + count).

        References
        ----------
        Phipson and Smyth (2010), Permutation p-values should never be zero, Stat. Appl. Genet.
        Mol. Biol. 9, 39.
        """
        return (1 + self.count * (1 - self.percentile / 100)) / (1 + self.count)


def compare_with_null(value: float, null_values: Floats, kind: str) -> Null:
    """Place a figure among its values on shuffled networks.

    Examples
    --------
    >>> null = compare_with_null(3.0, np.array([1.0, 2.0, 3.0, 2.0]), "all")
    >>> null.mean, round(null.z, 2), null.percentile
    (2.0, 1.22, 87.5)
    """
    known = null_values[np.isfinite(null_values)]
    if not len(known) or not np.isfinite(value):
        return Null(kind, np.nan, np.nan, np.nan, np.nan, len(known), np.nan, np.nan)
    mean, std = float(known.mean()), float(known.std(ddof=1)) if len(known) > 1 else 0.0
    # A spread at the level of rounding is none.
    z = (value - mean) / std if std > 1e-9 * max(1.0, abs(mean)) else float("nan")
    close = np.isclose(known, value, rtol=1e-9, atol=1e-12)
    below = float(((known < value) & ~close).mean() + 0.5 * close.mean())
    low, high = np.percentile(known, [2.5, 97.5]).tolist()
    return Null(kind, mean, std, z, 100.0 * below, len(known), low, high)


def shuffled_graphs(
    graph: NetworkGraph,
    count: int,
    kind: str = "all",
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Iterator[NetworkGraph]:
    """Graphs of shuffled networks, one by one.

    The weights of each layer change places (biases stay), and the graph is made anew by the same
    weighting, on the same data, and pruned in the same way. Of a network that streams (see
    ``Network.streams``) and is pruned, weights are shuffled link by link, and activity is that of
    the network as it is: running every shuffled network would take minutes. Of a graph that was not
    made from a network, the masses of each block change places.

    Weights are shuffled before pruning, since what pruning leaves is not spread as chance would
    spread it. Q_B of Gemma 3 270M in two modules, 32 edges a neuron, is .060. Weights shuffled
    before pruning give .045; its pruned masses, shuffled over all places, .071, and over those that
    are filled .068.

    Parameters
    ----------
    graph : NetworkGraph
    count : int
        How many to make.
    kind : {"all", "nonzero"}
        Shuffle all weights of a layer, or only the non-zero ones among their own places.
    seed : int
    progress : callable, optional
        Called with the share that is done of the graph under way; what it raises stops the work.

    Raises
    ------
    GraphError
        If the kind is unknown.

    References
    ----------
    Filan et al. (2021), Clusterability in neural networks, arXiv:2103.03386, shuffle in both ways.
    """
    if kind not in NULL_KINDS:
        raise GraphError(f"found shuffle {kind!r:.40}; expected one of {', '.join(NULL_KINDS)}")
    rng = np.random.default_rng([seed, NULL_KINDS.index(kind)])
    keep = None if graph.pruning is None else graph.pruning.keep
    for _ in range(count):
        checkpoint = graph.checkpoint
        if checkpoint is None:
            blocks = tuple(
                EdgeBlock(b.source, b.target, _shuffled(b.dense(), kind, rng))
                if not b.is_sparse
                else _scattered(b, kind, rng)
                for b in graph.blocks
            )
            yield NetworkGraph(graph.layers, blocks, graph.names, graph.weighting)
        elif checkpoint.network.streams and graph.pruning is not None:
            yield _streamed(graph, checkpoint.network, kind, rng, progress)
        else:
            weights: list[Tensor] = [
                torch.from_numpy(_shuffled(weight.detach().numpy(), kind, rng))
                for weight in checkpoint.network.matrices
            ]
            network = checkpoint.network.with_matrices(weights)
            shuffled = Checkpoint(checkpoint.name, network, checkpoint.task_name)
            with single_threaded():
                made = network_graph(shuffled, graph.weighting, keep, progress)
            yield made


def _streamed(
    graph: NetworkGraph,
    network: Network,
    kind: str,
    rng: np.random.Generator,
    progress: Callable[[float], None] | None,
) -> NetworkGraph:
    """Shuffle a network that streams; its whole weights are never copied."""
    assert graph.pruning is not None
    seeds = rng.integers(2**63, size=len(network.matrices), dtype=np.uint64)

    def change(place: int, weight: Tensor) -> Tensor:
        moved = weight.detach().clone(memory_format=torch.contiguous_format)
        # As whole numbers: numpy knows no bfloat16.
        values = moved.view(_WHOLE[moved.element_size()]).numpy().reshape(-1)
        if kind == "all":
            shuffle(values, seeds[place])
        else:
            places = torch.nonzero(moved.reshape(-1))[:, 0].numpy()
            chosen = values[places]
            shuffle(chosen, seeds[place])
            values[places] = chosen
        return moved

    masses = masses_by_link(network, graph.weighting, graph.activity, change)
    blocks, pruning = pruned_blocks(network, masses, graph.pruning.keep, progress)
    return NetworkGraph(graph.layers, blocks, graph.names, graph.weighting, pruning=pruning)


def _scattered(block: EdgeBlock, kind: str, rng: np.random.Generator) -> EdgeBlock:
    """Shuffle the masses of a sparse block: over all places, or among those that are filled."""
    target, source, mass = block.coordinates()
    rows, columns = block.shape
    if kind == "all":
        places = rng.choice(rows * columns, len(mass), replace=False)
        target, source = np.divmod(places, columns)
    else:
        mass = rng.permutation(mass)
    return sparse_block(block.source, block.target, block.shape, target, source, mass)


def _shuffled(values: Floats, kind: str, rng: np.random.Generator) -> Floats:
    flat = values.reshape(-1).copy()
    places = np.arange(len(flat)) if kind == "all" else np.flatnonzero(flat)
    flat[places] = flat[rng.permutation(places)]
    return flat.reshape(values.shape)
