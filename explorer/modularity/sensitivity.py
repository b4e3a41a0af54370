"""How far the figures of a pruned graph depend on how much of the network it keeps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from explorer.errors import PartitionError
from explorer.modularity.agreement import adjusted_mutual_information
from explorer.modularity.cut_tree import gomory_hu_tree
from explorer.modularity.layered import layered_modularity, maximise_layered_modularity
from explorer.modularity.partition import Partition
from explorer.modularity.side_by_side import side_by_side
from explorer.network.checkpoint import Checkpoint
from explorer.network.graph import network_graph, part_of


@dataclass(frozen=True)
class SensitivityRow:
    """A graph of the same network that keeps another share of its edges.

    Attributes
    ----------
    keep : int or float
        Edges that every neuron keeps, or share of the mass; see ``Pruning``.
    edges : int
        Edges of the graph.
    mass : float
        Share of the mass that they hold, averaged over blocks.
    q_b : float
        Layered modularity of the given partition in this graph.
    own_q_b : float
        That of the best partition into as many modules that is found in this graph.
    agreement : float
        Adjusted mutual information of the two partitions: 1 if they are the same, 0 if they agree
        no more than chance would have them.
    trivial_share : float
        Share of the cuts in this graph's cut tree that isolate one neuron.
    """

    keep: int | float
    edges: int
    mass: float
    q_b: float
    own_q_b: float
    agreement: float
    trivial_share: float


def sensitivity(
    checkpoint: Checkpoint,
    partition: Partition,
    keeps: Sequence[int | float] = (16, 32, 64),
    progress: Callable[[float], None] | None = None,
    seed: int = 0,
) -> tuple[SensitivityRow, ...]:
    """Measure one partition in graphs that keep more and less of the network.

    Parameters
    ----------
    checkpoint : Checkpoint
    partition : Partition
        Of a graph of this network, in whatever way it is pruned; its weighting is that of all
        graphs here.
    keeps : sequence of int or float
        What to keep of the network; see ``Pruning``. Of a network of tens of millions of weights a
        share of .98 means nearly all of them, and minutes.
    progress : callable, optional
        Called with the share that is done; what it raises stops the work.
    seed : int
        Of the search for each graph's own partition.

    Returns
    -------
    tuple of SensitivityRow
        One for each of ``keeps``.

    Raises
    ------
    PartitionError
        If the partition is that of another network.

    Examples
    --------
    >>> from explorer import find_modules, load, network_graph
    >>> network = load("xor4-modular")
    >>> rows = sensitivity(network, find_modules(network_graph(network), k=4), keeps=(2, 4))
    >>> rows[0].edges < rows[1].edges, round(rows[1].agreement, 2)
    (True, 1.0)
    """
    known = partition.graph
    if known.checkpoint_id != checkpoint.id:
        raise PartitionError(
            f"found a partition of the network {known.checkpoint_id}; expected one of "
            f"{checkpoint.id}"
        )

    def row(keep: int | float, told: Callable[[float], None]) -> SensitivityRow:
        making, searching = part_of(told, 0.0, 0.5), part_of(told, 0.5, 0.9)
        graph = network_graph(checkpoint, known.weighting, keep, making, known.activity)
        # A node that keeps no edge here belongs to no module here.
        labels = np.where(graph.degrees > 0, partition.labels, -1)
        own = maximise_layered_modularity(
            graph, max(partition.count, 1), seed=seed, progress=searching
        )
        made = SensitivityRow(
            keep=keep,
            edges=graph.edge_count,
            mass=1.0 if graph.pruning is None else graph.pruning.mass,
            q_b=layered_modularity(graph, labels),
            own_q_b=layered_modularity(graph, own),
            agreement=adjusted_mutual_information(labels, own),
            trivial_share=gomory_hu_tree(graph).trivial_share,
        )
        told(1.0)
        return made

    rows = [partial(row, keep) for keep in keeps]
    return tuple(side_by_side(rows, progress, threads=2 if known.is_large else 1))
