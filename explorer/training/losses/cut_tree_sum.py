"""The sum of all cuts in the neurons' cut tree: kept to show why it does not work."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from explorer.modularity.cut_tree.differentiable import CutValues
from explorer.network.architectures import Activity, Network
from explorer.network.graph import Floats, Ints, NetworkGraph
from explorer.training.config import TrainingConfig
from explorer.training.losses.base import ModularityLoss, Penalty


class CutTreeSum(ModularityLoss):
    r"""Penalty: the sum of the tree's cut values over its value when the penalty set in.

    The tree T is the exact Gomory-Hu tree of the neurons, capacities |W_ij|; it is computed anew at
    every refresh and held fixed in between.

    **It is L1 on a star.** Write S_e for one side of the tree edge e = (a, b), so that its cut is
    c_e = sum of |W_ij| over the graph's edges with one end in S_e. Then

        sum_e c_e = sum_ij |W_ij| d_T(i, j),

    where d_T(i, j) is the number of tree edges on the path from i to j.

    *Proof.* Removing e from T leaves the sides S_e and its complement. The tree path from i to j
    uses e if and only if i and j lie on different sides: a path that stays on one side cannot use
    e, and one that changes sides must, since e is the only tree edge between them, and a path uses
    no edge twice. So |W_ij| counts in c_e for exactly the d_T(i, j) edges e on that path; exchange
    the two sums. If T is a star with centre r, then d_T(i, j) = 2 unless r is one of the two, where
    it is 1, hence

        sum_e c_e = 2 sum_ij |W_ij| - sum_j |W_rj|.

    That is L1 up to a factor of 2 and one neuron. The tree of a trained network *is* nearly a star:
    its minimum cuts isolate single neurons. On masses that add up to 1 the same sum is a constant
    minus the mass at r, with no gradient worth its name, so that |W| itself is taken here.

    References
    ----------
    Gomory and Hu (1961), Multi-terminal network flows, J. SIAM 9, 551-570.
    """

    title: ClassVar[str] = "Sum of the neurons' cut tree (equal to L1 on a star)"
    summary: ClassVar[str] = (
        "Shrinks all minimum cuts between neurons. Trees of networks are nearly stars, and on a "
        "star this is L1: see the proof in the code."
    )

    def __init__(self, config: TrainingConfig, network: Network) -> None:
        super().__init__(config, network)
        self.network = network
        starts = np.cumsum([0, *self.sizes])
        sources, targets = [], []
        for source, target in self.links:
            rows, columns = np.indices((self.sizes[target], self.sizes[source])).reshape(2, -1)
            sources.append(columns + starts[source])
            targets.append(rows + starts[target])
        self.cuts = CutValues(int(starts[-1]), np.concatenate(sources), np.concatenate(targets))
        self.scale = 0.0

    def refresh(self, graph: NetworkGraph, slopes: Floats | None = None) -> None:
        """Compute the tree of the network as it is, and find the partition to show."""
        super().refresh(graph, slopes)
        with torch.no_grad():
            capacity = self._capacity(self.network)
            self.cuts.refresh(capacity)
            if not self.scale:
                self.scale = float(self.cuts(capacity).sum()) or 1.0

    def penalty(self, masses: Sequence[Tensor], network: Network) -> Tensor:
        """Sum of the values of the tree's cuts, 1 when the penalty set in."""
        return self.cuts(self._capacity(network)).sum() / self.scale

    def of_network(self, network: Network, activity: Activity | None, strength: float) -> Penalty:
        """The same, without the masses that it does not need."""
        value = self.penalty((), network)
        return Penalty(float(value.detach()), (value,), (torch.full_like(value, strength),))

    def state(self) -> dict[str, Tensor]:
        """What must be kept to go on exactly: the scale and the tree."""
        kept = super().state() | {"scale": torch.tensor(self.scale, dtype=torch.float64)}
        if self.cuts.parent is not None:
            kept["parent"] = torch.from_numpy(self.cuts.parent.copy())
        return kept

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what ``state`` gave."""
        super().restore(state)
        self.scale = float(state["scale"])
        self.cuts.parent = state["parent"].numpy().copy() if "parent" in state else None

    def _capacity(self, network: Network) -> Tensor:
        return torch.cat([edges.reshape(-1) for edges in network.magnitudes()])


def hop_distances(parent: Ints) -> Ints:
    """Count the tree edges between every two nodes, shape (nodes, nodes).

    Examples
    --------
    >>> hop_distances(np.array([-1, 0, 0])).tolist()
    [[0, 1, 1], [1, 0, 2], [1, 2, 0]]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import shortest_path

    child = np.flatnonzero(parent >= 0)
    tree = coo_array((np.ones(len(child)), (child, parent[child])), shape=(len(parent),) * 2)
    hops = shortest_path(tree.tocsr(), directed=False, unweighted=True)
    return np.asarray(hops, dtype=np.int64)
